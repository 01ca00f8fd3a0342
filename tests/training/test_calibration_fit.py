"""Fitting a calibration: what is known of made-up degrees is recovered."""

import math

import numpy as np
import pytest

from lance_graph.categories import KEYS
from lance_graph.detector.calibration import curve
from lance_graph.training.calibration_fit import (
    calibrate,
    fit_curve,
    fit_temperatures,
    independent_degrees,
)
from lance_graph.training.data.example import Example, of_row
from lance_graph.training.measured import Measured

K = len(KEYS)


def synthetic(rows=4_000, temperature=1.0, shift=0.0, concentration=8.0, seed=0):
    """Rows whose labels follow sigmoid(odds / temperature + shift) in each category."""
    rng = np.random.default_rng(seed)
    odds = rng.normal(-3.0, 2.0, (rows, K))
    p = 1 / (1 + np.exp(-(odds / temperature + shift)))
    labels = rng.uniform(size=p.shape) < p
    examples = [
        Example.full(f"prompt {n}", None, [KEYS[j] for j in np.flatnonzero(row)])
        for n, row in enumerate(labels)
    ]
    mean = 1 / (1 + np.exp(-odds))
    return Measured(tuple(examples), concentration * mean, concentration * (1 - mean))


def binary(rows=4_000, temperature=1.0, shift=0.0, seed=0):
    """Rows whose binary label follows sigmoid(highest odds / temperature + shift); no categories."""
    rng = np.random.default_rng(seed)
    odds = rng.normal(0.0, 2.0, (rows, K)) - 3.0
    p = 1 / (1 + np.exp(-(odds.max(1) / temperature + shift)))
    unsafe = rng.uniform(size=rows) < p
    mean = 1 / (1 + np.exp(-odds))
    examples = tuple(
        of_row({"prompt": f"prompt {n}", "is_safe": not bad}) for n, bad in enumerate(unsafe)
    )
    return Measured(examples, 8 * mean, 8 * (1 - mean))


def test_a_known_temperature_is_recovered():
    measured = synthetic(temperature=2.0)
    natural = float(measured.unsafe.mean())  # the mix of the file, so that no row is weighted
    found = fit_temperatures(measured, natural)
    assert found == pytest.approx([2.0] * K, rel=0.15)


def test_a_category_without_positives_takes_the_temperature_of_all():
    measured = synthetic(temperature=2.0)
    blank = np.array([key != KEYS[3] for key in KEYS])
    rows = tuple(
        Example(r.prompt, None, tuple(np.array(r.labels) * blank), r.mask, r.unsafe)
        for r in measured.rows
    )
    found = fit_temperatures(Measured(rows, measured.alpha, measured.beta), 0.5)
    others = np.delete(found, 3)
    assert others.min() < found[3] < others.max()


def test_without_known_categories_every_temperature_is_one():
    assert fit_temperatures(binary(200), 0.5) == [1.0] * K


def test_a_known_shift_is_recovered_whatever_the_mix_is_weighted_to():
    measured = binary(20_000, temperature=2.0, shift=-1.0)
    natural = float(measured.unsafe.mean())
    low, high, shift = fit_curve(measured, [2.0] * K, natural)
    highest = np.linspace(-1, 2, 7)  # where most of the highest degrees lie
    assert curve(highest, low, high, shift) == pytest.approx(highest - 1.0, abs=0.25)


def test_the_prevalence_moves_the_log_odds_by_its_own():
    measured = binary(8_000)
    half, tenth = (fit_curve(measured, [1.0] * K, share) for share in (0.5, 0.1))
    highest = np.array([0.0, 1.0, 2.0])
    moved = curve(highest, *half) - curve(highest, *tenth)
    assert moved == pytest.approx(np.full(3, math.log(9)), abs=0.4)


