import pytest
import torch
from torch.distributions import Beta, Normal
from transformers import AutoModel, BertConfig, RobertaConfig

from lance_graph.detector.config import LanceDetectorConfig
from lance_graph.detector.model import LanceDetector, pool

B, T, K, Z, H = 3, 7, 14, 32, 16


def new_model(**options):
    encoder = BertConfig(
        vocab_size=50,
        hidden_size=H,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=32,
    )
    torch.manual_seed(0)
    return LanceDetector(LanceDetectorConfig(encoder=encoder.to_dict(), **options))


@pytest.fixture
def batch():
    ids = torch.randint(5, 50, (B, T), generator=torch.Generator().manual_seed(1))
    mask = torch.ones(B, T, dtype=torch.long)
    mask[0, 4:] = 0
    return {"input_ids": ids, "attention_mask": mask, "token_type_ids": torch.zeros_like(ids)}


def test_the_output_holds_distributions_of_the_right_shape(batch):
    output = new_model().eval()(**batch)
    semantic, rejection = output.semantic, output.rejection
    assert isinstance(semantic, Normal) and semantic.mean.shape == (B, Z)
    assert isinstance(rejection, Beta) and rejection.mean.shape == (B, K)
    assert rejection.sample((2,)).shape == (2, B, K) and semantic.stddev.min() > 0
    assert ((rejection.mean > 0) & (rejection.mean < 1)).all()
    assert output.loss is None and output.terms is None


def test_the_output_is_what_the_heads_make_of_the_feature(batch):
    model = new_model().eval()
    h = model.encode(**batch)
    output = model(**batch)
    assert h.shape == (B, H)
    torch.testing.assert_close(output.rejection.mean, model.rejection(h).mean)
    torch.testing.assert_close(output.semantic.scale, model.semantic(h).scale)


@pytest.mark.parametrize("sizes", [{"semantic_size": 3}, {"categories": ["a", "b"]}])
def test_sizes_are_the_configs(batch, sizes):
    model = new_model(**sizes).eval()
    output = model(**batch)
    assert output.semantic.loc.shape[1] == sizes.get("semantic_size", Z)
    assert output.rejection.mean.shape[1] == len(sizes.get("categories", range(K)))


@pytest.mark.parametrize("floor", [0.001, 0.05, 1.0])
def test_the_floor_bounds_both_shape_parameters(batch, floor):
    output = new_model(beta_floor=floor).eval()(**batch)
    assert output.alpha.min() >= floor and output.beta.min() >= floor


@pytest.mark.parametrize("pooling", ["mean", "first"])
def test_padding_changes_nothing(batch, pooling):
    model = new_model(pooling=pooling).eval()
    whole = model(**batch)
    alone = model(**{name: value[:1, :4] for name, value in batch.items()})
    torch.testing.assert_close(whole.alpha[:1], alone.alpha, rtol=1e-4, atol=1e-5)


def test_pooling_is_the_first_state_or_the_mean_of_the_real_ones():
    states = torch.randn(1, 3, H)
    mask = torch.tensor([[1, 1, 0]])
    torch.testing.assert_close(pool(states, mask, "first"), states[:, 0])
    torch.testing.assert_close(pool(states, mask, "mean"), states[:, :2].mean(1))
    assert pool(states, torch.zeros_like(mask), "mean").isfinite().all()


def test_inference_is_deterministic(batch):
    model = new_model().eval()
    torch.testing.assert_close(model(**batch).alpha, model(**batch).alpha, rtol=0, atol=0)


def test_a_saved_model_is_the_same_model(tmp_path, batch):
    model = new_model(any_risk="noisy_or", semantic_size=5, loss_weights=(1, 2, 3, 4)).eval()
    model.save_pretrained(tmp_path)
    loaded = AutoModel.from_pretrained(tmp_path).eval()
    assert isinstance(loaded, LanceDetector)
    assert {path.suffix for path in tmp_path.iterdir()} == {".json", ".safetensors"}
    assert loaded.config.any_risk == "noisy_or" and tuple(loaded.config.loss_weights) == (
        1,
        2,
        3,
        4,
    )
    torch.testing.assert_close(loaded(**batch).alpha, model(**batch).alpha, rtol=0, atol=0)


def test_it_survives_saving_in_half_precision(tmp_path, batch):
    model = new_model().eval()
    expected = model(**batch).alpha
    model.half().save_pretrained(tmp_path)
    loaded = LanceDetector.from_pretrained(tmp_path, dtype=torch.float32).eval()
    torch.testing.assert_close(loaded(**batch).alpha, expected, rtol=1e-2, atol=1e-2)


@pytest.mark.parametrize("name", ["pooling", "any_risk", "any_risk_rows", "auxiliary"])
def test_a_wrong_choice_is_named(name):
    with pytest.raises(ValueError, match=f"{name} is 'nonsense'; it must be one of '"):
        LanceDetectorConfig(**{name: "nonsense"})


def test_an_encoder_without_segments_takes_pairs(batch):
    encoder = RobertaConfig(
        vocab_size=50,
        hidden_size=H,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=40,
        type_vocab_size=1,
    )
    model = LanceDetector(LanceDetectorConfig(encoder=encoder.to_dict(), pooling="first")).eval()
    batch["token_type_ids"][:, 4:] = 1
    assert model(**batch).rejection.mean.shape == (B, K)
