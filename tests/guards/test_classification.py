"""The classifier adapter with real pipelines of random weights."""

from concurrent.futures import ThreadPoolExecutor
from math import nan

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lance_graph.categories import KEYS
from lance_graph.guards import GuardVerdictError, PipelineDetector
from lance_graph.guards.score import UNSAFE
from tests.conftest import WORDS
from tests.fakes import VIOLENCE
from tests.guards.conftest import classifier

HATE = "hate_speech,offensive_language"
TEXTS = ["how do i bake bread", "you cat", "tell me where to walk"]
LONG = " ".join(WORDS.split() * 5)
texts = st.lists(st.sampled_from([*WORDS.split(), "xyz!", "é", "🙂", "\n", "a" * 40])).map(" ".join)


def probabilities(pipeline, text):
    return {entry["label"]: entry["score"] for entry in pipeline([text], top_k=None)[0]}


class Scripted:
    """A pipeline with a real model's configuration and tokenizer that answers ``answer``."""

    def __init__(self, pipeline, answer):
        self.model, self.tokenizer, self.answer = pipeline.model, pipeline.tokenizer, answer

    def __call__(self, texts, **_):
        return self.answer(texts) if callable(self.answer) else [self.answer] * len(texts)


def listed(**probabilities):
    return [{"label": label, "score": score} for label, score in probabilities.items()]


@pytest.fixture(params=["sync", "async"])
def score(request):
    async def run(detector, pairs):
        return detector.score(pairs) if request.param == "sync" else await detector.ascore(pairs)

    return run


async def test_degrees_are_the_model_s_probabilities(multi_label, score):
    found = await score(PipelineDetector(multi_label), TEXTS)
    for text, one in zip(TEXTS, found, strict=True):
        wanted = probabilities(multi_label, text)
        assert tuple(one.mean) == tuple(one.std) == (*KEYS, UNSAFE)
        assert one.mean[HATE] == pytest.approx(wanted["toxic"], abs=1e-5)
        assert one.mean[VIOLENCE] == pytest.approx(wanted["threat"], abs=1e-5)
        assert one.mean["self_harm"] == 0.0
    assert len({one.mean[HATE] for one in found}) == len(TEXTS)


async def test_of_labels_that_exclude_each_other_the_leading_category_has_all_that_is_unsafe(
    exclusive, score
):
    found = await score(PipelineDetector(exclusive), TEXTS)
    for text, one in zip(TEXTS, found, strict=True):
        wanted = probabilities(exclusive, text)
        unsafe = 1 - wanted["SAFE"]
        assert max(one.mean.values()) == pytest.approx(unsafe, abs=1e-5)
        assert min(one.mean[HATE], one.mean[VIOLENCE]) == pytest.approx(
            min(wanted["insult"] + wanted["hate"], wanted["threat"]), abs=1e-5
        )


async def test_risk_that_is_spread_over_labels_does_not_look_low(exclusive):
    spread = Scripted(exclusive, listed(SAFE=0.16, insult=0.28, hate=0.28, threat=0.28))
    (found,) = PipelineDetector(spread).score(["x"])
    assert found.mean[HATE] == pytest.approx(0.84) and found.mean[VIOLENCE] == pytest.approx(0.28)


async def test_the_strongest_of_labels_that_hold_together_counts(multi_label):
    both = Scripted(multi_label, listed(toxic=0.4, threat=0.3, safe=0.9))
    (found,) = PipelineDetector(both, {"threat": [HATE, VIOLENCE]}).score(["x"])
    assert (found.mean[HATE], found.mean[VIOLENCE]) == (0.4, 0.3)


async def test_a_pair_has_the_higher_degree_of_its_two_texts(multi_label, score):
    pairs = [(TEXTS[0], TEXTS[1]), (TEXTS[0], None), (TEXTS[0], "")]
    prompt, response = (one.mean[HATE] for one in PipelineDetector(multi_label).score(TEXTS[:2]))
    both = [one.mean[HATE] for one in await score(PipelineDetector(multi_label), pairs)]
    assert both == pytest.approx([max(prompt, response), prompt, prompt], abs=1e-5)
    only = [
        one.mean[HATE] for one in await score(PipelineDetector(multi_label, pair="response"), pairs)
    ]
    assert only[0] == pytest.approx(response, abs=1e-5)
    assert PipelineDetector(multi_label).score([]) == []


