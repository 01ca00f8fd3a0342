"""Who is in danger, by the words of the text."""

from time import process_time

import pytest

from lance_graph.offline import care, crisis
from lance_graph.offline.refiner import refine
from lance_graph.offline.responder import CARE_LINE, respond
from lance_graph.prompts import prose


def rewrite(text, effort="severe", attempt=0):
    clause = {"category": "self_harm", "intensity": 0.9, "effort": effort, "words": []}
    return refine(text, [clause], attempt=attempt)


@pytest.mark.parametrize("theme", crisis.themes(), ids=lambda theme: theme.name)
def test_the_request_is_read_as_what_it_was_made_of(theme):
    found = crisis.own_crisis(theme.first)
    assert found is not None and found.first == theme.first


@pytest.mark.parametrize(
    ("text", "whom"),
    [
        ("my bf says he will kill himself if i leave him", "bf"),
        ("My friend says she wants to die and I don't know what to do.", "my friend"),
        ("A user on my server wrote that he has taken pills and is waiting.", "someone"),
        ("My daughter, 14, has cuts all over her arm.", "my daughter"),
    ],
)
def test_who_fears_for_another_is_told_how_to_help(text, whom):
    asked = rewrite(text)
    assert (whom if whom != "bf" else "someone") in asked
    assert "I think" not in asked and "I feel" not in asked
    answer = respond(asked, "self_harm")
    assert answer.startswith(prose("guidance/self_harm_another")) and answer.endswith(CARE_LINE)


@pytest.mark.parametrize(
    "filler", [" ", "no one ", "my friend ", "take ", "sleep ", "i just ", "'"]
)
def test_reading_takes_time_in_proportion_to_the_text(filler):
    def seconds(count):
        text = "i " + filler * count
        begin = process_time()
        crisis.own_crisis(text), crisis.another(text), crisis.plainly_own(text)
        return process_time() - begin

    seconds(1_000)
    small, large = min(seconds(500) for _ in range(3)), min(seconds(5_000) for _ in range(3))
    assert large < 40 * small


def test_requests_are_whole_sentences():
    for request in care.requests():
        assert "{" not in request and request[0].isupper() and request.endswith("?")
