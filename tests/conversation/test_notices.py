"""The notice before an answer: put there, taken away again, and never mark-up."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.messages import AIMessage, HumanMessage

from lance_graph.conversation.notices import (
    LONGEST,
    quotable,
    takes_notice,
    with_notice,
    without_notices,
)

NOTICE = "I understood your question as: “How do I rest?”"
CITED = {"type": "text", "text": "Rest well.", "annotations": [{"start_index": 0, "end_index": 4}]}
IMAGE = {"type": "image", "base64": "aGk=", "mime_type": "image/png"}


def delivered(content):
    answer = with_notice(AIMessage(content), NOTICE)
    return answer.model_copy(update={"response_metadata": {"lance": {"notice": NOTICE}}})


@pytest.mark.parametrize("content", ["Rest well.", [CITED], [IMAGE, CITED], ["Rest well."]])
def test_it_stands_first_and_comes_off_again(content):
    message = delivered(content)
    assert message.text.startswith(NOTICE + "\n\n")
    (bare,) = without_notices([message])
    assert bare.content == content


def test_blocks_that_a_stream_has_joined_lose_it_as_well():
    joined = AIMessage(
        [{"type": "text", "text": f"{NOTICE}\n\nRest well."}],
        response_metadata={"lance": {"notice": NOTICE}},
    )
    assert without_notices([joined])[0].text == "Rest well."


@pytest.mark.parametrize(
    "note", [None, "x", {}, {"notice": 3}, {"notice": ""}, {"notice": "other"}]
)
def test_what_is_no_notice_of_ours_stays(note):
    message = AIMessage("Rest well.", response_metadata={"lance": note})
    given = [HumanMessage("hi"), message]
    assert [m.content for m in without_notices(given)] == ["hi", "Rest well."]


@pytest.mark.parametrize(
    ("answer", "takes"),
    [
        (AIMessage("Rest well."), True),
        (AIMessage([IMAGE, CITED]), True),
        (AIMessage(""), False),
        (AIMessage([IMAGE]), False),
        (AIMessage('{"city": "Bern"}'), False),
        (AIMessage("", tool_calls=[{"name": "look", "args": {}, "id": "1"}]), False),
        (AIMessage("I look.", tool_calls=[{"name": "look", "args": {}, "id": "1"}]), False),
    ],
)
def test_only_what_a_person_reads_takes_it(answer, takes):
    assert takes_notice(answer) is takes


@given(st.text())
def test_a_question_is_quoted_on_one_line_as_plain_text(text):
    quoted = quotable(text)
    assert len(quoted) <= LONGEST + 2 and "\n" not in quoted
    assert not set("<>`“”") & set(quoted)
    assert {unicodedata.category(c) for c in quoted} & {"Cc", "Cf", "Co", "Cs"} <= {"Cf"}
    assert not {c for c in quoted if unicodedata.category(c) == "Cf"} - set("\u200c\u200d")


@pytest.mark.parametrize(
    ("question", "quoted"),
    [
        ("How \x1b[31mred\x1b[0m\x00 is\x07 it?", "How [31mred[0m is it?"),
        ("How \u202eder\u202c is \u2066it\u2069?", "How der is it?"),
        ("rest\u200bed \u2060and\ufeff \u00adcalm", "rested and calm"),
        ("a\U000e0061\U000e0041\U000e0100b \ue000\ud800c", "ab c"),
        ("in\u200dvisi\u200cble \u200d\u200dwords", "invisible words"),
        (
            "می\u200cخواهم 👩\u200d🚒 क्\u200dष ❤\ufe0f 🏴",
            "می\u200cخواهم 👩\u200d🚒 क्\u200dष ❤\ufe0f 🏴",
        ),
        ("one\u2028two\u0085three\x1cfour", "one two three four"),
    ],
)
def test_nothing_in_a_question_is_obeyed_or_unseen(question, quoted):
    assert quotable(question) == quoted


def test_what_belongs_to_the_answer_s_tokens_alone_is_left_out():
    logprobs = {"content": [{"token": "Rest well.", "logprob": -0.1}]}
    answer = AIMessage(
        "Rest well.", response_metadata={"logprobs": logprobs, "finish_reason": "stop"}
    )
    assert with_notice(answer, NOTICE).response_metadata == {"finish_reason": "stop"}
    assert answer.response_metadata["logprobs"] == logprobs


def test_an_image_or_a_link_of_a_rewrite_does_not_become_one():
    quoted = quotable("See ![a](https://evil.example/x) and [b][c] <img src=x>\n# now")
    assert quoted == "See ![a] (https://evil.example/x) and [b] [c] ‹img src=x› # now"


def test_brackets_that_no_reader_of_json_follows_are_no_prose():
    assert not takes_notice(AIMessage("[" * 100_000))
