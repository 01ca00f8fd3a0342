import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage

from lance_graph.conversation import (
    answer_text,
    is_result,
    last_turn,
    text_of,
    turns_of,
    unscored_parts,
    user_text,
    with_prompt,
)

HISTORY = [SystemMessage("be brief"), HumanMessage("first"), AIMessage("one")]


def test_the_last_human_turn_is_the_prompt():
    assert user_text([*HISTORY, HumanMessage("second")]) == "second"


@pytest.mark.parametrize(
    ("messages", "message"),
    [
        ([], "no human message"),
        ([AIMessage("hi")], "no human message"),
        ([HumanMessage(" ")], "no text"),
    ],
)
def test_nothing_to_repair_is_an_error(messages, message):
    with pytest.raises(ValueError, match=message):
        user_text(messages)


def test_an_unchanged_prompt_leaves_the_turn_as_it_is():
    messages = [*HISTORY, HumanMessage("second")]
    assert with_prompt(last_turn(messages), "second") == messages[-1:]


def test_a_rewritten_prompt_replaces_the_words():
    (replaced,) = with_prompt(last_turn([*HISTORY, HumanMessage("second", id="7")]), "better")
    assert replaced.text == "better"


def test_images_stay_when_the_words_change():
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}
    typed = HumanMessage([{"type": "text", "text": "second"}, image])
    assert user_text([typed]) == "second"
    (replaced,) = with_prompt(last_turn([typed]), "better")
    assert replaced.content == [{"type": "text", "text": "better"}, image]


CALL = {"name": "send", "args": {"to": "bob", "body": {"lines": ["hi", 3]}}, "id": "1"}


def test_an_answer_reads_as_its_text_and_what_it_asks_tools_to_do():
    broken = {"name": "run", "args": "{rm -rf", "id": "2", "error": "no JSON"}
    message = AIMessage(" I will write. ", tool_calls=[CALL], invalid_tool_calls=[broken])
    assert answer_text(message) == (
        "I will write.\nsend:\nto: bob\nbody:\nlines:\nlines: hi\nlines: 3\nrun:\n{rm -rf"
    )
    assert answer_text(AIMessage("")) == ""


def test_turns_begin_with_the_user_and_hold_what_follows():
    messages = [
        AIMessage("welcome"), HumanMessage("a"), SystemMessage("s"), HumanMessage("b"),
        AIMessage("", tool_calls=[CALL]), ToolMessage("sent", tool_call_id="1"), AIMessage("done"),
        HumanMessage("c"),
    ]  # fmt: skip
    turns = turns_of(messages)
    assert [len(turn.messages) for turn in turns] == [1, 6, 1]
    assert [turn.typed for turn in turns] == ["", "a\nb", "c"]
    assert [text_of(m) for m in turns[1].messages if is_result(m)] == ["sent"]
    assert turns[1].answer.startswith("send:") and turns[1].answer.endswith("done")
    assert [m for turn in turns for m in turn.messages] == messages


@given(st.lists(st.sampled_from("hast"), max_size=12))
def test_turns_lose_and_reorder_nothing(kinds):
    make = {
        "h": HumanMessage, "a": AIMessage, "s": SystemMessage,
        "t": lambda text: ToolMessage(text, tool_call_id="1"),
    }  # fmt: skip
    messages = [make[kind](f"{i}") for i, kind in enumerate(kinds)]
    turns = turns_of(messages)
    assert [m for turn in turns for m in turn.messages] == messages
    assert not turns[0].human and all(turn.human for turn in turns[1:])


def test_parts_that_no_detector_reads_are_named_but_for_the_assistants_and_the_applications():
    image = {"type": "image_url", "image_url": {"url": "data:"}}
    typed = HumanMessage([{"type": "text", "text": "see"}, image])
    shown = ToolMessage([{"type": "audio", "data": ""}], tool_call_id="1")
    own = [SystemMessage([image]), AIMessage([image])]
    assert unscored_parts([typed, shown, *own]) == ["image_url", "audio"]


@given(
    st.recursive(
        st.text(min_size=1) | st.integers() | st.booleans() | st.none(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(min_size=1), inner),
    )
)
def test_no_word_of_an_argument_is_left_unread(value):
    read = answer_text(AIMessage("", tool_calls=[CALL | {"args": {"value": value}}]))

    def words(item):
        if isinstance(item, dict):
            return [*item, *(word for inner in item.values() for word in words(inner))]
        if isinstance(item, list):
            return [word for inner in item for word in words(inner)]
        return [item] if isinstance(item, str) else []

    assert all(word in read for word in words(value) if word.strip())
