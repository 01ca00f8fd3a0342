"""A target gets its own messages back as it gave them."""

import pickle

import pytest
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage

from lance_graph.context import LanceContext
from lance_graph.nodes.generate_response import deliverable
from lance_graph.runtime import originals
from lance_graph.runtime.originals import Original

CALLS = [
    {"name": "find", "args": {"order": 7}, "id": "toolu_1"},
    {"name": "find", "args": {"order": 8}, "id": "toolu_2"},
]
THOUGHT = {"type": "thinking", "thinking": "CANARY", "signature": "c2lnbmVk"}
USE = {"type": "tool_use", "id": "toolu_1", "name": "find", "input": {"order": 7}}
THINKING = [
    AIMessage([THOUGHT, {"type": "text", "text": "Let me look."}, USE], tool_calls=CALLS[:1]),
    AIMessage([{"type": "redacted_thinking", "data": "CANARY"}, USE], tool_calls=CALLS[:1]),
    AIMessage("", tool_calls=CALLS, additional_kwargs={"reasoning_content": "CANARY"}),
    AIMessage(
        "", tool_calls=CALLS,
        additional_kwargs={"__gemini_function_call_thought_signatures__": {"toolu_1": "CANARY"}},
    ),
    AIMessage(
        [{"type": "reasoning", "id": "rs_1", "encrypted_content": "CANARY", "summary": []}],
        tool_calls=CALLS,
    ),
    AIMessage([{**USE, "extras": {"signature": "CANARY"}}], tool_calls=CALLS[:1]),
]  # fmt: skip


CONTEXT = LanceContext()
TARGET = str(CONTEXT.target)


def given_back(messages, target=TARGET):
    return originals.given_back(messages, target)


def later(delivered, results=True):
    """The conversation in which a delivered message comes back, stored and read again."""
    back = AIMessage.model_validate_json(delivered.model_dump_json())
    tools = [ToolMessage("ok", tool_call_id=call["id"]) for call in back.tool_calls]
    return [HumanMessage("hi"), back, *(tools if results else ())]


@pytest.mark.parametrize("said", THINKING)
def test_thoughts_go_back_to_the_target_and_to_nobody_else(said):
    delivered = deliverable(said, LanceContext())
    assert "CANARY" not in delivered.model_dump_json()
    _, back, *results = given_back(later(delivered))
    assert back == said
    assert [result.tool_call_id for result in results] == [call["id"] for call in said.tool_calls]


def test_a_call_that_a_person_changed_keeps_the_change_and_the_thoughts():
    (_, asked, result) = later(deliverable(THINKING[0], LanceContext()))
    asked.tool_calls[0]["args"] = {"order": 9}
    (back, shown) = given_back([asked, result])
    assert back.content == [THOUGHT, {"type": "text", "text": "Let me look."}]
    assert back.tool_calls[0]["args"] == {"order": 9}
    assert back.tool_calls[0]["id"] == shown.tool_call_id == "toolu_1"


def test_what_nothing_was_kept_of_stays_as_it_is():
    plain = deliverable(AIMessage("", tool_calls=CALLS), LanceContext())
    assert given_back(later(plain)) == later(plain)
    (_, asked, *results) = later(deliverable(THINKING[2], LanceContext()))
    del asked.tool_calls[1]
    assert given_back([asked, *results]) == [asked, *results]


def test_they_are_bounded_and_withheld():
    for _ in range(originals.REMEMBERED + 10):
        deliverable(THINKING[0], LanceContext())
    assert len(originals._kept) <= originals.REMEMBERED
    kept = Original(THINKING[0])
    assert "CANARY" not in repr(kept) + str(originals._kept)
    with pytest.raises(TypeError, match="not serialised"):
        pickle.dumps(kept)


def test_another_target_gets_no_thoughts_of_this_one():
    back = later(deliverable(THINKING[0], LanceContext()))
    assert given_back(back, "openai:another") == back


def test_they_are_bounded_in_size_and_one_that_is_too_large_is_not_kept(monkeypatch):
    monkeypatch.setattr(originals, "_kept", {})
    monkeypatch.setattr(originals, "MOST_CHARACTERS", 3 * Original(THINKING[0]).size)
    for _ in range(10):
        last = deliverable(THINKING[0], LanceContext())
    assert len(originals._kept) == 3
    assert given_back(later(last))[1] == THINKING[0]
    large = deliverable(THINKING[0].model_copy(update={"content": [THOUGHT] * 100}), LanceContext())
    assert given_back(later(large)) == later(large)
    assert given_back(later(last))[1] == THINKING[0], "and drives nothing else out"
