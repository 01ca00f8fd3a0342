from contextlib import suppress

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from langchain_core.messages import AIMessage, HumanMessage

from lance_graph.categories import KEYS
from lance_graph.guards import GuardVerdictError, LlamaGuard3
from lance_graph.guards.formats.llama_guard import HAZARDS
from lance_graph.guards.score import UNSAFE

GUARD = LlamaGuard3()
blank = st.text(" \n\t", max_size=4)
codes = st.lists(st.sampled_from(list(HAZARDS)), min_size=1, max_size=5)


def cased(word):
    return st.sampled_from([word, word.upper(), word.title()])


@given(blank, cased("safe"), blank)
def test_safe_is_read_whatever_the_case_and_the_space_around_it(before, word, after):
    verdict = GUARD.parse(before + word + after)
    assert (verdict.degree, verdict.categories) == (0.0, (UNSAFE,))
    assert (before + word).find(word) == verdict.start


@given(blank, cased("unsafe"), codes, st.sampled_from([",", ", ", " , ", "\n"]), blank)
def test_unsafe_counts_for_the_category_of_each_code(before, word, found, comma, after):
    verdict = GUARD.parse(f"{before}{word}\n{comma.join(found)}{after}")
    assert verdict.degree == 1.0
    assert set(verdict.categories) == {key for code in found for key in HAZARDS[code]}


@given(st.text() | st.builds("{}safe{}".format, st.text(), st.text()))
def test_what_is_not_the_word_safe_alone_never_passes_for_safe(answer):
    assume(answer.strip().lower() != "safe")
    with suppress(GuardVerdictError):
        assert GUARD.parse(answer).degree == 1.0


@pytest.mark.parametrize(
    "answer",
    [
        "",
        " \n",
        "unsafe",
        "unsafe\n",
        "unsafe\nS15",
        "unsafe\nS1,S99",
        "unsafe\nS",
        "unsafe\nviolence",
        "unsafe S1",
        "unsafe S1\nS2",
        "unsafely\nS1",
        "safe\nS1",
        "safe\nunsafe\nS1",
        "safe.",
        "The text is safe",
        "I cannot help with that SECRET request",
        "unsafe\nSECRET",
    ],
)
def test_an_answer_that_is_no_verdict_is_an_error_that_does_not_quote_it(answer):
    with pytest.raises(GuardVerdictError) as error:
        GUARD.parse(answer)
    assert "SECRET" not in str(error.value) and "S99" not in str(error.value)


def test_the_fourteen_hazards_all_map_on_categories():
    assert list(HAZARDS) == [f"S{i}" for i in range(1, 15)]
    assert {key for keys in HAZARDS.values() for key in keys} <= set(KEYS)


def test_the_conversation_is_sent_as_it_is():
    assert GUARD.messages("ask", None) == [HumanMessage("ask")]
    assert GUARD.messages("ask", "tell") == [HumanMessage("ask"), AIMessage("tell")]
    assert GUARD.messages("ask", "") == [HumanMessage("ask"), AIMessage("")]


def test_the_hazards_can_be_mapped_otherwise():
    guard = LlamaGuard3({"S1": ("terrorism,organized_crime", "self_harm")})
    found = guard.parse("unsafe\nS1").categories
    assert found == ("terrorism,organized_crime", "self_harm")
    with pytest.raises(GuardVerdictError):
        guard.parse("unsafe\nS2")


def test_a_mapping_on_what_is_no_category_is_named():
    with pytest.raises(ValueError, match="'S1' maps on 'violence'"):
        LlamaGuard3({"S1": ("violence",)})
    with pytest.raises(ValueError, match="S2 maps on nothing"):
        LlamaGuard3({"S1": ("self_harm",), "S2": ()})
