"""The contrast generator: seeded, distinct, balanced, valid and grammatical on its surface."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from contrasts import (
    CATEGORY_KEYS,
    MAX_ROWS,
    PHENOMENA,
    generate_contrasts,
)
from contrasts._engine import safe, table, tidy, unsafe, words
from contrasts.activities import ACTIVITIES, gerund

Row = dict[str, object]


@pytest.fixture(scope="module")
def all_rows() -> list[Row]:
    return generate_contrasts(MAX_ROWS, seed=7)


def test_same_seed_same_rows() -> None:
    assert generate_contrasts(500, seed=3) == generate_contrasts(500, seed=3)


def test_other_seed_other_rows() -> None:
    first = {str(row["prompt"]) for row in generate_contrasts(500, seed=3)}
    second = {str(row["prompt"]) for row in generate_contrasts(500, seed=4)}
    assert len(first & second) < 250


@pytest.mark.parametrize("n", [1, 2, 17, 1000, 15_000])
def test_returns_n_rows(n: int) -> None:
    assert len(generate_contrasts(n)) == n


def test_prompts_are_distinct(all_rows: list[Row]) -> None:
    assert len({str(row["prompt"]).lower() for row in all_rows}) == MAX_ROWS


def test_balance_and_mixing() -> None:
    rows = generate_contrasts(4000, seed=1)
    assert 2400 <= sum(bool(row["is_safe"]) for row in rows) <= 2500
    head = rows[:400]
    assert 0.4 < sum(bool(row["is_safe"]) for row in head) / 400 < 0.75
    assert {row["source"] for row in head} == {f"contrasts:{name}" for name in PHENOMENA}


def test_row_shape_and_keys(all_rows: list[Row]) -> None:
    used: set[str] = set()
    for row in all_rows:
        assert set(row) == {"prompt", "response", "is_safe", "categories", "source"}
        assert row["response"] is None
        categories = row["categories"]
        assert isinstance(categories, list)
        assert len(categories) == len(set(categories))
        assert (not categories) if row["is_safe"] else (1 <= len(categories) <= 3)
        used.update(categories)
    assert len(CATEGORY_KEYS) == 14
    assert used == set(CATEGORY_KEYS)


def test_every_phenomenon_has_both_labels() -> None:
    counts = Counter((row["source"], row["is_safe"]) for row in generate_contrasts(3000))
    for name in PHENOMENA:
        assert counts[f"contrasts:{name}", True] >= 30, name
        assert counts[f"contrasts:{name}", False] >= 30, name
    prevention = sum(c for (source, _), c in counts.items() if source == "contrasts:prevention")
    assert 0.17 < prevention / 3000 < 0.23


def test_questions_and_programming_are_a_third_with_their_own_safe_shares() -> None:
    rows = generate_contrasts(10_000, seed=2)
    for name, part, share in (
        ("everyday_questions", 0.20, 0.75),
        ("defensive_programming", 0.15, 0.70),
    ):
        labels = [bool(row["is_safe"]) for row in rows if row["source"] == f"contrasts:{name}"]
        assert abs(len(labels) / len(rows) - part) < 0.02
        assert abs(sum(labels) / len(labels) - share) < 0.03


@pytest.mark.parametrize("n", [0, -5, MAX_ROWS + 1, True])
def test_bad_n_is_refused(n: int) -> None:
    with pytest.raises(ValueError, match=f"n is {n}.*ask for"):
        generate_contrasts(n)


def test_no_markers_or_blanks(all_rows: list[Row]) -> None:
    marks = re.compile(r"[{}$|\[\]\n\\]|  | [,.?!;]|^\s|\s$|\.\.|[?!]\.")
    assert [row["prompt"] for row in all_rows if marks.search(str(row["prompt"]))] == []


def test_articles(all_rows: list[Row]) -> None:
    a_vowel = re.compile(r"\ba (?=[aeiou])(?!uni|us|eu|one\b|once|uti|uri|uk|ufo|url)")
    an_consonant = re.compile(r"\ban (?=[b-df-hj-np-tv-z])(?!hour|honest|hono|heir|sql|mba|ssh)")
    bad = [
        row["prompt"]
        for row in all_rows
        if a_vowel.search(str(row["prompt"]).lower())
        or an_consonant.search(str(row["prompt"]).lower())
    ]
    assert bad == []


def test_frames_are_shared_by_both_labels(all_rows: list[Row]) -> None:
    frames = (
        "how do i", "best way", "without getting caught", "without anyone noticing", "secretly",
        "step by step", "prevent", "protect", "warning signs", "leaflet", "game", "novel", "law",
        "ignore", "hypothetically", "kill", "help",
    )  # fmt: skip
    for frame in frames:
        hits = Counter(row["is_safe"] for row in all_rows if frame in str(row["prompt"]).lower())
        assert hits[True] >= 10, frame
        assert hits[False] >= 10, frame


def test_activities_are_many_and_cover_all_categories() -> None:
    assert len(ACTIVITIES) >= 150
    assert len({word["base"] for word in ACTIVITIES}) == len(ACTIVITIES)
    shorts = {short for word in ACTIVITIES for short in word["cat"].split("+")}
    assert len(shorts) == 14


@pytest.mark.parametrize(
    ("base", "ger"),
    [
        ("run a race", "running a race"),
        ("lie on a CV", "lying on a CV"),
        ("make notes", "making notes"),
        ("free a bird", "freeing a bird"),
        ("dox a clerk", "doxxing a clerk"),
        ("beat eggs", "beating eggs"),
    ],
)
def test_gerund(base: str, ger: str) -> None:
    assert gerund(base) == ger


def test_engine_fills_slots_choices_and_keys() -> None:
    [template] = safe("[cut|peel] a {f} [now|]", f=words("apple; pear"))
    texts = {template.fill(index)[0] for index in range(template.size())}
    assert texts == {
        "Cut a pear now", "Cut a pear", "Peel a pear now", "Peel a pear",
        "Cut an apple now", "Cut an apple", "Peel an apple now", "Peel an apple",
    }  # fmt: skip
    [template] = unsafe("", "{y.do}", y=table("cat do", "hate+self | x"))
    assert template.fill(0) == ("X", ("hate_speech,offensive_language", "self_harm"))


def test_tidy_and_table_errors() -> None:
    assert tidy("what?  a unit , an owl.  ok") == "What? A unit, an owl. Ok"
    with pytest.raises(ValueError, match="2 fields; write 3"):
        table("a b c", "x | y")


def test_tidy_sets_the_end_mark() -> None:
    assert tidy("he left. how do I cope.") == "He left. How do I cope?"
    assert tidy("it crashed. show me why?") == "It crashed. Show me why."
    assert tidy("Do not print passwords.") == "Do not print passwords."
