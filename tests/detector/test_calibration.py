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
)
from lance_graph.training.data.example import Example, of_row
from lance_graph.training.measured import measure
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
    borderline = of_row({"prompt": "cat", "degree": 0.5})
    assert len(measure(tiny, [*ROWS, unknown, borderline]).rows) == len(ROWS)


def test_graded_rows_have_the_binary_label_that_they_are_nearer_to(tiny):
    graded = [of_row({"prompt": f"cat {n}", "degree": (0.05, 0.9)[n % 2]}) for n in range(40)]
    found = measure(tiny, graded)
    assert set(found.unsafe) == {0.0, 1.0} and found.unsafe.sum() == 20
    assert all(set(half.unsafe) == {0.0, 1.0} for half in found.split(1))
    assert found.weights(0.25)[found.unsafe > 0].sum() == pytest.approx(0.25)


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
