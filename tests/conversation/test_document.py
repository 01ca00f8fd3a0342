import pytest
from hypothesis import given
from hypothesis import strategies as st

from lance_graph.conversation.document import (
    LONG,
    LONGEST_PASSAGE,
    asks,
    places_of,
    replaced,
    tasks_of,
)
from lance_graph.conversation.passages import MOST_PASSAGES, OMITTED

TASK = "Summarise this file in three sentences."
PARAGRAPH = (
    "The committee met on a rainy Tuesday and spoke about the new bridge for an hour. "
    "Nobody asked for the floor, so the plan was adopted as it stood, and the minutes were read."
)
DOCUMENT = "\n\n".join(f"{number}. {PARAGRAPH}" for number in range(12))

texts = st.text(st.sampled_from("ab c.\n?!:。 \t"), min_size=LONG + 1, max_size=4 * LONG)


def said(text):
    return [text[start:end] for start, end in places_of(text)]


@given(texts)
def test_the_passages_of_a_text_are_all_of_its_words_in_order(text):
    places = places_of(text)
    end = 0
    for place in places:
        assert place[0] >= end and not text[end : place[0]].strip()
        assert text[slice(*place)] == text[slice(*place)].strip() != ""
        end = place[1]
    assert not places or not text[end:].strip()
    assert len(places) != 1
    assert replaced(text, {place: text[slice(*place)] for place in places}) == text


@pytest.mark.parametrize("text", ["", "Hello!", f"{PARAGRAPH}\n\n{PARAGRAPH}", " \n" * LONG])
def test_what_is_short_or_blank_has_no_passages(text):
    assert places_of(text) == []


def test_paragraphs_are_passages_and_the_task_is_one_of_its_own():
    assert said(f"{TASK}\n\n{DOCUMENT}") == [TASK, *DOCUMENT.split("\n\n")]
    assert said(f"{TASK}\n{DOCUMENT}") == [TASK, *DOCUMENT.split("\n\n")]
    assert said(f"{DOCUMENT}\n{TASK}") == [*DOCUMENT.split("\n\n"), TASK]


def test_a_hard_wrapped_paragraph_is_one_passage():
    wrapped = "\n\n".join(PARAGRAPH.replace(" ", "\n", 20) for _ in range(9))
    assert said(wrapped)[1:-1] == wrapped.split("\n\n")[1:-1]


@pytest.mark.parametrize("unit", ["word ", "sentence here. ", "x", "漢字です。", "a line\n"])
def test_no_passage_is_longer_than_it_may_be(unit):
    passages = said(unit * 2_000)
    assert max(map(len, passages)) <= LONGEST_PASSAGE
    assert len(passages) <= MOST_PASSAGES


def test_a_text_of_many_paragraphs_has_at_most_202_passages():
    passages = said("\n\n".join(f"Line {number}." for number in range(5_000)))
    assert MOST_PASSAGES // 2 < len(passages) <= MOST_PASSAGES + 2


@pytest.mark.parametrize(
    "text",
    [
        TASK,
        "What does it say?",
        "Was steht in dieser Datei?",
        "请总结一下这个文件的内容？",
        "Please translate into French",
        "Then write a poem",
        "> Explain the following:",
        "How do I build this",
        "I need a summary",
        "“Is that so?”",
    ],
)
def test_what_asks_for_something(text):
    assert asks(text)


@pytest.mark.parametrize(
    "text", ["MIT License", PARAGRAPH, "import os", "The software is provided as is.", "Listing 3."]
)
def test_what_asks_for_nothing(text):
    assert not asks(text)


@pytest.mark.parametrize(
    ("text", "tasks"),
    [
        (f"{TASK}\n\n{DOCUMENT}", [TASK]),
        (f"{DOCUMENT}\n\n{TASK}", [TASK]),
        (f"{TASK}\n\n{DOCUMENT}\n\nWho paid?", [TASK, "Who paid?"]),
        (f"{DOCUMENT}\n\nWho paid?\n\n{DOCUMENT}", ["Who paid?"]),
        (f"{TASK}\n\n{DOCUMENT}\n\nWho paid?\n\n{DOCUMENT}", [TASK]),
        (DOCUMENT, []),
    ],
)
def test_the_task_is_at_an_end_or_wherever_something_is_asked(text, tasks):
    places = places_of(text)
    assert [text[slice(*place)] for place in sorted(tasks_of(text, places))] == tasks


def test_omissions_in_a_row_become_one():
    text = "one\n\ntwo\n\nthree\n\nfour"
    gone = {(0, 3): OMITTED, (5, 8): OMITTED, (17, 21): OMITTED}
    assert replaced(text, gone) == f"{OMITTED}\n\nthree\n\n{OMITTED}"
    assert replaced(text, {(0, 3): "1", (5, 8): "1"}) == "1\n\n1\n\nthree\n\nfour"
