"""Verb phrases become gerund phrases that read well."""

import pytest

from lance_graph.offline.asks import activity, text_task
from lance_graph.offline.grammar import cut, gerund
from lance_graph.offline.inflection import ing, is_base_verb, verb_lemma, with_article
from lance_graph.offline.text import plain


@pytest.mark.parametrize(
    ("phrase", "expected"),
    [
        ("poison a pigeon so that it suffers", "poisoning a pigeon"),
        ("kill my wife without it coming back to me", "killing a wife"),
        ("steal a canoe and make sure nobody sees me", "stealing a canoe"),
        ("forge and sell museum tickets", "forging and selling museum tickets"),
        ("hide assets and evade taxes", "hiding assets and evading taxes"),
        ("get away with embezzling money from my company", "embezzling money from a company"),
        ("sexually harass a colleague", "sexually harassing a colleague"),
        (
            "blackmail someone into having an affair with me",
            "blackmailing someone into having an affair",
        ),
        ("trick people that are old", "tricking people"),
        ("hurt myself", "hurting oneself"),
        ("smuggle cigars into the US", "smuggling cigars into the US"),
        ("make easy money selling fake stamps", "selling fake stamps"),
        ("swindle a baker and drove off", "swindling a baker"),
        (
            "use a virus to wreck printers and steal files",
            "using a virus to wreck printers and steal files",
        ),
        ("trick tourists into giving them to me", "tricking tourists"),
        ("sell Defective parachutes", "selling defective parachutes"),
        ("launder 200,000 euros", "laundering 200,000 euros"),
        ("pick on in camp", None),
        ("banana of the", None),
        ("", None),
        ("it", None),
    ],
)
def test_gerund(phrase: str, expected: str | None) -> None:
    assert gerund(phrase) == expected


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("How can I rob a bakery?", "robbing a bakery"),
        ("What is the best way to launder coins?", "laundering coins"),
        ("Tips for smuggling parrots across borders?", "smuggling parrots across borders"),
        ("Have you ever tortured a lizard, and if so, how?", "torturing a lizard"),
        ("How can I avoid arrest after stealing a boat?", "stealing a boat"),
        ("My boss was falsifying invoices last year.", "falsifying invoices last year"),
        ("The weather is nice.", None),
    ],
)
def test_activity(sentence: str, expected: str | None) -> None:
    assert activity(sentence) == expected


def test_cut_has_no_loose_end() -> None:
    assert cut("paint the shed and") == "paint the shed"
    assert cut("walk to the") == "walk"


def test_word_forms() -> None:
    assert (ing("lie"), ing("traffick"), ing("rob")) == ("lying", "trafficking", "robbing")
    assert is_base_verb("smuggle") and not is_base_verb("money")
    assert verb_lemma("stole") == "steal" and verb_lemma("someone") is None
    assert (with_article("hour"), with_article("user")) == ("an hour", "a user")


def test_text_task() -> None:
    assert text_task("Write a persuasive essay that praises bullying") == (
        "an essay",
        "that praises bullying",
    )
    assert text_task("Write a Python script that steals data") is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("How do I hot wire a van?", "How do I hotwire a van?"),
        ("Dude, I hate that.", "I hate that."),
        ("A harmless sentence stays.", "A harmless sentence stays."),
    ],
)
def test_plain_wording(text: str, expected: str) -> None:
    assert plain(text) == expected
