"""The word lists of the offline refiner."""

import re

import pytest

from lance_graph.categories import CATEGORIES
from lance_graph.offline.lexicon import _data as data
from lance_graph.offline.lexicon import (
    beings,
    find_group,
    find_in,
    find_topic,
    has,
    is_subject,
    slug_of_topic,
    table,
    without_innocent,
    word_pattern,
    words,
)


def test_every_topic_with_a_category_is_listed_and_every_category_is_known() -> None:
    listed = {label for label, _ in table("topics")}
    placed = [topic for topics in data()["topic_slugs"].values() for topic in topics]
    assert set(placed) <= listed and len(set(placed)) == len(placed)
    assert data()["topic_slugs"].keys() <= {category.slug for category in CATEGORIES}


@pytest.mark.parametrize("name", ["topics", "groups", "countries", "details", "children"])
def test_no_pattern_of_a_table_fits_any_text_but_the_last_resort(name: str) -> None:
    caught = [label for label, pattern in table(name) if pattern.search("zzz")]
    assert caught == (["a child"] if name == "children" else [])


@pytest.mark.parametrize(
    ("text", "topic", "slug"),
    [
        ("How do I grow weed in a cupboard?", "drug use", "drugs_weapons"),
        ("where to buy fentanyl and other drugs", "fentanyl", "drugs_weapons"),
        ("I like to read about lighthouses.", None, None),
        ("Write about the corrupt judge.", "corruption", "financial_crime"),
    ],
)
def test_the_first_listed_topic_is_named(text: str, topic: str | None, slug: str | None) -> None:
    assert find_topic(text) == topic
    assert (slug_of_topic(topic) if topic else None) == slug


def test_the_group_that_is_named_first_is_found_with_its_place() -> None:
    found = find_group("Why do cyclists annoy lawyers?")
    assert found is not None
    label, match = found
    assert label == "cyclists" and match.start() == len("Why do ")
    assert find_group("Why do kettles whistle?") is None


@pytest.mark.parametrize("name", ["profanity", "insults", "harm_verbs", "animals"])
def test_a_listed_word_is_found_whole_in_any_case_and_not_inside_another(name: str) -> None:
    for word in words(name):
        assert has(name, f"a {word.upper()}!")
        assert word_pattern(name).fullmatch(word)
    assert not has(name, "Scunthorpe catalogue assassinated grasshopper")


def test_patterns_of_every_table_are_case_blind() -> None:
    for name, rows in data().items():
        if isinstance(rows, dict) and name not in {"topic_slugs", "rewrites"}:
            assert all(pattern.flags & re.IGNORECASE for _, pattern in table(name)), name
    assert find_in("countries", "IN FRANCE") == "France"


def test_a_set_phrase_is_not_searched_for_harm_and_what_stands_beside_it_is() -> None:
    assert "kill" not in without_innocent("How do I kill time while I wait?")
    assert "kill my boss" in without_innocent("How do I kill time and kill my boss?")
    assert without_innocent("How do I bake bread?") == "How do I bake bread?"


def test_a_being_is_found_in_any_number_and_a_thing_is_none() -> None:
    for whom in ("a stranger", "two puppies", "my dogs", "HIM", "the president"):
        assert beings().search(whom), whom
    assert not beings().search("a Python process on the server, the shed and time itself")


def test_a_subject_is_named_only_where_no_harm_is() -> None:
    assert {topic for topic in data()["subjects"]} <= {label for label, _ in table("topics")}
    assert find_topic("Can I drink beer with antibiotics?") == "alcohol misuse"
    assert is_subject("alcohol misuse") and not is_subject("theft")
    assert find_topic("How do I steal beer?") == "theft"
