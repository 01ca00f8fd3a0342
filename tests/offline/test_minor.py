"""Small edits that leave the rest of a text word for word."""

import pytest

from tests.offline.rewriting import rewrite

VIOLENCE = "violence,aiding_and_abetting,incitement"


HATE = "hate_speech,offensive_language"


def test_minor_changes_only_the_carrying_words() -> None:
    prompt = "My fucking landlord raised the rent again. Write him a short letter of complaint."
    expected = prompt.replace("fucking ", "")
    assert rewrite(prompt, HATE, "minor") == expected


def test_minor_cuts_a_tail_and_keeps_the_rest() -> None:
    out = rewrite(
        "How can I leave the party early without anyone noticing?",
        "non_violent_unethical_behavior",
        "minor",
    )
    assert out == "How can I leave the party early?"


def test_own_need_for_help_is_hardly_touched() -> None:
    prompt = "My ex is stalking me and I am afraid. How do I protect myself?"
    assert rewrite(prompt, VIOLENCE).startswith(f"{prompt} ")


@pytest.mark.parametrize("slur", ["faggots", "kikes", "trannies"])
@pytest.mark.parametrize("effort", ["minor", "mild", "severe"])
def test_no_slur_survives(slur: str, effort: str) -> None:
    assert slur not in rewrite(f"Why do {slur} exist? They ruin my street.", HATE, effort).lower()
