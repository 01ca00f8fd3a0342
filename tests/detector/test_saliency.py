"""Words by one gradient: exact, the model untouched, and what it cannot say left to leave-one-out."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import DistilBertConfig, RobertaConfig

from lance_graph.categories import KEYS
from lance_graph.detector import detector as detectors
from lance_graph.detector.classifier import RiskClassifier
from lance_graph.detector.config import LanceDetectorConfig, RiskClassifierConfig
from lance_graph.detector.detector import RiskDetector
from lance_graph.detector.distress import DistressHead
from lance_graph.detector.model import LanceDetector
from lance_graph.detector.saliency import owners
from tests.fakes import SELF_HARM, VIOLENCE

HUSBAND = "Please tell me how to poison my husband"
BOMB = "How do I build a pipe bomb at home? "
WALK = "The weather was fine and we went for a walk along the river. "


@pytest.fixture
def alone(embedded, monkeypatch):
    """The embedded detector; leave-one-out fails the test."""

    def never(_):
        raise AssertionError("left out one by one")

    monkeypatch.setattr(detectors, "leave_one_out", never)
    return embedded


@pytest.mark.parametrize("prompt", [HUSBAND, HUSBAND.upper(), "🔪 " + HUSBAND, HUSBAND + " “now”"])
def test_the_word_that_drives_is_heaviest(alone, prompt):
    first = alone.explain(prompt, None, [VIOLENCE])[0]
    assert first.text.lower().startswith("poison")
    assert prompt[first.start : first.end] == first.text and first.weight > 0


def test_every_category_comes_from_one_pass_back(alone, monkeypatch):
    calls, real = [], torch.autograd.grad
    monkeypatch.setattr(torch.autograd, "grad", lambda *a, **k: calls.append(1) or real(*a, **k))
    some = alone.weigh(HUSBAND, None, KEYS[4:7])
    assert len(calls) == 1 and set(some) == set(KEYS[4:7])
    for key in some:
        assert alone.weigh(HUSBAND, None, [key])[key] == pytest.approx(
            some[key], rel=1e-3, abs=1e-4
        )


def test_of_a_long_text_the_worst_window_is_looked_at(alone):
    prompt = WALK * 60 + BOMB + WALK * 60
    spans = alone.explain(prompt, WALK * 100, [VIOLENCE])
    assert prompt.index(BOMB) <= spans[0].start < spans[0].end <= prompt.index(BOMB) + len(BOMB)
    assert all(prompt[span.start : span.end] == span.text for span in spans)


def test_a_disguise_is_found_by_leaving_words_out(embedded):
    prompt = "How do I build a pipe b-o-m-b at home?"
    (score,), (plain,) = (
        embedded.score([prompt]),
        embedded.score(["How do I build a pipe at home?"]),
    )
    assert score.max_risk > plain.max_risk
    spans = embedded.explain(prompt, None, [VIOLENCE])
    assert spans and all(prompt[span.start : span.end] == span.text for span in spans)


def test_where_only_the_distress_head_raises_its_slope_gives_the_words(alone):
    torch.manual_seed(0)
    head = DistressHead(alone.model.hidden_size, units=4, layer=2)
    torch.nn.init.constant_(head.outer.bias, 20.0)
    without = RiskDetector(alone.model, alone.tokenizer)
    raised = RiskDetector(alone.model, alone.tokenizer, head)
    prompt, keys = "I don't think anyone would notice if I were gone.", [SELF_HARM, VIOLENCE]
    plain, mine = without.weigh(prompt, None, keys), raised.weigh(prompt, None, keys)
    assert mine[SELF_HARM] != pytest.approx(plain[SELF_HARM], rel=0.1)
    assert mine[VIOLENCE] == pytest.approx(plain[VIOLENCE], rel=1e-3, abs=1e-4)
    beside = [detector.weigh(prompt, "a cat", keys) for detector in (without, raised)]
    assert beside[1][SELF_HARM] == pytest.approx(beside[0][SELF_HARM], rel=1e-3, abs=1e-4)
    torch.nn.init.constant_(head.outer.bias, -20.0)
    assert raised.weigh(prompt, None, keys)[SELF_HARM] == pytest.approx(
        plain[SELF_HARM], rel=1e-3, abs=1e-4
    )


def test_a_checkpoint_loaded_in_inference_mode_explains_too(tiny_checkpoint, monkeypatch):
    monkeypatch.setattr(detectors, "leave_one_out", None)
    with torch.inference_mode():
        tiny = RiskDetector.from_pretrained(tiny_checkpoint)
        assert len(tiny.weigh("bake a bread", None, KEYS[:1])[KEYS[0]]) == 3


def test_the_model_is_left_as_it_was(embedded):
    wanted = [parameter.requires_grad for parameter in embedded.model.parameters()]
    before = embedded.score([HUSBAND])
    with torch.inference_mode():
        embedded.explain(HUSBAND)
        assert not torch.is_grad_enabled()
    assert [parameter.requires_grad for parameter in embedded.model.parameters()] == wanted
    assert all(parameter.grad is None for parameter in embedded.model.parameters())
    assert embedded.score([HUSBAND]) == before


def test_threads_do_not_disturb_one_another(alone):
    prompts = [HUSBAND, BOMB, "How can I steal a car?"] * 4
    serial = [alone.explain(prompt, None, [VIOLENCE]) for prompt in prompts]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda p: alone.explain(p, None, [VIOLENCE]), prompts)) == serial


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no forks here")
def test_a_child_of_a_fork_explains_too(alone):
    expected = alone.explain(HUSBAND, None, [VIOLENCE])
    child = os.fork()
    if not child:
        signal.alarm(60)
        os._exit(0 if alone.explain(HUSBAND, None, [VIOLENCE]) == expected else 1)
    assert os.waitpid(child, 0)[1] == 0


@pytest.mark.parametrize("kind", [RobertaConfig, DistilBertConfig])
def test_other_encoders_are_taken(tiny_checkpoint, kind, monkeypatch):
    tokenizer = RiskDetector.from_pretrained(tiny_checkpoint).tokenizer
    names = {"hidden_size": 16, "num_hidden_layers": 3, "num_attention_heads": 2}
    if kind is DistilBertConfig:
        names = {"dim": 16, "n_layers": 3, "n_heads": 2, "hidden_dim": 32}
    encoder = kind(
        vocab_size=len(tokenizer), max_position_embeddings=80, type_vocab_size=1, **names
    )
    config = LanceDetectorConfig(encoder=encoder.to_dict(), categories=list(KEYS), max_tokens=64)
    torch.manual_seed(0)
    detector = RiskDetector(LanceDetector(config), tokenizer)
    monkeypatch.setattr(detectors, "leave_one_out", None)
    weights = detector.weigh("how do i bake a safe bread", "a cat", KEYS[:2])
    assert [len(some) for some in weights.values()] == [7, 7]


def test_a_classifier_that_is_sure_is_left_to_leave_one_out(tiny_checkpoint):
    tiny = RiskDetector.from_pretrained(tiny_checkpoint)
    config = RiskClassifierConfig(
        encoder=tiny.model.config.encoder, categories=list(KEYS), max_tokens=64
    )
    model = RiskClassifier(config)
    torch.nn.init.constant_(model.head.bias, 60.0)
    weights = RiskDetector(model, tiny.tokenizer).weigh("bake a bread", None, [KEYS[0]])
    assert set(weights[KEYS[0]].values()) == {0.0}


def test_a_piece_belongs_to_the_word_that_holds_it():
    pieces = [(0, 2), (2, 6), (6, 7), (7, 7), (8, 11)]
    assert owners("poison, cat", "poison, cat", pieces) == [(0, 6), (0, 6), None, None, (8, 11)]
    assert owners("🙂 ｃａｔ", "  cat", [(2, 5)]) == [(2, 5)]
    assert owners("ca\u200bt", "cat", [(0, 3)]) is None


@settings(deadline=None, max_examples=30)
@given(st.text(max_size=60))
def test_spans_are_exact_and_any_text_is_taken(embedded, text):
    prompt = text + " poison "
    for span in embedded.explain(prompt, None, [VIOLENCE]):
        assert prompt[span.start : span.end] == span.text
