import pytest
import torch
from transformers import AutoModel, AutoTokenizer, BertConfig

from lance_graph.categories import KEYS
from lance_graph.detector.classifier import RiskClassifier
from lance_graph.detector.config import RiskClassifierConfig
from lance_graph.detector.detector import RiskDetector
from lance_graph.training.objectives import objective

NAN = float("nan")
K = len(KEYS)


@pytest.fixture
def model(tiny_checkpoint):
    encoder = AutoModel.from_pretrained(tiny_checkpoint).config.encoder
    torch.manual_seed(0)
    return RiskClassifier(RiskClassifierConfig(encoder=encoder, max_tokens=64))


@pytest.fixture
def batch():
    ids = torch.randint(5, 40, (3, 6), generator=torch.Generator().manual_seed(1))
    return {"input_ids": ids, "attention_mask": torch.ones_like(ids)}


@pytest.fixture
def targets():
    labels = torch.randint(2, (3, K), generator=torch.Generator().manual_seed(2)).float()
    return {"labels": labels, "label_mask": torch.ones(3, K), "unsafe": labels.amax(-1)}


def test_its_degrees_are_a_sigmoid_of_one_linear_layer(model, batch):
    output = model.eval()(**batch)
    p = torch.sigmoid(model.head(model.encode(**batch)))
    torch.testing.assert_close(output.rejection.mean, p)
    assert output.rejection.stddev.max() < 0.005  # next to no spread: a point estimate
    assert output.loss is None


def test_it_has_no_semantic_latent(model, batch):
    with pytest.raises(AssertionError, match="no semantic latent"):
        _ = model(**batch).semantic


def test_its_loss_is_torchs_and_that_of_the_binary_label(model, batch, targets):
    output = model.eval()(**batch, **targets, objective=objective)
    p = output.rejection.mean
    bce = torch.nn.functional.binary_cross_entropy(p, targets["labels"])
    torch.testing.assert_close(output.terms["bce"], bce, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(
        output.loss.detach(), output.terms["bce"] + output.terms["any_bce"], rtol=1e-5, atol=1e-5
    )


def test_unknown_labels_train_nothing(model, batch, targets):
    targets["label_mask"].zero_()
    targets["unsafe"].fill_(NAN)
    assert model(**batch, **targets, objective=objective).loss == 0


def test_it_takes_the_detectors_keywords(model, batch, targets):
    """One trainer serves both: what a classifier has no use for changes nothing."""
    model.eval()
    assert (
        model(**batch, **targets, objective=objective, kl_scale=0.1).loss
        == model(**batch, **targets, objective=objective).loss
    )


def test_training_fits_the_labels(model, batch, targets):
    model.eval()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    for _ in range(150):
        optimizer.zero_grad()
        model(**batch, **targets, objective=objective).loss.backward()
        optimizer.step()
    degrees = model(**batch).rejection.mean
    assert ((degrees > 0.5).float() == targets["labels"]).float().mean() > 0.9


def test_a_saved_classifier_scores_texts(model, tiny_checkpoint, tmp_path):
    model.save_pretrained(tmp_path)
    AutoTokenizer.from_pretrained(tiny_checkpoint).save_pretrained(tmp_path)
    detector = RiskDetector.from_pretrained(tmp_path)
    assert isinstance(detector.model, RiskClassifier)
    (score,) = detector.score([("how do I bake bread", "in the oven")])
    assert tuple(score.mean) == KEYS and 0 < score.max_risk < 1
    assert max(score.std.values()) < 0.005
    low, high = score.interval(0.9)[KEYS[0]]
    assert low < score.mean[KEYS[0]] < high < low + 0.02


def test_what_is_no_detector_is_refused(tiny_checkpoint, tmp_path):
    bert = BertConfig(
        vocab_size=90,
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
    )
    AutoModel.from_config(bert).save_pretrained(tmp_path)
    AutoTokenizer.from_pretrained(tiny_checkpoint).save_pretrained(tmp_path)
    with pytest.raises(ValueError, match="no LANCE detector but a model of type 'bert'"):
        RiskDetector.from_pretrained(tmp_path)
