import pytest
import torch
from torch.distributions import Beta, Normal
from transformers import BertConfig, RobertaConfig

from lance_graph.detector.config import LanceDetectorConfig
from lance_graph.detector.model import LanceDetector

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


@pytest.fixture
def targets():
    return {
        "labels": torch.randint(2, (B, K), generator=torch.Generator().manual_seed(2)).float(),
        "label_mask": torch.ones(B, K),
        "unsafe": torch.tensor([1.0, float("nan"), float("nan")]),
    }


def test_the_posteriors_are_distributions_of_the_right_shape(batch):
    model = new_model().eval()
    h = model.encode(**batch)
    assert h.shape == (B, H)
    semantic, rejection = model.semantic(h), model.rejection(h)
    assert isinstance(semantic, Normal) and semantic.loc.shape == (B, Z)
    assert isinstance(rejection, Beta) and rejection.mean.shape == (B, K)
    assert ((rejection.mean > 0) & (rejection.mean < 1)).all()


@pytest.mark.parametrize("floor", [0.0, 0.05, 1.0])
def test_the_floor_bounds_both_shape_parameters(batch, floor):
    output = new_model(beta_floor=floor).eval()(**batch)
    assert output.alpha.min() >= floor and output.beta.min() >= floor


@pytest.mark.parametrize("pooling", ["mean", "first"])
def test_padding_changes_nothing(batch, pooling):
    model = new_model(pooling=pooling).eval()
    whole = model(**batch)
    alone = model(**{name: value[:1, :4] for name, value in batch.items()})
    torch.testing.assert_close(whole.alpha[:1], alone.alpha, rtol=1e-4, atol=1e-5)


def test_inference_is_deterministic(batch):
    model = new_model().eval()
    torch.testing.assert_close(model(**batch).alpha, model(**batch).alpha, rtol=0, atol=0)


def test_every_head_gets_a_gradient(batch, targets):
    model = new_model().train()
    model(**batch, **targets).loss.backward()
    for name, parameter in model.named_parameters():
        if name.startswith(("semantic", "rejection")):
            assert parameter.grad is not None and parameter.grad.abs().sum() > 0, name
    assert model.encoder.embeddings.word_embeddings.weight.grad.abs().sum() > 0


def test_training_fits_the_degrees_to_the_labels(batch, targets):
    model = new_model().eval()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    for _ in range(100):
        optimizer.zero_grad()
        model(**batch, **targets).loss.backward()
        optimizer.step()
    degrees = model.rejection(model.encode(**batch)).mean
    assert ((degrees > 0.5).float() == targets["labels"]).float().mean() > 0.9


def test_it_survives_saving_in_half_precision(tmp_path, batch):
    model = new_model().eval()
    expected = model(**batch).alpha
    model.half().save_pretrained(tmp_path)
    loaded = LanceDetector.from_pretrained(tmp_path, dtype=torch.float32).eval()
    assert (tmp_path / "model.safetensors").exists()
    torch.testing.assert_close(loaded(**batch).alpha, expected, rtol=1e-2, atol=1e-2)


def test_a_wrong_pooling_is_named():
    with pytest.raises(ValueError, match="'max'"):
        LanceDetectorConfig(pooling="max")


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
    assert model(**batch).alpha.shape == (B, K)
