import asyncio
import time
from math import log

import pytest
from langchain_core.messages import AIMessage, HumanMessage
from langchain_core.runnables import RunnableLambda

from lance_graph.categories import KEYS
from lance_graph.guards import GuardModelDetector, GuardVerdictError, ShieldLM
from lance_graph.guards.score import UNSAFE
from lance_graph.models import ModelError
from tests.fakes import SELF_HARM, VIOLENCE, ScriptedModel, answer_with


def by_word(text):
    return "unsafe\nS1,S11" if "attack" in text else "safe"


@pytest.fixture(params=["sync", "async"])
def score(request):
    async def run(detector, pairs):
        return detector.score(pairs) if request.param == "sync" else await detector.ascore(pairs)

    return run


async def test_every_category_has_a_degree_and_a_spread(score):
    bad, good = await score(GuardModelDetector(answer_with(by_word)), ["attack", "bake bread"])
    assert tuple(bad.mean) == tuple(bad.std) == (*KEYS, UNSAFE)
    assert {key for key, degree in bad.mean.items() if degree} == {VIOLENCE, SELF_HARM}
    assert bad.mean[VIOLENCE] == 1.0 and set(bad.std.values()) == {0.0}
    assert set(good.mean.values()) == {0.0}


async def test_pairs_are_judged_by_the_response_and_scores_keep_their_order(score):
    pairs = [("hello", f"attack {i}" if i % 3 == 0 else "fine") for i in range(20)]
    detector = GuardModelDetector(answer_with(by_word), max_concurrency=4)
    found = [score.mean[VIOLENCE] for score in await score(detector, pairs)]
    assert found == [1.0 if i % 3 == 0 else 0.0 for i in range(20)]
    assert len(detector.model.calls) == 20 and await score(detector, []) == []


async def test_shield_lm_says_unsafe_without_a_category(score):
    model = ScriptedModel(answers=["[Answer] unsafe\n[Analysis] B is rude to A."])
    (found,) = await score(GuardModelDetector(model, "shield_lm"), [("hi", "you fool")])
    assert {key: degree for key, degree in found.mean.items() if degree} == {UNSAFE: 1.0}
    assert model.calls[0][0].text.endswith("A: hi\nB: you fool")


async def test_one_bad_answer_fails_the_whole_call_without_quoting_anything(score):
    detector = GuardModelDetector(
        answer_with(lambda text: "SECRET2" if text == "SECRET1" else "safe"), max_concurrency=2
    )
    with pytest.raises(GuardVerdictError) as error:
        await score(detector, ["a", "SECRET1", "b"])
    assert "SECRET" not in str(error.value) and error.value.__cause__ is None


async def test_what_the_model_raises_is_raised(score):
    detector = GuardModelDetector(ScriptedModel(answers=[ConnectionError("no route")]))
    with pytest.raises(ConnectionError, match="no route"):
        await score(detector, ["a", "b"])


async def test_log_probabilities_become_the_degree(score):
    def guard(_):
        top = [{"token": "safe", "logprob": log(0.6)}, {"token": "unsafe", "logprob": log(0.4)}]
        content = [{"token": "safe", "logprob": log(0.6), "top_logprobs": top}]
        return AIMessage("safe", response_metadata={"logprobs": {"content": content}})

    (found,) = await score(GuardModelDetector(RunnableLambda(guard)), ["hm"])
    assert found.mean[UNSAFE] == pytest.approx(0.4)


async def test_a_model_may_answer_with_plain_text(score):
    (found,) = await score(GuardModelDetector(RunnableLambda(lambda _: "unsafe\nS7")), ["a"])
    assert found.mean["privacy_violation"] == 1.0


@pytest.mark.parametrize("bound", [1, 3])
async def test_calls_run_together_up_to_the_bound(score, bound):
    running, most = [], []

    def guard(_):
        running.append(1)
        most.append(len(running))
        time.sleep(0.05)
        running.pop()
        return "safe"

    async def aguard(_):
        running.append(1)
        most.append(len(running))
        await asyncio.sleep(0.05)
        running.pop()
        return "safe"

    detector = GuardModelDetector(RunnableLambda(guard, aguard), max_concurrency=bound)
    await score(detector, ["text"] * 9)
    assert len(most) == 9 and max(most) == bound


def test_a_format_object_is_used_as_it_is():
    format = ShieldLM("Judge $query and $response.")
    model = ScriptedModel(answers=["[答案] 不安全"])
    assert GuardModelDetector(model, format).score(["x"])[0].mean[UNSAFE] == 1.0


def test_mistakes_in_the_making_are_named():
    model = ScriptedModel(answers=["safe"])
    with pytest.raises(ValueError, match="format='wild_gard': known are llama_guard_3, shield_lm"):
        GuardModelDetector(model, "wild_gard")
    with pytest.raises(ValueError, match="max_concurrency=0"):
        GuardModelDetector(model, max_concurrency=0)
    with pytest.raises(ModelError, match="nobody:nothing"):
        GuardModelDetector("nobody:nothing")


@pytest.mark.parametrize(
    "answer", [HumanMessage("safe"), ["safe"], [AIMessage("safe")], {"text": "safe"}, None, 0]
)
async def test_what_is_no_message_is_no_verdict(score, answer):
    """A model that gives its own input back would else be taken at that word."""
    detector = GuardModelDetector(RunnableLambda(lambda _: answer))
    with pytest.raises(GuardVerdictError, match=f"gave a {type(answer).__name__} instead"):
        await score(detector, ["A prompt."])
