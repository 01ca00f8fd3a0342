from hypothesis import given
from hypothesis import strategies as st

from lance_graph.categories import BY_KEY, KEYS
from lance_graph.gradients import build_gradient, keep_words_of, render_found, render_gradient
from lance_graph.routing import ThresholdPolicy, hazards

risks = st.fixed_dictionaries(dict.fromkeys(KEYS, st.floats(0, 1)))


def gradient_of(risk, words=None):
    return build_gradient(risk, hazards(risk, ThresholdPolicy()), words or {})


def test_a_clause_says_direction_step_size_and_words():
    risk = dict.fromkeys(KEYS, 0.0) | {"animal_abuse": 0.62}
    (clause,) = gradient_of(risk, {"animal_abuse": ["kick", "the dog"]})
    text = render_gradient([clause])
    assert BY_KEY["animal_abuse"].title in text
    assert "0.62" in text and "mild" in text and "“kick”" in text and "“the dog”" in text


def test_without_words_the_request_as_a_whole_is_named():
    risk = dict.fromkeys(KEYS, 0.0) | {"self_harm": 0.9}
    assert "the request as a whole" in render_gradient(gradient_of(risk))


@given(risks)
def test_one_clause_per_hazard_strongest_first(risk):
    clauses = gradient_of(risk)
    assert [clause["category"] for clause in clauses] == list(hazards(risk, ThresholdPolicy()))


@given(risks, st.integers(100, 3000))
def test_a_rendered_gradient_is_bounded_and_says_what_it_leaves_out(risk, limit):
    clauses = gradient_of(risk, dict.fromkeys(KEYS, ["word " * 20] * 50))
    text = render_gradient(clauses, limit=limit)
    lines = text.splitlines()
    if len(lines) > 2:
        assert len(text) <= limit + len(lines[-1]) + len(lines)
    shown = sum(line.startswith("- ") and "left out" not in line for line in lines)
    assert shown == len(clauses) or f"({len(clauses) - shown} weaker" in text


def test_only_words_of_the_given_text_stay_in_a_trace():
    risk = dict.fromkeys(KEYS, 0.0) | {"self_harm": 0.9}
    clauses = gradient_of(risk, {"self_harm": ["typed", "invented by a refiner"]})
    (kept,) = keep_words_of("what the user Typed", clauses)
    assert kept["words"] == ["typed"]
    assert clauses[0]["words"] == ["typed", "invented by a refiner"]


def test_a_category_of_another_detector_is_rendered_by_its_own_name():
    clauses = build_gradient({"S17": 0.8}, {"S17": "severe"}, {})
    text = render_gradient(clauses)
    assert "S17" in text and "the lawful, honest or caring side" in text


def test_what_was_found_names_each_category_its_degree_and_what_it_covers():
    risk = {"animal_abuse": 0.81, "house rules": 0.4}
    clauses = gradient_of(risk)
    lines = render_found(clauses).splitlines()
    assert lines[0].startswith("- Animal abuse (0.81): cruelty")
    assert lines[1].startswith("- house rules (0.40)")
    assert render_found(clauses, limit=1) == lines[0]
