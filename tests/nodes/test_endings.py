"""`deliver` and `fall_back`, and the verdict that both write."""

import json

import pytest
from langchain_core.messages import HumanMessage
from langgraph.runtime import Runtime

from lance_graph.categories import CATEGORIES, KEYS
from lance_graph.context import LanceContext
from lance_graph.nodes.deliver import deliver
from lance_graph.nodes.fall_back import fall_back, fallback_topic
from lance_graph.nodes.score_risk import new_run
from lance_graph.prompts import prose
from lance_graph.state import Draft
from tests.fakes import SELF_HARM, BrokenDetector, WordDetector

SAFE = {"risk": dict.fromkeys(KEYS, 0.01), "spread": dict.fromkeys(KEYS, 0.02)}
RUNTIME = Runtime(context=LanceContext(detector=WordDetector({})))


def state_of(**changes):
    messages = [HumanMessage("how to hurt myself")]
    reading = SAFE | {"risk": SAFE["risk"] | {SELF_HARM: 0.9}}
    base = {"messages": messages} | new_run(messages, 0.0) | {"initial": reading, "reading": SAFE}
    return base | changes


def test_deliver_writes_exactly_what_was_scored():
    draft = Draft("how to feel better", "Call a friend.")
    update = deliver(state_of(draft=draft, iteration=1), RUNTIME)
    assert [message.text for message in update["messages"]] == ["Call a friend."]
    verdict = update["verdict"]
    assert (verdict["status"], verdict["refined_prompt"]) == ("rewritten", "how to feel better")
    assert verdict["prompt"] == "how to hurt myself"
    assert verdict["initial_risk"][SELF_HARM] == 0.9 and verdict["risk"][SELF_HARM] == 0.01


def test_an_untouched_prompt_has_no_refined_one():
    update = deliver(state_of(draft=Draft("how to hurt myself", "ok")), RUNTIME)
    assert (update["verdict"]["status"], update["verdict"]["refined_prompt"]) == ("safe", None)


def test_deliver_without_an_answer_is_a_bug_and_says_so():
    with pytest.raises(RuntimeError, match="without an answer"):
        deliver(state_of(draft=Draft("x")), RUNTIME)


def test_fall_back_answers_in_the_category_of_the_original_prompt():
    update = fall_back(state_of(draft=Draft("bad", "worse"), iteration=3), RUNTIME)
    assert update["messages"][0].text == prose("fall_back/self_harm")
    assert update["verdict"]["status"] == "fell_back"
    assert "worse" not in str(update) and "bad" not in str(update["verdict"])


@pytest.mark.parametrize("category", CATEGORIES)
def test_every_category_has_its_own_fall_back(category):
    reading = {"risk": SAFE["risk"] | {category.key: 0.5}, "spread": {}}
    assert fallback_topic(state_of(initial=reading)) == category.slug


@pytest.mark.parametrize(
    "changes",
    [{"failure": "it failed"}, {"initial": None}, {"initial": {"risk": {"S1": 0.9}, "spread": {}}}],
)
def test_without_a_known_category_the_neutral_text_serves(changes):
    assert fallback_topic(state_of(**changes)) == "unavailable"


def test_numbers_that_could_not_be_had_are_none_and_the_verdict_is_json():
    runtime = Runtime(context=LanceContext(detector=BrokenDetector()))
    update = fall_back(state_of(failure="the risk detector failed (X)", initial=None), runtime)
    verdict = update["verdict"]
    assert verdict["status"] == "degraded" and "detector failed" in verdict["reason"]
    assert set(verdict["risk"]) == set(KEYS) and set(verdict["risk"].values()) == {None}
    assert json.loads(json.dumps(verdict)) == verdict
