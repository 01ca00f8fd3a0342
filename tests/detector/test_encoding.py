"""How two texts share the room that an encoder has."""

from hypothesis import given
from hypothesis import strategies as st

from lance_graph.detector.encoding import fit_pair

lengths = st.integers(0, 700)
budgets = st.integers(8, 256)


@given(lengths, lengths, budgets)
def test_a_fitted_pair_cuts_no_side_below_half(prompt, response, budget):
    left, right = fit_pair(range(prompt), range(response), budget)
    assert len(left) + len(right) == min(budget, prompt + response)
    assert len(left) >= min(prompt, budget // 2)
    assert len(right) >= min(response, budget // 2)


@given(lengths, budgets)
def test_a_side_that_is_missing_leaves_its_room_to_the_other(length, budget):
    left, right = fit_pair(range(length), range(0), budget)
    assert len(left) == min(length, budget) and len(right) == 0
    assert list(left) == list(range(length))[: len(left)] or length > budget
