import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.messages import AIMessage, HumanMessage

from lance_graph.answers import declined, json_in, said, without_fence, without_thinking
from tests.test_linear_time import UNITS, grows


def test_only_an_assistant_or_a_text_says_something():
    blocks = [{"type": "text", "text": "a"}, {"type": "reasoning", "reasoning": "b"}]
    assert said(AIMessage(blocks)) == "a" and said("a") == "a"
    assert said(HumanMessage("a")) is None and said(["a"]) is None


def test_thoughts_and_fences_are_no_words():
    assert without_thinking("<think>no\nyes</think> a <THINK>cut short") == "a"
    assert without_fence("```json\n{}\n```") == "{}"
    assert without_fence("a ```") == "a" and without_fence("a") == "a"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('{"score": 7}', [{"score": 7}]),
        ('```json\n{"score": 7}\n```', [{"score": 7}]),
        ('<think>{"score": 1}</think>\n[1, 2]', [[1, 2]]),
        ('Sure: {"a": {"score": 7}, "b": "{x}"} Done.', [{"a": {"score": 7}, "b": "{x}"}]),
        ('{"score": 7} or {"score": 8}', [{"score": 7}, {"score": 8}]),
        ("null", [None]),
        ("7", [7]),
        ("", []),
        ("} no {", []),
        ('{"score": 7', []),
        ("{score: 7}", []),
    ],
)
def test_json_is_found_in_prose(text, found):
    assert json_in(text) == found


@given(st.text() | st.lists(st.sampled_from(UNITS), max_size=30).map("".join))
def test_no_text_raises(text):
    assert isinstance(json_in(text), list)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "{" + "1" * 10_000 + "}"])
def test_what_is_too_deep_or_too_large_is_none(text):
    assert json_in(text) == []


@pytest.mark.parametrize("unit", ['{"a":', "{}", "{}{", '{"a": 1} ', "{[", "```{"])
def test_it_takes_linear_time(unit):
    assert not grows(json_in, unit, tail="}")


class ContentFilterFinishReasonError(Exception):
    pass


@pytest.mark.parametrize(
    ("outcome", "no"),
    [
        (AIMessage("", additional_kwargs={"refusal": "no"}), True),
        (AIMessage("", response_metadata={"finish_reason": "content_filter"}), True),
        (AIMessage("", response_metadata={"stop_reason": "SAFETY"}), True),
        (ContentFilterFinishReasonError(), True),
        (AIMessage("I can't", response_metadata={"finish_reason": "stop"}), False),
        (RuntimeError("refusal"), False),
        ({"refusal": "no"}, False),
    ],
)
def test_a_service_says_that_its_model_declined(outcome, no):
    assert declined(outcome) is no
