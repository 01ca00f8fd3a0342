from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from lance_graph.detector.windows import slide, windows

lengths = st.integers(0, 700)
budgets = st.integers(8, 256)


@given(lengths, lengths, budgets)
def test_windows_cover_every_token_and_keep_the_budget(prompt, response, budget):
    left, right = list(range(prompt)), list(range(1000, 1000 + response))
    parts = list(windows(left, right, budget))
    assert all(len(a) + len(b) <= budget for a, b in parts)
    assert {token for a, _ in parts for token in a} == set(left)
    assert {token for _, b in parts for token in b} == set(right)


@given(lengths, lengths, budgets)
def test_every_window_of_a_pair_shows_both_sides(prompt, response, budget):
    parts = list(windows(list(range(prompt)), list(range(response)), budget))
    assert all(bool(a) == bool(prompt) and bool(b) == bool(response) for a, b in parts)


@given(lengths, lengths, budgets)
def test_each_window_keeps_half_of_the_budget_for_each_long_side(prompt, response, budget):
    for a, b in windows(range(prompt), range(response), budget):
        assert len(a) >= min(prompt, budget // 2) and len(b) >= min(response, budget // 2)


@given(st.integers(1, 100), st.integers(200, 2000))
def test_a_short_side_stands_whole_beside_every_part_of_the_long_one(short, long):
    budget = 200
    assert all(len(a) == short for a, _ in windows(range(short), range(long), budget))
    assert all(len(b) == short for _, b in windows(range(long), range(short), budget))


@given(lengths, lengths, budgets)
def test_the_cost_grows_with_the_length_and_not_with_its_square(prompt, response, budget):
    count = len(list(windows(range(prompt), range(response), budget)))
    assert count <= 2 + 4 * (prompt + response) / budget


@given(st.integers(1, 700), st.integers(4, 100))
def test_neighbouring_windows_overlap(length, size):
    parts = list(slide(list(range(length)), size))
    assert all(left[-1] >= right[0] - 1 for left, right in pairwise(parts))
    assert parts[-1][-1] == length - 1
