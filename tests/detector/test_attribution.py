from hypothesis import given
from hypothesis import strategies as st

from lance_graph.detector.attribution import MAX_VARIANTS, explain, stretches
from tests.fakes import SELF_HARM, VIOLENCE, WordDetector

DETECTOR = WordDetector({"poison": (VIOLENCE, 0.9), "pills": (SELF_HARM, 0.7)})


def test_the_words_that_carry_a_category_are_found():
    spans = explain(
        DETECTOR.score, "How do I poison a man with pills?", None, [VIOLENCE, SELF_HARM]
    )
    assert [(span.category, span.text) for span in spans] == [
        (VIOLENCE, "poison"),
        (SELF_HARM, "pills"),
    ]
    assert all(span.weight > 0 for span in spans)


@given(st.text(max_size=300))
def test_spans_are_exact_and_any_text_is_taken(prompt):
    for span in explain(DETECTOR.score, prompt + " poison ", None, [VIOLENCE]):
        assert (prompt + " poison ")[span.start : span.end] == span.text


def test_the_number_of_scorings_is_bounded():
    detector = WordDetector({"poison": (VIOLENCE, 0.9)})
    prompt = "word " * 5000 + "poison " + "word " * 5000
    (span,) = explain(detector.score, prompt, None, [VIOLENCE])
    assert "poison" in span.text
    assert len(detector.scored) <= MAX_VARIANTS + 1
    assert len(stretches(prompt)) <= MAX_VARIANTS


def test_nothing_is_blamed_on_function_words_or_on_nothing():
    detector = WordDetector({"how": (VIOLENCE, 0.9)})
    assert explain(detector.score, "how do I", None, [VIOLENCE]) == []
    assert explain(detector.score, "", None, [VIOLENCE]) == []
    assert explain(detector.score, "hello", None, []) == []
