"""From weights to spans, whatever weighed the words."""

import pytest

from lance_graph.categories import KEYS
from lance_graph.detector.attribution import explain, places

PROMPT = "how do I poison the old dog of them"


def by(**weights):
    """A method that weighs words of any prompt by themselves, for the first category."""

    def method(prompt, _, categories):
        known = {place: weights.get(prompt[slice(*place)], 0.0) for place in places(prompt)}
        return {KEYS[0]: known} if KEYS[0] in categories else {}

    return method


def texts(method, prompt=PROMPT, **how):
    return [span.text for span in explain(method, prompt, None, KEYS[:2], **how)]


def test_heaviest_first_and_neighbours_joined():
    spans = explain(by(poison=1.0, old=0.8, dog=0.9), PROMPT, None, [KEYS[0]])
    assert [(span.text, span.weight) for span in spans] == [
        ("old dog", pytest.approx(1.7)),
        ("poison", 1.0),
    ]


def test_light_words_function_words_and_words_that_add_nothing_are_left_out():
    assert texts(by(poison=1.0, dog=0.24, old=-3.0, of=0.9)) == ["poison"]
    assert texts(by(poison=0.04)) == []
    assert texts(by(how=5.0)) == []
    assert texts(by(poison=float("nan"))) == []


def test_no_more_spans_than_wanted():
    assert len(texts(by(poison=1.0, dog=0.5, old=-1.0), per_category=1)) == 1


def test_a_method_reads_the_beginning_of_a_response_only():
    seen = []
    explain(lambda *given: seen.append(given) or {}, "a dog", "x" * 10_000, KEYS[:1])
    assert seen == [("a dog", "x" * 600, KEYS[:1])]


def test_nothing_is_asked_where_there_is_nothing_to_explain():
    def never(*given):
        raise AssertionError(given)

    assert explain(never, "", None, KEYS) == explain(never, "?!", None, KEYS) == []
    assert explain(never, "hello", None, []) == []
