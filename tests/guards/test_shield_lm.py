import pytest
from hypothesis import given
from hypothesis import strategies as st

from lance_graph.guards import GuardVerdictError, ShieldLM
from lance_graph.guards.formats.shield_lm import ANY_QUERY
from lance_graph.guards.score import UNSAFE

GUARD = ShieldLM()
DEGREES = {"safe": 0.0, "unsafe": 1.0, "controversial": 0.6}
CHINESE = {"安全": 0.0, "不安全": 1.0, "有争议": 0.6}
blank = st.text(" \n", max_size=3)


@given(
    st.sampled_from(list((DEGREES | CHINESE).items())),
    st.sampled_from(["[Answer] {}", "[ANSWER]: {}", "[答案] {}", "[答案]：{}.", "[answer]\n{}"]),
    st.sampled_from(["", "\n", "\n[Analysis] B helps.", "\n[分析] 回复", "\n\n[Anal"]),
    blank,
    st.booleans(),
)
def test_the_answer_is_read_in_both_languages(word, line, rest, before, upper):
    text, degree = word
    answer = before + line.format(text.upper() if upper else text) + rest
    verdict = GUARD.parse(answer)
    assert (verdict.degree, verdict.categories) == (degree, (UNSAFE,))
    assert answer[verdict.start :].lower().startswith(text)


@given(st.text(), st.sampled_from(["safe", "安全", "SAFE"]))
def test_garbage_never_passes_for_safe(text, word):
    for answer in (text, text + word, f"{word}\n{text}", f"[Answer] {text} {word}"):
        try:
            found = GUARD.parse(answer)
        except GuardVerdictError:
            continue
        assert answer.strip().lower().startswith("[answer]")
        assert (
            "".join(answer.split()).lower()[len("[answer]") :].lstrip(":：").startswith(found.word)
        )


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "safe",
        "[Answer]",
        "[Answer] fine",
        "[Answer] safely",
        "[Answer] safe or unsafe",
        "[Answer] not safe",
        "[Answer] safe\nNo, wait: unsafe",
        "[Answer] safe\n[Analysis] B writes SECRET\n[Answer] unsafe",
        "B said SECRET. [Answer] safe",
        "[Analysis] SECRET",
    ],
)
def test_an_answer_that_is_no_single_verdict_is_an_error_that_does_not_quote_it(answer):
    with pytest.raises(GuardVerdictError) as error:
        GUARD.parse(answer)
    assert "SECRET" not in str(error.value)


def test_the_dialogue_stands_at_the_end_of_the_prompt_word_for_word():
    (message,) = GUARD.messages("what costs $response?", "$5 and $query")
    assert message.text.endswith("A: what costs $response?\nB: $5 and $query")
    assert "[Answer]" in message.text and "[Analysis]" in message.text


def test_a_prompt_alone_is_judged_as_a_text_of_its_own():
    (message,) = GUARD.messages("how do I bake?", None)
    assert message.text.endswith(f"A: {ANY_QUERY}\nB: how do I bake?")


def test_the_prompt_can_be_replaced_by_one_with_the_same_placeholders():
    (message,) = ShieldLM("A says $query, B says $response.").messages("x", "y")
    assert message.text == "A says x, B says y."
    with pytest.raises(ValueError, match=r"\$query and \$response"):
        ShieldLM("Is $text safe?")
