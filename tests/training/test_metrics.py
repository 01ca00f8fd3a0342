import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from transformers import EvalPrediction

from lance_graph.training.metrics import (
    any_risk_figures,
    expected_calibration_error,
    macro_average_precision,
)
from lance_graph.training.trainer import held_out_figures


def test_perfect_degrees_have_perfect_figures():
    truth = np.array([0.0, 1.0, 1.0, 0.0])
    assert any_risk_figures(truth, truth) == {"f1": 1.0, "auroc": 1.0, "ece": 0.0}


def test_the_threshold_moves_f1_and_nothing_else():
    p, truth = np.array([0.2, 0.4, 0.6, 0.8]), np.array([0.0, 1.0, 0.0, 1.0])
    low, high = any_risk_figures(p, truth, 0.3), any_risk_figures(p, truth, 0.7)
    assert low["f1"] == pytest.approx(0.8) and high["f1"] == pytest.approx(2 / 3)
    assert (low["auroc"], low["ece"]) == (high["auroc"], high["ece"])


@pytest.mark.parametrize("label", [0.0, 1.0])
def test_ranking_one_kind_of_row_is_undefined(label):
    p = np.array([0.1, 0.9])
    assert math.isnan(any_risk_figures(p, np.full(2, label))["auroc"])


def test_categories_that_never_occur_do_not_count():
    degrees = np.array([[0.9, 0.1], [0.1, 0.9], [0.2, 0.3]])
    labels = np.array([[1.0, 0.0], [0.0, 0.0], [0.0, 0.0]])
    assert macro_average_precision(degrees, labels) == 1.0
    assert math.isnan(macro_average_precision(degrees, np.zeros_like(labels)))


def test_average_precision_is_the_mean_over_categories():
    degrees = np.array([[0.9, 0.1], [0.8, 0.9], [0.1, 0.5]])
    labels = np.array([[1.0, 1.0], [0.0, 0.0], [0.0, 0.0]])
    assert macro_average_precision(degrees, labels) == pytest.approx((1 + 1 / 3) / 2)


def test_calibration_error_is_the_gap_between_degree_and_frequency():
    truth = np.array([1.0] * 3 + [0.0] * 7)
    assert expected_calibration_error(np.full(10, 0.3), truth) == pytest.approx(0)
    assert expected_calibration_error(np.full(10, 0.8), truth) == pytest.approx(0.5)


def test_gaps_in_two_bins_are_weighted_by_their_share():
    p, truth = np.array([0.1, 0.1, 0.1, 0.9]), np.array([0.0, 0.0, 0.0, 0.0])
    assert expected_calibration_error(p, truth) == pytest.approx(0.75 * 0.1 + 0.25 * 0.9)


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=50))
def test_calibration_error_is_a_share_and_blind_to_order(rows):
    p, truth = np.array(rows, dtype=float).T
    error = expected_calibration_error(p, truth)
    assert 0 <= error <= 1
    assert expected_calibration_error(p[::-1], truth[::-1]) == pytest.approx(error)


def test_a_calibrated_degree_has_a_small_error():
    p = np.random.default_rng(0).uniform(size=50_000)
    truth = (np.random.default_rng(1).uniform(size=p.size) < p).astype(float)
    assert expected_calibration_error(p, truth) < 0.01
    assert expected_calibration_error(p**3, truth) > 0.1


def test_soft_labels_count_as_what_they_are_nearer_to_and_a_borderline_as_nothing():
    degrees = np.array([[0.1, 0.1], [0.9, 0.2], [0.6, 0.1], [0.2, 0.3]])
    unsafe = np.array([0.05, 0.9, 0.5, 0.0])
    labels = np.array([[0.0, 0.0], [0.9, 0.0], [0.5, 0.0], [0.0, 0.0]])
    mask = np.ones_like(labels)
    soft = held_out_figures(EvalPrediction(degrees, (labels, mask, unsafe)))
    decided = np.array([True, True, False, True])
    hard = [(array > 0.6).astype(float)[decided] for array in (labels, unsafe)]
    told = held_out_figures(EvalPrediction(degrees[decided], (hard[0], mask[decided], hard[1])))
    assert soft["f1"] == told["f1"] == 1.0 and soft["auroc"] == told["auroc"] == 1.0
    assert soft["ece"] == told["ece"] and soft["map"] == told["map"] == 1.0
