"""The box `review`: what each decision leads to, and what it needs around it."""

import pytest
from langchain_core.messages import AIMessage, HumanMessage
from langgraph.runtime import Runtime

from lance_graph.context import LanceContext
from lance_graph.graph import route_review
from lance_graph.nodes.open_turn import new_turn
from lance_graph.nodes.review import decide, review
from lance_graph.review import ReviewDecision, to_pending
from lance_graph.runtime.steps import run
from lance_graph.state import Draft
from tests.fakes import WordDetector

CONTEXT = LanceContext(detector=WordDetector({}), review="always", max_iterations=3)


def waiting(**changes):
    messages = [HumanMessage("how to attack")]
    pending = to_pending(Draft("how to hug", AIMessage("Kindly.")))
    return new_turn(messages, CONTEXT, 0.0) | {"messages": messages, "pending": pending} | changes


def decided(decision, **changes):
    return decide(waiting(**changes), CONTEXT, ReviewDecision.model_validate(decision))


def texts(update):
    draft = update["draft"]
    return draft.prompt(), draft.response()


def test_approve_has_what_was_shown_judged_once_more():
    update = decided("approve")
    assert update["reviewed"] and route_review(update | {"declined": None}) == "open_turn"
    assert texts(update) == ("how to hug", "Kindly.")


def test_reject_falls_back():
    update = decided("reject")
    assert update["declined"] == "rejected" and route_review(update) == "fall_back"
    assert "draft" not in update


def test_a_thread_without_a_turn_is_sent_to_its_start():
    """As `update_state(…, as_node="review")` on a new thread makes it."""
    assert route_review({"messages": [HumanMessage("hello")]}) == "open_turn"


def test_retry_starts_from_the_users_words_with_a_new_budget():
    update = decided("retry", iteration=3)
    assert (update["budget"], update["best"]) == (6, None)
    assert texts(update) == ("how to attack", None)


@pytest.mark.parametrize(
    ("edit", "scored_next", "is_final"),
    [
        ({"prompt": "how to wave"}, ("how to wave", None), False),
        ({"response": "Wave."}, ("how to hug", "Wave."), True),
        ({"prompt": "how to wave", "response": "Wave."}, ("how to wave", "Wave."), True),
    ],
)
def test_edited_texts_are_scored_next(edit, scored_next, is_final):
    update = decided({"action": "edit", **edit})
    assert texts(update) == scored_next
    assert update["reviewed"] is is_final


@pytest.mark.parametrize("action", ["approve", "reject", "retry"])
def test_every_decision_is_noted_and_nothing_goes_on_waiting(action):
    before = [{"node": "score_risk"}]
    update = decided({"action": action, "comment": "by night shift"}, trace=before, iteration=2)
    assert update["pending"] is None
    assert update["trace"] == [
        *before,
        {
            "node": "review",
            "iteration": 2,
            "seconds": 0.0,
            "decision": action,
            "comment": "by night shift",
        },
    ]


def test_with_nothing_to_review_it_is_a_bug_and_says_so():
    with pytest.raises(RuntimeError, match="nothing to review"):
        run(review(waiting(pending=None), Runtime(context=CONTEXT)))
