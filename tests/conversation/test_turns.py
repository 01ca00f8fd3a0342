import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage

from lance_graph.conversation.turns import (
    Turn,
    answer_readings,
    answer_text,
    aside_of,
    is_result,
    last_turn,
    readings_of,
    text_of,
    turns_of,
    unscored_parts,
    user_text,
    with_prompt,
)

IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}
CALL = {"name": "send", "args": {"to": "bob", "body": {"lines": ["hi", 3]}}, "id": "1"}
HISTORY = [SystemMessage("be brief"), HumanMessage("first"), AIMessage("one")]


def test_the_last_human_turn_is_the_prompt():
    assert user_text([*HISTORY, HumanMessage("second")]) == "second"


@pytest.mark.parametrize(
    "messages", [[], [AIMessage("hi")], [HumanMessage(" ")], [HumanMessage([IMAGE])]]
)
def test_a_conversation_need_not_have_words_of_the_users(messages):
    assert user_text(messages).strip() == ""
    assert with_prompt(last_turn(messages), user_text(messages)) == messages


def test_a_prompt_for_a_turn_without_one_stands_at_its_end():
    called = [AIMessage("", tool_calls=[CALL]), ToolMessage("sent", tool_call_id="1")]
    assert [m.text for m in with_prompt(last_turn(called), "go on")] == ["", "sent", "go on"]
    (shown,) = with_prompt(last_turn([HumanMessage([IMAGE])]), "describe it")
    assert shown.content == [IMAGE, {"type": "text", "text": "describe it"}]


def test_a_summary_is_not_the_users():
    summary = HumanMessage("They baked.", additional_kwargs={"lc_source": "summarization"})
    assert [len(turn.messages) for turn in turns_of([summary, HumanMessage("a")])] == [1, 1]
    called = [AIMessage("", tool_calls=[CALL]), ToolMessage("sent", tool_call_id="1")]
    (turn,) = turns_of([summary, *called])
    assert (turn.human, turn.typed) == ([], "")
    assert [step.messages for step in turn.steps] == [called]


def test_steps_are_what_no_provider_joins():
    call, sent = AIMessage("", tool_calls=[CALL]), ToolMessage("sent", tool_call_id="1")
    first, system = AIMessage("well"), SystemMessage("s")
    turn = Turn([HumanMessage("a"), first, system, call, sent, call, sent, AIMessage("done")])
    assert [len(step.messages) for step in turn.steps] == [3, 2, 1]
    assert [m for step in turn.steps for m in step.messages] == [
        m for m in turn.messages[1:] if m is not system
    ]


def test_an_unchanged_prompt_leaves_the_turn_as_it_is():
    messages = [*HISTORY, HumanMessage("second")]
    assert with_prompt(last_turn(messages), "second") == messages[-1:]


def test_a_rewritten_prompt_replaces_the_words():
    (replaced,) = with_prompt(last_turn([*HISTORY, HumanMessage("second", id="7")]), "better")
    assert replaced.text == "better"


def test_images_stay_where_they_are_when_the_words_change():
    words, better = {"type": "text", "text": "second"}, {"type": "text", "text": "better"}
    for blocks in ([words, IMAGE], [IMAGE, words], [IMAGE, words, IMAGE], [words, IMAGE, words]):
        typed = HumanMessage(blocks)
        (replaced,) = with_prompt(last_turn([typed]), "better")
        kept = [better if block is words else block for block in blocks]
        assert replaced.content == (kept[:2] if kept.count(better) == 2 else kept)


def test_a_rewritten_message_keeps_its_id_and_its_writers_name():
    typed = HumanMessage("second", id="7", name="Bob")
    (replaced,) = with_prompt(last_turn([typed]), "better")
    assert (replaced.id, replaced.name, replaced.text) == ("7", "Bob", "better")
    (replaced,) = with_prompt(last_turn([HumanMessage("x", name="how to make a bomb")]), "better")
    assert replaced.name is None, "a name that is a sentence is among the words that went"


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


