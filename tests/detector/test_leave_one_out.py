from hypothesis import given
from hypothesis import strategies as st

from lance_graph.categories import KEYS
from lance_graph.detector.attribution import explain
from lance_graph.detector.leave_one_out import MAX_WORDS, leave_one_out, passages
from tests.fakes import SELF_HARM, VIOLENCE, WordDetector

DETECTOR = WordDetector({"poison": (VIOLENCE, 0.9), "pills": (SELF_HARM, 0.7)})


def test_the_words_that_carry_a_category_are_found():
    spans = explain(
        leave_one_out(DETECTOR.score),
        "How do I poison a man with pills?",
        None,
        [VIOLENCE, SELF_HARM],
    )
    assert [(span.category, span.text) for span in spans] == [
        (VIOLENCE, "poison"),
        (SELF_HARM, "pills"),
    ]
    assert all(span.weight > 0 for span in spans)


@given(st.text(max_size=300))
def test_spans_are_exact_and_any_text_is_taken(prompt):
    for span in explain(leave_one_out(DETECTOR.score), prompt + " poison ", None, [VIOLENCE]):
        assert (prompt + " poison ")[span.start : span.end] == span.text


def test_a_long_prompt_costs_one_more_scoring_and_its_worst_passage():
    detector = WordDetector({"poison": (VIOLENCE, 0.9)})
    prompt = "word " * 5000 + "poison " + "word " * 5000
    (span,) = explain(leave_one_out(detector.score), prompt, "answer " * 5000, [VIOLENCE])
    assert span.text == "poison" and prompt[span.start : span.end] == "poison"
    texts = [pair if isinstance(pair, str) else pair[0] for pair in detector.scored]
    assert sum(map(len, texts)) < len(prompt) + (MAX_WORDS + 1) * 5 * MAX_WORDS + 1000


def test_no_more_than_three_passages_are_looked_at():
    words = {f"w{number}x": (key, 0.9) for number, key in enumerate(KEYS)}
    prompt = " ".join(f"{word} " + "filler " * MAX_WORDS for word in words)
    assert len(passages(WordDetector(words).score, prompt, KEYS)) == 3


def test_nothing_is_blamed_on_function_words_or_on_nothing():
    detector = WordDetector({"how": (VIOLENCE, 0.9)})
    assert explain(leave_one_out(detector.score), "how do I", None, [VIOLENCE]) == []
    assert explain(leave_one_out(detector.score), "", None, [VIOLENCE]) == []
    assert explain(leave_one_out(detector.score), "hello", None, []) == []
