"""Degrees of labelled rows before calibration."""

import math

import pytest

from lance_graph.categories import KEYS
from lance_graph.detector.calibration import Calibration
from lance_graph.detector.detector import RiskDetector
from lance_graph.training.data.example import Example, of_row
from lance_graph.training.measured import measure

K = len(KEYS)


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
