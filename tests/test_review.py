"""What a reviewer is asked, what may be answered, and when anybody is asked at all."""

import json

import pytest
from langchain_core.messages import AIMessage, HumanMessage
from pydantic import ValidationError

from lance_graph.categories import KEYS
from lance_graph.context import LanceContext
from lance_graph.gradients import build_gradient
from lance_graph.nodes.open_turn import new_turn
from lance_graph.review import ReviewDecision, from_pending, needs_review, request_of, to_pending
from lance_graph.routing import Thresholds, hazards
from lance_graph.state import Draft
from tests.fakes import FRAUD, VIOLENCE

SEVERE = [{"node": "score_risk", "gradient": [{"category": VIOLENCE, "effort": "severe"}]}]
MILD = [{"node": "score_risk", "gradient": [{"category": VIOLENCE, "effort": "mild"}]}]
DOUBTFUL = [{"node": "score_risk", "uncertain": {VIOLENCE: "none"}}]
SOFTENED = [MILD[0] | {"uncertain": {VIOLENCE: "severe"}}]
CALL = {"name": "look_up", "args": {"where": "the garden"}, "id": "1", "type": "tool_call"}
PICTURE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}


class TestADecision:
    @pytest.mark.parametrize("action", ["approve", "reject", "retry"])
    def test_may_be_a_word(self, action):
        assert ReviewDecision.model_validate(action) == ReviewDecision(action=action)

    @pytest.mark.parametrize(
        "texts", [{"prompt": "p"}, {"response": "r"}, {"prompt": "p", "response": "r"}]
    )
    def test_edit_brings_a_prompt_a_response_or_both(self, texts):
        decision = ReviewDecision.model_validate({"action": "edit", **texts})
        assert decision.model_dump(exclude_none=True) == {"action": "edit", **texts}

    @pytest.mark.parametrize(
        ("given", "named"),
        [
            ("aprove", "'approve', 'edit', 'reject' or 'retry'"),
            ("edit", "'edit' needs a prompt, a response or both"),
            ({"action": "edit"}, "'edit' needs a prompt, a response or both"),
            ({"action": "edit", "response": ""}, "at least 1 character"),
            ({"action": "edit", "response": " \n"}, "blank"),
            ({"action": "edit", "prompt": "\t"}, "blank"),
            ({"action": "approve", "response": "r"}, "'approve' takes no prompt or response"),
            ({"action": "retry", "prompt": "p"}, "'retry' takes no prompt or response"),
            ({"action": "approve", "note": "n"}, "note"),
            ({}, "action"),
            (True, "ReviewDecision"),
            (["approve"], "ReviewDecision"),
            (None, "ReviewDecision"),
        ],
    )
    def test_a_wrong_one_is_a_clear_error(self, given, named):
        with pytest.raises(ValidationError, match="ReviewDecision") as raised:
            ReviewDecision.model_validate(given)
        assert named in str(raised.value)


class TestWhoIsAsked:
    @pytest.mark.parametrize(
        ("review", "trace", "asked"),
        [
            ("never", SEVERE, False),
            ("severe", SEVERE, True),
            ("severe", MILD, False),
            ("severe", [{"node": "score_risk"}], False),
            ("severe", [*SEVERE, *MILD], True),
            ("always", [], True),
        ],
    )
    def test_the_option_and_what_was_found_decide(self, review, trace, asked):
        assert needs_review(LanceContext(review=review), trace, False, []) is asked

    @pytest.mark.parametrize(("note", "asked"), [({"severe": True}, True), ({}, False)])
    def test_what_an_earlier_answer_of_the_turn_notes_counts(self, note, asked):
        notes = [{"status": "rewritten"} | note, {"status": "safe"}]
        assert needs_review(LanceContext(review="severe"), [], False, notes) is asked

    @pytest.mark.parametrize(
        ("options", "trace", "notes", "asked"),
        [
            ({"when_uncertain": "review"}, DOUBTFUL, [], True),
            ({"when_uncertain": "review"}, [*DOUBTFUL, *MILD], [], True),
            ({"when_uncertain": "review"}, SEVERE, [], False),
            ({"when_uncertain": "review"}, [], [{"uncertain": True}, {}], True),
            ({"when_uncertain": "soften"}, DOUBTFUL, [{"uncertain": True}], False),
            ({"review": "severe"}, DOUBTFUL, [], False),
            ({"review": "severe"}, SOFTENED, [], True),
        ],
    )
    def test_so_does_a_doubt(self, options, trace, notes, asked):
        context = LanceContext(abstain=1, **options)
        assert needs_review(context, trace, False, notes) is asked
        assert not needs_review(context, trace, True, notes)

    def test_nobody_is_asked_twice_about_one_answer(self):
        assert not needs_review(LanceContext(review="always"), SEVERE, True, [])


