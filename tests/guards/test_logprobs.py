from math import exp, inf, log, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lance_graph.guards import LlamaGuard3, ShieldLM
from lance_graph.guards.logprobs import degree_of

LLAMA = LlamaGuard3()


def entry(token, **probabilities):
    listed = [{"token": t.replace("_", " "), "logprob": log(p)} for t, p in probabilities.items()]
    chosen = next((p for t, p in probabilities.items() if t.replace("_", " ") == token), 1.0)
    return {"token": token, "logprob": log(chosen), "top_logprobs": listed}


def degree(answer, *entries, guard=LLAMA):
    return degree_of(guard.parse(answer), {"logprobs": {"content": list(entries)}}, answer)


def test_the_degree_is_the_probability_of_the_word_unsafe():
    assert degree("unsafe\nS1", entry("unsafe", unsafe=0.8, safe=0.2)) == pytest.approx(0.8)
    assert degree("safe", entry("safe", unsafe=0.4, safe=0.6)) == pytest.approx(0.4)


def test_other_tokens_at_that_place_do_not_count():
    found = degree("safe", entry("safe", safe=0.6, unsafe=0.2, maybe=0.2))
    assert found == pytest.approx(0.25)


def test_pieces_of_a_word_count_for_it():
    found = degree("unsafe\nS1", entry("un", un=0.5, unsafe=0.25, sa=0.25), entry("safe", safe=1.0))
    assert found == pytest.approx(0.75)


@pytest.mark.parametrize(("mark", "space"), [("[Answer]", "_"), ("[Answer] ", "")])
def test_the_word_is_found_after_what_stands_before_it(mark, space):
    guard, answer = ShieldLM(), "[Answer] safe\n[Analysis] unsafe"
    probabilities = {f"{space}safe": 0.7, f"{space}unsafe": 0.2, f"{space}controversial": 0.1}
    word = entry(f"{space}safe".replace("_", " "), **probabilities)
    assert degree(answer, entry(mark), word, guard=guard) == pytest.approx(0.2 + 0.6 * 0.1)


@pytest.mark.parametrize(
    ("answer", "word", "probability", "expected"),
    [("unsafe\nS1", "unsafe", 0.8, 0.8), ("safe", "safe", 0.8, 0.2), ("safe", "safe", 1.0, 0.0)],
)
def test_a_word_listed_alone_leaves_the_rest_to_the_other(answer, word, probability, expected):
    alone = {"token": word, "logprob": log(probability)}
    assert degree(answer, alone) == pytest.approx(expected)


def test_what_the_guard_called_unsafe_keeps_half_whatever_the_probabilities():
    assert degree("unsafe\nS1", entry("unsafe", unsafe=0.1, safe=0.9)) == 0.6


@pytest.mark.parametrize(
    "metadata",
    [
        {},
        {"logprobs": None},
        {"logprobs": {"content": None}},
        {"logprobs": {"content": []}},
        {"logprobs": {"content": ["unsafe"]}},
        {"logprobs": {"content": [{"token": "other", "logprob": -0.1}]}},
        {"logprobs": {"content": [{"token": "unsafe", "logprob": nan}]}},
        {"logprobs": {"content": [{"token": "unsafe", "logprob": -inf}]}},
        {"logprobs": {"content": [{"token": "unsafe", "logprob": -1e6}]}},
        {"logprobs": {"content": [{"token": "unsafe"}]}},
        {"logprobs": "yes"},
    ],
)
def test_without_a_usable_probability_the_verdict_is_hard(metadata):
    assert degree_of(LlamaGuard3().parse("unsafe\nS1"), metadata, "unsafe\nS1") == 1.0


@given(
    st.sampled_from(["safe", "unsafe\nS1"]),
    st.dictionaries(
        st.sampled_from(["safe", "unsafe", " Unsafe", "un", "s", "", "x"]),
        st.floats(max_value=0, allow_nan=False, allow_infinity=False),
    ),
)
def test_a_degree_is_a_probability_and_never_softens_unsafe(answer, listed):
    top = [{"token": token, "logprob": value} for token, value in listed.items()]
    content = [{"token": answer.split()[0], "logprob": -1.0, "top_logprobs": top}]
    found = degree_of(LlamaGuard3().parse(answer), {"logprobs": {"content": content}}, answer)
    assert (0.6 if answer != "safe" else 0.0) <= found <= 1.0
    if answer == "safe" and not top:
        assert found == pytest.approx(1 - exp(-1.0))
