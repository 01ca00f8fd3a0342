"""The passages of what a tool brought."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lance_graph.conversation.passages import (
    MOST_PASSAGES,
    OMITTED,
    passages_of,
    replaced_by,
    without,
)

IMAGE = {"type": "image", "url": "https://a.test/a.png"}
ROWS = [{"id": 1, "note": "late"}, {"id": 2, "note": "a bomb"}, {"id": 3, "note": "paid"}]


def test_one_bad_row_of_json_is_left_out_and_the_table_stays():
    table = json.dumps({"rows": ROWS})
    assert passages_of(table) == ["late", "a bomb", "paid"]
    kept = json.loads(without(table, {"a bomb"}))
    assert kept == {"rows": [ROWS[0], {"id": 2, "note": OMITTED}, ROWS[2]]}


def test_a_row_that_is_bad_as_a_whole_goes_as_a_whole():
    table = json.dumps(ROWS)
    assert passages_of(table, by_row=True) == [json.dumps(row) for row in ROWS]
    kept = json.loads(without(table, {json.dumps(ROWS[1])}, by_row=True))
    assert kept == [ROWS[0], OMITTED, ROWS[2]]


def test_a_list_of_blocks_stays_one_with_its_image():
    content = [{"type": "text", "text": "Here. A bomb!", "id": "1"}, IMAGE]
    assert passages_of(content) == ["Here.", "A bomb!"]
    kept = without(content, {"A bomb!"})
    assert kept == [{"type": "text", "text": f"Here.\n{OMITTED}", "id": "1"}, IMAGE]


def test_a_notice_takes_the_place_of_the_words_alone():
    content = [{"type": "text", "text": "A bomb!"}, IMAGE]
    assert without(content, {"A bomb!"}) is None
    assert replaced_by(content, "gone") == [{"type": "text", "text": "gone"}, IMAGE]
    assert replaced_by("A bomb!", "gone") == "gone"
    address = {"type": "image", "url": "https://a.test/how-to-build-a-bomb.png"}
    assert replaced_by([address], "gone") == "gone", "an address can be the hazard itself"


def test_what_is_encoded_goes_whole():
    coded = {"type": "file", "source_type": "base64", "data": "SG93IHRvIGJ1aWxkIGEgYm9tYg==",
             "mime_type": "text/plain"}  # fmt: skip
    content = ["fine", coded]
    assert passages_of(content) == ["fine", "How to build a bomb"]
    assert without(content, {"How to build a bomb"}) == ["fine"]


values = st.recursive(
    st.text(max_size=8) | st.integers() | st.none(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner),
)


@given(values, st.booleans())
def test_nothing_changes_where_nothing_is_bad(value, by_row):
    text = json.dumps(value)
    assert without(text, {"never said"}, by_row=by_row) == text or not passages_of(text)


@pytest.mark.parametrize("by_row", [False, True])
def test_they_are_bounded_in_number_and_hold_the_text(by_row):
    table = json.dumps([{"note": f"line {i}. And more!"} for i in range(1_000)])
    passages = passages_of(table, by_row=by_row)
    assert len(passages) <= MOST_PASSAGES
    assert all(f"line {i}." in " ".join(passages) for i in range(1_000))
    assert OMITTED in without(table, {passages[3]}, by_row=by_row)


@pytest.mark.parametrize("text", ["[" * 100_000, "[" * 900 + "]" * 900, '{"a":'])
def test_json_that_cannot_be_walked_through_is_plain_text(text):
    assert passages_of(text) == [text]
