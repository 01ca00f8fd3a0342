import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from lance_graph.training.risk_control import RATES, certify, upper_bound, wrong

DRAWS, ROWS = 600, 200


def true_rate(threshold, rate):
    """Of degrees that are uniform on (0, 1)."""
    return 1 - threshold if rate == "false_positive" else threshold


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize(("wanted", "confidence"), [(0.1, 0.9), (0.3, 0.8)])
def test_the_true_rate_is_rarely_above_the_wanted_one(rate, wanted, confidence):
    rng = np.random.default_rng(1)
    found = [
        certify(rng.uniform(size=ROWS), rate, wanted, confidence=confidence) for _ in range(DRAWS)
    ]
    over = sum(true_rate(one.threshold, rate) > wanted for one in found)
    delta = 1 - confidence
    assert over <= binom.ppf(0.999, DRAWS, delta)
    assert over >= 0.4 * delta * DRAWS  # and it is not much stricter than it promises
    spared = [wanted - true_rate(one.threshold, rate) for one in found]
    assert 0 < np.mean(spared) < 0.06


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("ties", [False, True])
def test_conformal_keeps_the_rate_on_average(rate, ties):
    rng = np.random.default_rng(2)
    draw = (lambda n: rng.integers(1, 6, n) / 6) if ties else (lambda n: rng.uniform(size=n))
    errors = []
    for _ in range(DRAWS):
        found = certify(draw(30), rate, 0.2, method="conformal")
        errors.append(wrong(draw(40), found.threshold, rate) / 40)
    assert np.mean(errors) <= 0.2 + 4 * np.std(errors) / DRAWS**0.5
    assert ties or np.mean(errors) > 0.15


@given(
    st.lists(st.floats(0, 1), min_size=1, max_size=80),
    st.sampled_from(RATES),
    st.sampled_from(["ltt", "conformal"]),
    st.floats(0.05, 0.9),
)
def test_what_is_certified_holds_on_the_rows_themselves(degrees, rate, method, wanted):
    highest = np.array(degrees)
    found = certify(highest, rate, wanted, method=method, confidence=0.8)
    if math.isnan(found.threshold):
        assert found.rows_needed is None or found.rows_needed > 0
    else:
        assert wrong(highest, found.threshold, rate) <= wanted * (len(highest) + 1)
        assert found.rows_needed is None


@given(st.floats(0.02, 0.5), st.floats(0.02, 0.5), st.sampled_from(RATES))
def test_a_larger_wanted_rate_gives_no_stricter_threshold(one, other, rate):
    highest = np.random.default_rng(3).uniform(size=300)
    less, more = (certify(highest, rate, x).threshold for x in sorted((one, other)))
    if not math.isnan(less):
        assert more <= less if rate == "false_positive" else more >= less


def test_too_few_rows_say_how_many_are_needed():
    found = certify(np.full(28, 0.5), "false_positive", 0.1, confidence=0.95)
    assert math.isnan(found.threshold) and found.rows_needed == 29
    enough = certify(np.full(29, 0.5), "false_positive", 0.1, confidence=0.95)
    assert enough.threshold == 0.5 and enough.rows_needed is None


def test_errors_at_the_strictest_threshold_cost_rows():
    highest = np.array([1.0] * 5 + [0.5] * 95)
    found = certify(highest, "false_positive", 0.08, confidence=0.99)
    assert math.isnan(found.threshold) and 100 < found.rows_needed < 2_000
    repeated = np.resize(highest, 100 * math.ceil(found.rows_needed / 100))
    assert not math.isnan(certify(repeated, "false_positive", 0.08, confidence=0.99).threshold)


def test_what_no_number_of_rows_mends():
    found = certify(np.array([1.0] * 50 + [0.5] * 50), "false_positive", 0.2)
    assert math.isnan(found.threshold) and found.rows_needed is None


@pytest.mark.parametrize("method", ["ltt", "conformal"])
@pytest.mark.parametrize("rate", RATES)
def test_no_rows_certify_nothing(method, rate):
    found = certify(np.array([]), rate, 0.1, method=method)
    assert math.isnan(found.threshold) and found.rows_needed in (9, 29)


def test_conformal_promises_an_average_and_no_confidence():
    assert certify(np.linspace(0, 1, 50), "miss", 0.1, method="conformal").confidence is None


@pytest.mark.parametrize(("errors", "rows"), [(0, 30), (3, 50), (49, 50), (50, 50), (0, 0)])
def test_the_upper_bound_is_where_so_few_errors_become_unlikely(errors, rows):
    bound = upper_bound(errors, rows, 0.95)
    if errors == rows:
        assert bound == 1.0
    else:
        assert errors / rows < bound < 1
        assert binom.cdf(errors, rows, bound) == pytest.approx(0.05)


def test_a_degree_at_the_threshold_is_not_flagged():
    highest = np.array([0.3, 0.3, 0.7])
    assert wrong(highest, 0.3, "false_positive") == 1
    assert wrong(highest, 0.3, "miss") == 2


@pytest.mark.parametrize(
    ("args", "options", "part"),
    [
        (("false_positive", 0.0), {}, "wanted false_positive rate is 0.0"),
        (("miss", 1.0), {}, "wanted miss rate is 1.0"),
        (("miss", math.nan), {}, "is nan"),
        (("miss", 0.1), {"confidence": 1.0}, "confidence is 1.0"),
        (("recall", 0.1), {}, "rate is 'recall'"),
        (("miss", 0.1), {"method": "luck"}, "method is 'luck'"),
    ],
)
def test_bad_wishes_are_named(args, options, part):
    with pytest.raises(ValueError, match=part):
        certify(np.linspace(0, 1, 50), *args, **options)


def test_a_degree_that_is_no_number_certifies_nothing():
    with pytest.raises(ValueError, match="1 of 2 degrees"):
        certify(np.array([0.1, math.nan]), "miss", 0.1)