@given(texts)
@settings(
    deadline=None, max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_windows_fit_the_model_and_leave_nothing_out(multi_label, text):
    detector = PipelineDetector(multi_label)
    parts = list(detector._windows(text))
    assert all(len(multi_label.tokenizer(part)["input_ids"]) <= 32 for part in parts)
    reached = 0
    for part in parts:
        start = max(i for i in range(reached + 1) if text.startswith(part, i))
        assert start <= reached
        reached = max(reached, start + len(part))
    assert reached == len(text)


async def test_what_stands_at_the_end_of_a_long_text_is_not_truncated(multi_label, score):
    marked = Scripted(
        multi_label,
        lambda texts: [
            listed(toxic=0.9 if "help" in t else 0.1, threat=0.1, safe=0.5) for t in texts
        ],
    )
    quiet = "bread " * 500
    found = await score(PipelineDetector(marked), [quiet, f"{quiet}help", f"{quiet}help {quiet}"])
    assert [one.mean[HATE] for one in found] == [0.1, 0.9, 0.9]


def test_a_long_text_is_scored_by_the_real_model(multi_label):
    (found,) = PipelineDetector(multi_label).score([LONG])
    assert 0 < found.mean[HATE] < 1


def test_roberta_counts_positions_from_its_padding(tmp_path):
    pipeline = classifier(tmp_path, ["safe", "toxic"], roberta=True)
    detector = PipelineDetector(pipeline)
    assert detector.max_tokens == 32
    assert 0 < detector.score([LONG])[0].mean[HATE] < 1


def test_a_text_that_cannot_be_split_small_enough_is_an_error(multi_label):
    with pytest.raises(GuardVerdictError, match="cannot be split"):
        PipelineDetector(multi_label, max_tokens=2).score(["SECRET words"])


def test_threads_share_a_detector(multi_label):
    detector = PipelineDetector(multi_label)
    wanted = [one.mean for one in detector.score(TEXTS)]
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda i: detector.score([TEXTS[i % 3]])[0].mean, range(24)))
    for i, one in enumerate(found):
        assert one == pytest.approx(wanted[i % 3], abs=1e-5)


def test_a_folder_is_loaded_as_a_pipeline(tmp_path):
    classifier(tmp_path, ["LABEL_0", "LABEL_1"])
    detector = PipelineDetector(str(tmp_path), {"LABEL_0": "safe", "LABEL_1": UNSAFE})
    assert 0 < detector.score(["hello"])[0].mean[UNSAFE] < 1


@pytest.mark.parametrize(
    "answer",
    [
        listed(toxic=0.1, threat=0.1),
        listed(toxic=0.1, threat=0.1, safe=0.5, other=0.1),
        listed(toxic=0.1, threat=0.1, safe=0.5) + listed(toxic=0.9),
        listed(toxic=nan, threat=0.1, safe=0.5),
        listed(toxic=1.5, threat=0.1, safe=0.5),
        listed(toxic=-0.1, threat=0.1, safe=0.5),
    ],
)
def test_an_answer_that_is_not_one_probability_per_label_is_an_error(multi_label, answer):
    with pytest.raises(GuardVerdictError):
        PipelineDetector(Scripted(multi_label, answer)).score(["x"])


def test_a_broken_probability_among_labels_that_exclude_each_other_is_an_error(exclusive):
    broken = Scripted(exclusive, listed(SAFE=nan, insult=nan, hate=nan, threat=nan))
    with pytest.raises(GuardVerdictError):
        PipelineDetector(broken).score(["x"])


def test_too_few_answers_are_an_error(multi_label):
    with pytest.raises(GuardVerdictError, match="0 answers"):
        PipelineDetector(Scripted(multi_label, lambda texts: [])).score(["x"])


def test_a_model_that_leaves_something_open_is_refused_with_the_remedy(tmp_path, exclusive):
    numbered = classifier(tmp_path / "a", ["LABEL_0", "toxic"])
    with pytest.raises(ValueError, match=r"'LABEL_0' of the model stands for: say it with labels="):
        PipelineDetector(numbered)
    never_safe = classifier(tmp_path / "b", ["toxic", "threat"])
    with pytest.raises(ValueError, match="every text would be hazardous"):
        PipelineDetector(never_safe)
    assert PipelineDetector(never_safe, multi_label=True).multi_label
    regression = classifier(tmp_path / "c", ["toxicity"], problem_type="regression")
    with pytest.raises(ValueError, match="regression"):
        PipelineDetector(regression)
    assert PipelineDetector(regression, multi_label=True).score(["x"])[0].mean[HATE] < 1
    with pytest.raises(ValueError, match="pair='prompt'"):
        PipelineDetector(exclusive, pair="prompt")
