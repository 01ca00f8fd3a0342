"""`deliver` and `fall_back`, and the verdict that both write."""

import json

import pytest
from langchain_core.messages import HumanMessage
from langgraph.runtime import Runtime

from lance_graph.categories import CATEGORIES, KEYS
from lance_graph.context import LanceContext
from lance_graph.nodes.deliver import deliver
from lance_graph.nodes.fall_back import fall_back, fallback_topic
from lance_graph.nodes.open_turn import new_turn
from lance_graph.prompts import prose
from lance_graph.runtime.steps import run
from lance_graph.state import Draft
from lance_graph.verdicts import leading_category
from tests.fakes import FRAUD, SELF_HARM, VIOLENCE, BrokenDetector, WordDetector

SAFE = {"risk": dict.fromkeys(KEYS, 0.01), "spread": dict.fromkeys(KEYS, 0.02)}
RUNTIME = Runtime(context=LanceContext(detector=WordDetector({})))


def hazard(*categories):
    return [{"node": "score_risk", "gradient": [{"category": key} for key in categories]}]


def state_of(**changes):
    messages = [HumanMessage("how to hurt myself")]
    reading = SAFE | {"risk": SAFE["risk"] | {SELF_HARM: 0.9}}
    base = (
        {"messages": messages}
        | new_turn(messages, LanceContext(), 0.0)
        | {"initial": reading, "reading": SAFE}
    )
    return base | {"trace": hazard(SELF_HARM)} | changes


def test_deliver_writes_exactly_what_was_scored():
    draft = Draft("how to feel better", "Call a friend.")
    update = run(deliver(state_of(draft=draft, iteration=1), RUNTIME))
    assert [message.text for message in update["messages"]] == ["Call a friend."]
    verdict = update["verdict"]
    assert (verdict["status"], verdict["refined_prompt"]) == ("rewritten", "how to feel better")
    assert verdict["prompt"] == "how to hurt myself"
    assert verdict["initial_risk"][SELF_HARM] == 0.9 and verdict["risk"][SELF_HARM] == 0.01


def test_an_untouched_prompt_has_no_refined_one():
    update = run(deliver(state_of(draft=Draft("how to hurt myself", "ok")), RUNTIME))
    assert (update["verdict"]["status"], update["verdict"]["refined_prompt"]) == ("safe", None)


def test_deliver_without_an_answer_is_a_bug_and_says_so():
    with pytest.raises(RuntimeError, match="without an answer"):
        run(deliver(state_of(draft=Draft("x")), RUNTIME))


def test_fall_back_answers_in_the_category_of_the_original_prompt():
    update = run(fall_back(state_of(draft=Draft("bad", "worse"), iteration=3), RUNTIME))
    assert update["messages"][0].text == prose("fall_back/self_harm")
    assert update["verdict"]["status"] == "fell_back"
    assert "worse" not in str(update) and "bad" not in str(update["verdict"])


@pytest.mark.parametrize("category", CATEGORIES)
def test_every_category_has_its_own_fall_back(category):
    assert fallback_topic(state_of(trace=hazard(category.key))) == category.slug


def scored(kind, *categories):
    return {"node": "score_risk", "scored": kind} | (hazard(*categories)[0] if categories else {})


@pytest.mark.parametrize(
    ("trace", "topic"),
    [
        ([scored("prompt"), scored("pair", VIOLENCE)], "answer"),
        ([scored("prompt"), scored("pair", VIOLENCE, SELF_HARM)], "answer_self_harm"),
        ([scored("prompt"), scored("pair", VIOLENCE), scored("prompt", FRAUD)], "answer"),
        ([scored("prompt", VIOLENCE), scored("pair", VIOLENCE)], "violence"),
        ([scored("pair", VIOLENCE)], "violence"),
    ],
)
def test_nobody_is_told_off_for_what_only_the_answer_held(trace, topic):
    assert fallback_topic(state_of(trace=trace)) == topic
    said_nothing = state_of(trace=[scored("pair", VIOLENCE)], prompt=" ")
    assert fallback_topic(said_nothing) == "answer"


def test_the_first_hazard_of_the_run_leads_and_self_harm_before_any_other():
    trace = [{"node": "score_risk"}, *hazard(FRAUD, VIOLENCE), *hazard(SELF_HARM)]
    assert leading_category(trace) == FRAUD
    assert leading_category(hazard(FRAUD, SELF_HARM)) == SELF_HARM
    assert leading_category([{"node": "score_risk", "gradient": []}]) is None


@pytest.mark.parametrize(
    ("changes", "topic"),
    [({"failure": "it failed"}, "unavailable"), ({"trace": hazard("S1")}, "general")],
)
def test_without_a_known_category_a_neutral_text_serves(changes, topic):
    assert fallback_topic(state_of(**changes)) == topic


def test_a_degree_that_is_no_number_is_none_in_the_verdict():
    class NotANumber(WordDetector):
        def score(self, pairs):
            scores = super().score(pairs)
            scores[0].mean["self_harm"] = float("nan")
            return scores

    runtime = Runtime(context=LanceContext(detector=NotANumber({})))
    verdict = run(fall_back(state_of(draft=Draft("x")), runtime))["verdict"]
    assert verdict["risk"]["self_harm"] is None
    json.dumps(verdict, allow_nan=False)


def test_numbers_that_could_not_be_had_are_none_and_the_verdict_is_json():
    runtime = Runtime(context=LanceContext(detector=BrokenDetector()))
    update = run(fall_back(state_of(failure="the risk detector failed (X)", initial=None), runtime))
    verdict = update["verdict"]
    assert verdict["status"] == "degraded" and "detector failed" in verdict["reason"]
    assert set(verdict["risk"]) == set(KEYS) and set(verdict["risk"].values()) == {None}
    assert json.loads(json.dumps(verdict)) == verdict
