import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lance_graph.evaluation import metrics

REPEATS = 300
VALUES = st.lists(st.one_of(st.none(), st.just(math.nan), st.floats(-10, 10)), max_size=30)


def covered(intervals: list[tuple[float | None, float | None]], truth: float) -> float:
    return float(np.mean([low <= truth <= high for low, high in intervals]))  # type: ignore[operator]


@pytest.mark.parametrize("skewed", [False, True])
def test_intervals_of_means_cover_the_truth_about_as_often_as_they_say(skewed):
    rng = np.random.default_rng(1)
    draws = rng.exponential(1, (REPEATS, 60)) if skewed else rng.normal(1, 2, (REPEATS, 60))
    found = [metrics.mean(row) for row in draws]
    assert 0.90 <= covered([(e.low, e.high) for e in found], 1.0) <= 0.99


@pytest.mark.parametrize("share", [0.02, 0.3])
def test_intervals_of_rates_cover_the_truth_about_as_often_as_they_say(share):
    rng = np.random.default_rng(2)
    found = [metrics.rate(row) for row in rng.random((REPEATS, 100)) < share]
    assert 0.90 <= covered([(e.low, e.high) for e in found], share) <= 0.995


def test_intervals_of_quantiles_cover_the_truth_about_as_often_as_they_say():
    rng = np.random.default_rng(3)
    found = [metrics.quantile(row, 0.5) for row in rng.exponential(1, (REPEATS, 80))]
    assert covered([(e.low, e.high) for e in found], math.log(2)) >= 0.93


def test_a_paired_difference_is_sharper_than_two_means():
    rng = np.random.default_rng(4)
    hard = rng.normal(0, 5, 100)
    ours = {str(n): float(v + 0.5 + rng.normal(0, 0.1)) for n, v in enumerate(hard)}
    theirs = {str(n): float(v) for n, v in enumerate(hard)}
    found, alone = metrics.difference(ours, theirs), metrics.mean(ours.values())
    assert found.value == pytest.approx(0.5, abs=0.05)
    assert found.high - found.low < (alone.high - alone.low) / 10


@given(VALUES, st.randoms())
def test_the_order_of_values_changes_nothing(values, rng):
    shuffled = list(values)
    rng.shuffle(shuffled)
    for figure in (metrics.mean, lambda v: metrics.quantile(v, 0.95)):
        assert repr(figure(values)) == repr(figure(shuffled))


@given(VALUES)
def test_what_is_missing_is_counted_and_never_a_number(values):
    found = metrics.mean(values)
    known = [v for v in values if v is not None and not math.isnan(v)]
    assert (found.count, found.missing) == (len(known), len(values) - len(known))
    if known:
        assert found.value == pytest.approx(np.mean(known))
    else:
        assert math.isnan(found.value) and found.low is None and found.high is None


@given(st.lists(st.floats(1, 10), min_size=metrics.FEWEST, max_size=50))
@settings(max_examples=50)
def test_an_interval_lies_within_the_values_and_around_nothing_else(values):
    found = metrics.mean(values)
    if min(values) == max(values):
        assert found.low is None
    elif found.low is not None and found.high is not None:
        assert min(values) - 1e-9 <= found.low <= found.high <= max(values) + 1e-9


def test_too_few_values_and_equal_ones_have_no_interval():
    assert metrics.mean([1.0, 2.0, 3.0]).low is None
    assert metrics.mean([8.0] * 40) == metrics.Estimate(8.0, None, None, 40, 0)


def test_wilson_holds_where_nothing_or_everything_is_true():
    none, every = metrics.rate([False] * 10), metrics.rate([True] * 10)
    assert none.low == pytest.approx(0, abs=1e-12) and none.high == pytest.approx(0.2775, abs=1e-4)
    assert every.value == 1 and every.low == pytest.approx(1 - 0.2775, abs=1e-4)
    assert none.unit == "share"


def test_rates_and_differences_of_nothing_are_undefined():
    assert math.isnan(metrics.rate([None, math.nan]).value)
    assert metrics.rate([None, True]).missing == 1
    found = metrics.difference({"a": 1.0}, {"b": 2.0})
    assert math.isnan(found.value) and (found.count, found.missing) == (0, 2)
    assert math.isnan(metrics.quantile([], 0.5).value)


def test_only_samples_that_both_have_are_paired():
    ours = {"a": 5.0, "b": 7.0, "c": None, "d": 9.0}
    theirs = {"a": 4.0, "b": 5.0, "c": 3.0, "e": 1.0}
    found = metrics.difference(ours, theirs)
    assert (found.value, found.count, found.missing) == (1.5, 2, 3)  # c, d and e have no partner


def test_a_quantile_of_few_values_has_no_upper_bound():
    found = metrics.quantile([1.0, 2.0, 3.0, 4.0, 5.0], 0.95)
    assert found.value == pytest.approx(4.8) and found.high is None and found.unit == "seconds"


def test_a_count_is_exact():
    assert metrics.count(3, 10) == metrics.Estimate(3.0, count=10, unit="count")
