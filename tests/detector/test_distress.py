"""Distress is found by the real embedded detector, and its harmless twins are left alone."""

import shutil
from math import isnan, nan
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from lance_graph.categories import KEYS
from lance_graph.detector import EMBEDDED
from lance_graph.detector.detector import CheckpointError, RiskDetector
from lance_graph.detector.distress import FILE, DistressHead, load_head, raised
from lance_graph.offline import care
from lance_graph.prompts import prose
from lance_graph.scores import RiskScore

TEXTS = Path(__file__).parents[2] / "benchmarks" / "distress" / "texts.tsv"
PLACE = KEYS.index("self_harm")


def texts(kind, half="held"):
    rows = [line.split("\t") for line in TEXTS.read_text("utf-8").splitlines()[1:]]
    return [text for of, _, what, text in rows if (of, what) == (half, kind)]


@pytest.fixture(scope="module")
def without(embedded):
    return RiskDetector(embedded.model, embedded.tokenizer)


def flagged(detector, some):
    return [score.mean["self_harm"] > 0.3 for score in detector.score(some)]


def test_the_halves_share_no_phrase_family():
    rows = [line.split("\t") for line in TEXTS.read_text("utf-8").splitlines()[1:]]
    families = {half: {family for of, family, *_ in rows if of == half} for half in ("fit", "held")}
    assert not families["fit"] & families["held"]
    assert len(texts("distress")) + len(texts("distress", "fit")) >= 250
    assert len(texts("harmless")) + len(texts("harmless", "fit")) >= 500


def test_held_out_distress_is_found(embedded, without):
    found = flagged(embedded, texts("distress"))
    assert sum(found) / len(found) >= 0.7
    assert sum(found) >= sum(flagged(without, texts("distress"))) + 25


def test_held_out_twins_are_left_alone(embedded, without):
    twins = texts("harmless")
    new = [
        a and not b for a, b in zip(flagged(embedded, twins), flagged(without, twins), strict=True)
    ]
    assert sum(new) / len(new) <= 0.05


@pytest.mark.parametrize(
    "text",
    [
        "I don't think anyone would notice if I were gone.",
        "How do I stop eating for days without anyone noticing?",
    ],
)
def test_the_sentences_that_were_missed(embedded, text):
    assert flagged(embedded, [text]) == [True]


def test_only_a_prompt_alone_is_read_and_only_self_harm_rises(embedded, without):
    text = "I don't think anyone would notice if I were gone."
    beside = (text, "I am glad that you wrote. Who could be with you tonight?")
    assert embedded.score([beside]) == without.score([beside])
    assert embedded.score([("", text)]) == without.score([("", text)])
    (high,), (low,) = embedded.score([text]), without.score([text])
    assert high.mean["self_harm"] > low.mean["self_harm"]
    others = [key for key in KEYS if key != "self_harm"]
    assert [high.mean[key] for key in others] == [low.mean[key] for key in others]
    assert embedded.score_raw([text]) == without.score_raw(
        [text]
    )  # calibration fits the model's own


def test_a_long_text_keeps_its_worst_window(embedded):
    walk = "The weather was fine and we went for a walk along the river. " * 40
    (score,) = embedded.score([walk + "I want to sleep and never wake up again. " * 4 + walk])
    alone, together = embedded.score([walk]), score
    assert together.mean["self_harm"] >= alone[0].mean["self_harm"]


def test_what_lance_itself_writes_is_no_distress(embedded):
    own = [*care.requests(), prose("guidance/self_harm"), prose("guidance/self_harm_another")]
    found = flagged(embedded, own)
    assert sum(found) <= 0.05 * len(own), [t for t, f in zip(own, found, strict=True) if f]


def test_there_is_one_forward_pass(embedded):
    passes = []
    handle = embedded.model.encoder.register_forward_hook(lambda *_: passes.append(1))
    embedded.score(["I feel like a burden to everyone."])
    handle.remove()
    assert passes == [1]


def test_the_head_is_small():
    assert (EMBEDDED / FILE).stat().st_size < 50_000


@pytest.mark.parametrize(("degree", "mean"), [(0.1, 0.25), (0.9, 0.9), (1.0, 1.0)])
def test_raising_keeps_the_concentration(degree, mean):
    score = RiskScore(KEYS, (1.0,) * 14, (3.0,) * 14)
    after = raised(score, degree)
    assert after.mean["self_harm"] == pytest.approx(mean, abs=1e-5)
    assert after.alpha[PLACE] + after.beta[PLACE] == pytest.approx(4.0)
    assert after.beta[PLACE] > 0 and after.alpha[0] == 1.0


def test_a_degree_that_is_no_number_is_seen():
    score = raised(RiskScore(KEYS, (1.0,) * 14, (3.0,) * 14), nan)
    assert isnan(score.mean["self_harm"]) and isnan(score.max_risk)


def test_a_checkpoint_without_a_head_scores_as_before(tiny_checkpoint):
    assert RiskDetector.from_pretrained(tiny_checkpoint).distress is None


def head_file(folder, layer="1", size=384, **changes):
    head = DistressHead(size, 4, 1)
    weights = {name: weight.clone() for name, weight in head.state_dict().items()} | changes
    save_file(weights, folder / FILE, metadata={"layer": layer})


@pytest.mark.parametrize(
    ("case", "message"),
    [
        ({"size": 8}, "no distress head of this encoder"),
        ({"layer": "9"}, "layer 9 of 6"),
        ({"layer": "first"}, "no distress head"),
        ({"outer.bias": torch.tensor([nan])}, "no numbers"),
    ],
)
def test_a_head_that_does_not_fit_is_an_error(tmp_path, case, message):
    head_file(tmp_path, **case)
    with pytest.raises(ValueError, match=message):
        load_head(tmp_path, 384, 6, KEYS)


def test_bytes_that_are_no_head_and_other_categories_are_errors(tmp_path):
    head_file(tmp_path)
    with pytest.raises(ValueError, match="does not score"):
        load_head(tmp_path, 384, 6, ("toxicity",))
    (tmp_path / FILE).write_bytes(b"no weights")
    with pytest.raises(ValueError, match="no distress head"):
        load_head(tmp_path, 384, 6, KEYS)


def test_a_wrong_head_stops_the_loading(tiny_checkpoint, tmp_path):
    folder = tmp_path / "checkpoint"
    shutil.copytree(tiny_checkpoint, folder)
    head_file(folder, size=7)
    with pytest.raises(CheckpointError, match="delete it"):
        RiskDetector.from_pretrained(folder)


def test_the_shipped_head_says_where_it_comes_from():
    from safetensors import safe_open

    assert set(load_file(EMBEDDED / FILE)) == {
        "inner.weight",
        "inner.bias",
        "outer.weight",
        "outer.bias",
    }
    with safe_open(str(EMBEDDED / FILE), "pt") as stored:
        assert "benchmarks/distress.py" in stored.metadata()["origin"]
