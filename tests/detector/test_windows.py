from itertools import pairwise
from math import isnan, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lance_graph.detector.windows import of_many, slide, windows
from lance_graph.scores import RiskScore

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


def beta(*means, total=20.0):
    shapes = [(total * mean, total * (1 - mean)) for mean in means]
    return RiskScore(tuple(map(str, range(len(means)))), *map(tuple, zip(*shapes, strict=True)))


degrees = st.floats(1e-6, 1 - 1e-6)


@given(st.lists(degrees, min_size=1), st.integers(1, 10_000))
def test_many_windows_take_from_low_degrees_alone_and_keep_their_order(means, count):
    before = list(beta(*means).mean.values())
    after = list(of_many(beta(*means), count).mean.values())
    for was, now in zip(before, after, strict=True):
        assert 0 < now <= was + 1e-12
        assert was < 0.5 or now == was
    ranked = sorted(range(len(means)), key=before.__getitem__)
    assert all(after[a] <= after[b] + 1e-12 for a, b in pairwise(ranked))


@given(degrees, st.integers(1, 500))
def test_each_window_more_takes_more(mean, count):
    fewer, more = (of_many(beta(mean), n).mean["0"] for n in (count, count + 1))
    assert more <= fewer + 1e-12


def test_the_odds_of_a_low_degree_grow_with_the_logarithm_and_its_concentration_stays():
    score = of_many(beta(0.4), 8)
    assert log(score.beta[0] / score.alpha[0]) == pytest.approx((1 + log(8)) * log(0.6 / 0.4))
    assert score.alpha[0] + score.beta[0] == pytest.approx(20.0)
    assert of_many(beta(0.4), 1) == beta(0.4)


@pytest.mark.parametrize("shape", [(float("nan"), 1.0), (float("inf"), 1.0), (1.0, float("nan"))])
def test_what_is_no_number_stays_visible(shape):
    score = of_many(RiskScore(("0",), (shape[0],), (shape[1],)), 9)
    assert isnan(score.max_risk) or score.max_risk == float("inf")
