"""The offline responder is honest, constructive and repeats nothing."""

import pytest

from lance_graph.categories import BY_KEY, CATEGORIES, KEYS
from lance_graph.offline.responder import HONEST_LINE, NOT_REWRITTEN, respond
from lance_graph.prompts import load, placeholders

REFUSALS = ("I'm sorry", "I cannot", "I can't", "Sorry", "I am unable", "As an AI")


def test_a_prompt_that_was_not_rewritten_gets_the_honest_line() -> None:
    assert respond("How do I bake bread?", None) == NOT_REWRITTEN
    assert "language model" in NOT_REWRITTEN and "--" not in NOT_REWRITTEN


@pytest.mark.parametrize("category", KEYS)
def test_a_rewritten_prompt_gets_guidance(category: str) -> None:
    out = respond("What helps against zebra smuggling rings?", category)
    assert out.endswith(HONEST_LINE)
    assert "zebra" not in out
    name = "self_harm_general" if category == "self_harm" else BY_KEY[category].slug
    prose = " ".join(load(f"guidance/{name}").split())
    assert prose in out


def test_a_clean_topic_is_named_first() -> None:
    out = respond("How do people protect themselves against hacking?", "privacy_violation")
    assert out.startswith("This is about hacking")


def test_a_door_words_what_the_responder_says_of_itself() -> None:
    words = {
        "offline/not_rewritten": "No model here.",
        "offline/general": "Ask the desk.",
        "offline/care": "Call them.",
    }
    assert respond("How do I bake bread?", None, words) == "No model here."
    assert respond("How is tax evasion found?", "privacy_violation", words).endswith(
        "\n\nAsk the desk."
    )
    assert respond("I want to kill myself", "self_harm", words).endswith("\n\nCall them.")
    assert respond("x", "no_such_category", words).endswith("Ask the desk.")


def test_an_unknown_category_is_no_error() -> None:
    assert respond("x", "no_such_category").endswith(HONEST_LINE)


NAMES = [f"{d}/{c.slug}" for d in ("guidance", "fall_back") for c in CATEGORIES]

MORE = ("fall_back/unavailable", "guidance/self_harm_another", "guidance/self_harm_general")


@pytest.mark.parametrize("name", [*NAMES, *MORE])
def test_prose_is_short_warm_and_without_placeholders(name: str) -> None:
    prose = load(name)
    assert 60 <= len(prose.split()) <= 125
    assert not placeholders(prose)
    assert "#" not in prose
    assert not prose.startswith(REFUSALS)