def test_degrees_on_one_side_of_a_threshold_do_not_run_away():
    odds = np.repeat([[-2.0] * K, [2.0] * K], 50, axis=0)
    mean = 1 / (1 + np.exp(-odds))
    rows = [of_row({"prompt": f"{n}", "is_safe": n < 50}) for n in range(100)]
    found = calibrate(Measured(tuple(rows), mean, 1 - mean))
    assert 0.1 <= found.low <= 10 and 0.1 <= found.high <= 10 and abs(found.shift) <= 10


@pytest.mark.parametrize(
    "measured", [synthetic(temperature=0.5, shift=-1.0), binary(temperature=3.0, shift=1.0)]
)
def test_the_calibration_error_of_bad_degrees_falls(measured):
    found = calibrate(measured, seed=3)
    assert found.after["ece"] < 0.05 < found.before["ece"]
    assert found.after["log_loss"] < found.before["log_loss"]
    assert found.after["brier"] < found.before["brier"]


def test_degrees_that_are_frequencies_stay_nearly_so():
    measured = binary(8_000)
    found = calibrate(measured, prevalence=float(measured.unsafe.mean()))
    assert found.before["ece"] < 0.05 and found.after["ece"] < 0.05


def test_what_is_stored_can_be_measured_again():
    measured = binary()
    found = calibrate(measured, [("false_positive", 0.1), ("miss", 0.2)], seed=5)
    _, other = measured.split(5)
    p = (lambda a, b: a / (a + b))(*found.apply(other.alpha, other.beta)).max(1)
    safe, unsafe = p[other.unsafe == 0], p[other.unsafe == 1]
    for t, rates in found.at.items():
        assert rates["false_positive"] == pytest.approx((safe > float(t)).mean())
        assert rates["miss"] == pytest.approx((unsafe <= float(t)).mean())
        assert rates["miss"] < rates["miss_upper"]
    low, high = (one["threshold"] for one in found.certified)
    assert (safe > low).mean() <= 0.1 and (unsafe <= high).mean() <= 0.2
    assert found.measured_on["safe_prompts"] == len(safe)
    assert list(found.at) == ["0.3", "0.5", "0.7"]


def test_the_halves_share_no_prompt_and_hold_every_row():
    measured = binary(300)
    twice = Measured(
        measured.rows * 2, np.tile(measured.alpha, (2, 1)), np.tile(measured.beta, (2, 1))
    )
    one, other = twice.split(0)
    assert not {row.prompt for row in one.rows} & {row.prompt for row in other.rows}
    assert len(one.rows) + len(other.rows) == 600
    at = {row.prompt: alpha for row, alpha in zip(measured.rows, measured.alpha, strict=True)}
    assert all((at[r.prompt] == a).all() for r, a in zip(one.rows, one.alpha, strict=True))


def test_bounds_count_one_row_of_a_prompt():
    row = {"prompt": "same", "is_safe": True}
    rows = [
        *(of_row({**row, "response": f"{n}"}) for n in range(9)),
        of_row({**row, "prompt": "b"}),
    ]
    ones = np.ones((10, K))
    assert len(independent_degrees(Measured(tuple(rows), ones, ones), "false_positive", 0)) == 2
    assert independent_degrees(Measured(tuple(rows), ones, ones), "miss", 0).size == 0


@pytest.mark.parametrize(("is_safe", "missing"), [(True, "unsafe"), (False, "safe")])
def test_one_kind_of_row_is_not_enough(is_safe, missing):
    rows = tuple(of_row({"prompt": str(n), "is_safe": is_safe}) for n in range(40))
    with pytest.raises(ValueError, match=f"0 prompts with {missing} rows"):
        calibrate(Measured(rows, np.ones((40, K)), np.ones((40, K))))


def test_no_rows_at_all():
    with pytest.raises(ValueError, match="too few"):
        calibrate(Measured((), np.ones((0, K)), np.ones((0, K))))


@pytest.mark.parametrize("name", ["prevalence", "confidence"])
@pytest.mark.parametrize("value", [0.0, 1.0, -0.1, math.nan])
def test_shares_lie_between_0_and_1(name, value):
    with pytest.raises(ValueError, match=name):
        calibrate(binary(100), **{name: value})
