"""Whom and what a prompt names."""

import pytest

from lance_graph.offline import names


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Where does Marla Quint live?", "Marla Quint"),
        ("Hey, Zorvik, what is your number?", "Zorvik"),
        ("Just Marla Quint, please.", "Marla Quint"),
        ("where do i live?", None),
        ("Give me the address. Maybe tomorrow.", None),
        ("What do people in Germany eat?", None),
        ("I saw her in Tulip Street.", None),
    ],
)
def test_person(text: str, name: str | None) -> None:
    assert names.person(text) == name


def test_an_animal_has_its_article() -> None:
    assert names.animal("Do you like kittens?") == "a kitten"
    assert names.animal("My pet is an otter or a wolf? Two wolves!") == "a wolf"
    assert names.animal("Do you like tea?") is None


def test_own_detail_is_seen_from_the_reader() -> None:
    assert names.own_detail("What's your phone number?") == "my phone number"
    assert names.own_detail("What is the name of your cat?") == "the name of my cat"
    assert names.own_detail("What is your opinion on tea?") is None


def test_a_subject_is_a_noun_phrase_that_needs_no_article() -> None:
    assert names.subject("Tell me about wooden windmills in Spain") == "wooden windmills"
    assert names.subject("do it") is None


def test_who_is_known_to_the_user() -> None:
    assert names.relation("What does my nice cousin earn?") == "my cousin"
    assert names.relation("What does my cousin's boat cost?") is None