class TestWhatWaits:
    @pytest.mark.parametrize(
        "answer",
        [
            AIMessage("plain"),
            AIMessage("", tool_calls=[CALL]),
            AIMessage([{"type": "text", "text": "see"}, PICTURE], name="guide"),
        ],
    )
    def test_it_comes_back_from_json_as_it_was(self, answer):
        pending = json.loads(json.dumps(to_pending(Draft("how to hug", answer))))
        draft = from_pending(pending)
        assert (draft.prompt(), draft.answer()) == ("how to hug", answer)

    def test_a_prompt_without_an_answer_cannot_wait(self):
        with pytest.raises(RuntimeError, match="answered"):
            to_pending(Draft("how to hug"))


class TestWhatAPersonSees:
    def request(self, prompt="how to attack", answer="Kindly.", context=None, trace=()):
        messages = [HumanMessage("how to attack")]
        context = context or LanceContext()
        risk = dict.fromkeys(KEYS, 0.0123456) | {VIOLENCE: 0.9, FRAUD: 0.4}
        efforts = hazards(risk, context.policy)
        found = {
            "initial": {"risk": risk, "spread": risk},
            "reading": {"risk": dict.fromkeys(KEYS, 0.0123456), "spread": {}},
            "pending": to_pending(Draft(prompt, answer)),
            "iteration": 2,
            "trace": [
                {"node": "score_risk", "gradient": build_gradient(risk, efforts, {})},
                *trace,
            ],
        }
        return request_of(new_turn(messages, context, 0.0) | found, context)

    def test_the_words_the_answer_and_the_numbers_as_plain_json(self):
        request = self.request(prompt="how to hug")
        assert json.loads(json.dumps(request, allow_nan=False)) == request
        assert request == {
            "kind": "lance_review",
            "prompt": "how to attack",
            "refined_prompt": "how to hug",
            "response": "Kindly.",
            "tool_calls": [],
            "parts": [],
            "hazards": [VIOLENCE, FRAUD],
            "uncertain": [],
            "risk": dict.fromkeys(KEYS, 0.0123),
            "iterations": 2,
            "actions": ["approve", "edit", "reject", "retry"],
        }

    def test_what_was_in_doubt_on_the_way(self):
        assert self.request(trace=DOUBTFUL)["uncertain"] == [VIOLENCE]

    def test_an_untouched_prompt_is_not_called_refined(self):
        assert self.request(prompt="how to attack")["refined_prompt"] is None

    def test_what_the_model_asks_tools_to_do(self):
        request = self.request(answer=AIMessage("", tool_calls=[CALL]))
        assert request["response"] == ""
        assert request["tool_calls"] == [{"name": "look_up", "args": {"where": "the garden"}}]

    def test_that_there_is_more_than_text(self):
        request = self.request(answer=AIMessage([{"type": "text", "text": "see"}, PICTURE]))
        assert (request["response"], request["parts"]) == ("see", ["image_url"])

    def test_a_call_that_cannot_be_parsed_is_shown_too(self):
        call = {"name": "look_up", "args": "{garden", "id": "1", "error": "no JSON"}
        request = self.request(answer=AIMessage("", invalid_tool_calls=[call]))
        assert request["tool_calls"] == [{"name": "look_up", "args": "{garden"}]

    def test_the_thresholds_in_force_say_what_a_hazard_is(self):
        lenient = LanceContext(thresholds=Thresholds(tau=0.5, tau_mild=0.6, tau_severe=0.7))
        assert self.request(context=lenient)["hazards"] == [VIOLENCE]
