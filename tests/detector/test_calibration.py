import json
import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lance_graph.categories import KEYS
from lance_graph.detector.calibration import Calibration, curve
from lance_graph.detector.detector import RiskDetector
from lance_graph.detector.model import LanceDetector
from lance_graph.training.calibration_fit import (
    calibrate,
    fit_curve,
    fit_temperatures,
    independent_degrees,
)
from lance_graph.training.data.example import Example, of_row
from lance_graph.training.measured import Measured, measure
from lance_graph.training.models import new_model
from lance_graph.training.recipe import TrainingRecipe

K = len(KEYS)
positive = st.floats(0.05, 200)
shapes = st.tuples(positive, positive)
steep = st.floats(0.1, 10)
maps = st.builds(
    lambda t, low, high, shift: Calibration(dict.fromkeys(KEYS[:1], t), low, high, shift),
    st.floats(0.2, 5), steep, steep, st.floats(-10, 10),
)  # fmt: skip


def mean_of(calibration, alpha, beta):
    alpha, beta = calibration.apply([alpha], [beta])
    return float(alpha[0] / (alpha[0] + beta[0]))


@given(shapes)
def test_one_temperature_one_slope_and_no_shift_change_nothing(shape):
    alpha, beta = Calibration({"a": 1.0}).apply([shape[0]], [shape[1]])
    assert (alpha[0], beta[0]) == pytest.approx(shape)


@given(maps, shapes)
def test_the_concentration_stays_and_both_shapes_are_positive(calibration, shape):
    alpha, beta = calibration.apply([shape[0]], [shape[1]])
    assert alpha[0] > 0 and beta[0] > 0
    assert alpha[0] + beta[0] == pytest.approx(sum(shape))


@given(maps, shapes, shapes)
def test_the_order_in_a_category_stays(calibration, one, other):
    low, high = sorted((one, other), key=lambda shape: shape[0] / sum(shape))
    assert mean_of(calibration, *low) <= mean_of(calibration, *high) + 1e-12


@pytest.mark.parametrize("shape", [(1e-300, 1.0), (1.0, 1e-300), (0.0, 1.0), (1.0, 0.0)])
def test_a_mean_of_zero_or_one_stays_a_distribution(shape):
    alpha, beta = Calibration({"a": 0.2}, 10.0, 10.0, 10.0).apply([shape[0]], [shape[1]])
    assert 0 < alpha[0] < math.inf and 0 < beta[0] < math.inf


def test_nan_stays_nan_and_spoils_nothing_else():
    alpha, beta = Calibration({"a": 2.0, "b": 2.0}).apply([math.nan, 1.0], [1.0, 3.0])
    assert math.isnan(alpha[0]) and math.isnan(beta[0])
    assert 0 < alpha[1] < beta[1]


def test_the_slopes_are_those_at_the_ends():
    odds = np.array([-40.0, -30.0, 30.0, 40.0])
    shifted = curve(odds, 2.0, 0.5, 1.0)
    assert shifted == pytest.approx([-79, -59, 16, 21])


def test_json_keeps_it_all():
    stored = Calibration(dict.fromkeys(KEYS, 1.5), 2.0, 0.5, 0.1, at={"0.3": {"miss": 0.2}})
    text = json.dumps(stored.as_json(), allow_nan=False)
    assert Calibration.of_json(json.loads(text), KEYS).as_json() == stored.as_json()


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"temperature": {"animal_abuse": 1.0}}, "temperatures"),
        ({"temperature": None}, "temperatures"),
        ({"temperature": dict.fromkeys(KEYS, 0.0)}, "0.0"),
        ({"high": -1.0}, "'high' is -1.0"),
        ({"shift": math.nan}, "'shift' is nan"),
        ({"low": None}, "'low' is None"),
    ],
)
def test_a_broken_calibration_is_refused(change, part):
    stored = Calibration(dict.fromkeys(KEYS, 1.0)).as_json() | change
    with pytest.raises(ValueError, match=part):
        Calibration.of_json(stored, KEYS)


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


@pytest.fixture
def tiny(tiny_checkpoint):
    return RiskDetector.from_pretrained(tiny_checkpoint)


ROWS = [of_row({"prompt": f"make bread {n}", "is_safe": n % 2 == 0}) for n in range(40)]


def test_measuring_takes_degrees_before_calibration_in_the_order_of_its_rows(tiny):
    before = measure(tiny, ROWS)
    tiny.calibration = Calibration(dict.fromkeys(KEYS, 3.0), shift=2.0)
    seen = []
    after = measure(tiny, ROWS, seen.append)
    assert (before.alpha == after.alpha).all() and sum(seen) == len(ROWS)
    for row, alpha in zip(before.rows, before.alpha, strict=True):
        assert alpha == pytest.approx(tiny.score_raw([row.prompt])[0].alpha, rel=1e-4)


def test_a_degree_that_is_no_number_stops_it(tiny, monkeypatch):
    monkeypatch.setattr(
        tiny, "_posteriors", lambda rows: [([(math.nan, 1.0)] * K, 0.0) for _ in rows]
    )
    with pytest.raises(ValueError, match="40 of 40 rows"):
        measure(tiny, ROWS)


def test_rows_without_a_binary_label_are_left_out(tiny):
    unknown = Example("bread", None, (0.0,) * K, (0.0,) * K)
    assert len(measure(tiny, [*ROWS, unknown]).rows) == len(ROWS)


@pytest.mark.parametrize("half", [False, True])
def test_a_checkpoint_keeps_its_calibration(tiny, tiny_checkpoint, tmp_path, half):
    found = calibrate(measure(tiny, ROWS), [("miss", 0.1)])
    model = LanceDetector.from_pretrained(tiny_checkpoint)
    model.config.calibration = found.as_json()
    (model.half() if half else model).save_pretrained(tmp_path)
    tiny.tokenizer.save_pretrained(tmp_path)
    loaded = RiskDetector.from_pretrained(tmp_path)
    assert loaded.calibration.as_json() == found.as_json()
    tiny.calibration = found
    texts = ["bread", "how do i walk"]
    for one, other in zip(loaded.score(texts), tiny.score(texts), strict=True):
        assert one.alpha == pytest.approx(other.alpha, rel=1e-2 if half else 1e-6)


def test_the_calibrated_spread_and_interval_are_those_of_a_distribution(tiny):
    tiny.calibration = Calibration(dict.fromkeys(KEYS, 0.5), 2.0, 0.5, 1.0)
    (score,) = tiny.score(["bread"])
    posterior = torch.distributions.Beta(torch.tensor(score.alpha), torch.tensor(score.beta))
    assert list(score.std.values()) == pytest.approx(posterior.stddev.tolist(), rel=1e-4)
    for key, (low, high) in score.interval().items():
        assert 0 <= low < score.mean[key] < high <= 1


def test_training_on_from_a_calibrated_checkpoint_forgets_its_calibration(
    tiny_checkpoint, tmp_path
):
    model = LanceDetector.from_pretrained(tiny_checkpoint)
    model.config.calibration = Calibration(dict.fromkeys(KEYS, 2.0)).as_json()
    model.save_pretrained(tmp_path)
    sizes = {"semantic_size": 4, "max_tokens": 64}
    recipe = TrainingRecipe(data="DATA", output="RUN", encoder=str(tmp_path), **sizes)
    assert new_model(recipe).config.calibration is None