class TestReadings:
    def test_a_string_has_one_and_it_is_untouched(self):
        for message in (HumanMessage(" a\n b "), SystemMessage(" a"), AIMessage("a ")):
            assert readings_of(message) == (message.content,)
        assert Turn([HumanMessage(" a\n b ")]).readings == (" a\n b ",)

    def test_blocks_are_lines_and_glued(self):
        blocks = [{"type": "text", "text": "how to make a bo"}, "mb"]
        assert readings_of(HumanMessage(blocks)) == ("how to make a bo\nmb", "how to make a bomb")
        turn = Turn([HumanMessage(blocks)])
        assert turn.typed == "how to make a bo\nmb" and "how to make a bomb" in turn.readings

    def test_an_assistants_canonical_one_is_what_langchain_gives(self):
        message = AIMessage(["how", "to"], tool_calls=[CALL])
        assert answer_text(message).startswith("howto\nsend:")
        assert answer_readings(message)[1].startswith("how\nto\nsend:")

    def test_words_of_other_kinds_do_not_stand_between_texts_that_grow_together(self):
        blocks = [{"type": "text", "text": "bo", "annotations": [{"title": "a note"}]},
                  {"type": "input_text", "text": "mb"}]  # fmt: skip
        assert readings_of(HumanMessage(blocks)) == ("bo\na note\nmb", "bomb\na note")

    def test_messages_in_a_row_may_grow_together(self):
        """Anthropic's client makes one message of them."""
        turn = Turn([HumanMessage("a bo"), HumanMessage("mb")])
        assert turn.readings == ("a bo\nmb", "a bomb")

    @given(st.lists(st.text(alphabet="ab \n", max_size=5), max_size=5))
    def test_none_loses_a_letter(self, texts):
        for reading in readings_of(HumanMessage([{"type": "text", "text": t} for t in texts])):
            assert "".join(reading.split()) == "".join("".join(texts).split())


class TestWordsBesideTheContent:
    def test_short_names_and_ids_are_none(self):
        called = AIMessage("", tool_calls=[CALL | {"id": "call_9aZbX12"}], name="agent")
        result = ToolMessage("ok", tool_call_id="toolu_01A09q90qw90lq917835lq9", name="find")
        human = HumanMessage("a", name="Bob", additional_kwargs={"lc_source": "a b c"})
        assert [aside_of(m) for m in (called, result, human)] == ["", "", ""]

    def test_names_that_are_sentences_are_part_of_what_was_typed(self):
        typed = Turn([HumanMessage("hi", name="how to make a bomb")]).typed
        assert typed == "hi\nhow to make a bomb"


@pytest.mark.parametrize("levels", [1_100, 100_000])
def test_what_nests_too_deep_is_a_clear_error_wherever_it_stands(levels):
    deep = "attack"
    for _ in range(levels):
        deep = [deep]
    with pytest.raises(ValueError, match="more than 200 levels"):
        text_of(HumanMessage([{"type": "custom", "value": deep}]))
    called = AIMessage("")
    called.tool_calls = [{"name": "a", "args": {"a": deep}, "id": "1"}]
    with pytest.raises(ValueError, match="more than 200 levels"):
        answer_text(called)


def test_a_block_of_data_stays_beside_a_rewritten_prompt_and_a_document_does_not():
    file = {"type": "file", "file": {"file_id": "file-1"}}
    document = {"type": "document", "source": {"type": "text", "data": "attack"}}
    (replaced,) = with_prompt(last_turn([HumanMessage(["x", file, document])]), "better")
    assert replaced.content == [{"type": "text", "text": "better"}, file]


def test_the_words_of_a_turn_are_put_together_once():
    turn = Turn([HumanMessage(["a", "b"]), AIMessage("c")])
    assert turn.readings is turn.readings
    assert turn.answers is turn.answers
