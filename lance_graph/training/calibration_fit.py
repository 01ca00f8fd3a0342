"""Fit a `Calibration` to labelled rows, and measure on other rows what it is worth."""

import random
from collections.abc import Sequence
from dataclasses import asdict
from math import exp, isnan, log
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lance_graph.categories import KEYS
from lance_graph.detector.calibration import FARTHEST, SLOPES, TEMPERATURES, Calibration, curve
from lance_graph.routing import Thresholds
from lance_graph.training.measured import Measured
from lance_graph.training.metrics import expected_calibration_error
from lance_graph.training.risk_control import RATES, certify, upper_bound, wrong

Array = NDArray[np.float64]

SPAN = log(TEMPERATURES[1])
STEEPEST = log(SLOPES[1])
SHRINKAGE = 100.0
"""Precision of the prior of ln T_j around ln T of all categories, in nats."""


def calibrate(
    measured: Measured,
    wanted: Sequence[tuple[str, float]] = (),
    *,
    prevalence: float = 0.5,
    confidence: float = 0.95,
    method: str = "ltt",
    seed: int = 0,
) -> Calibration:
    """Fit on one half of the prompts; measure, and certify the ``wanted`` rates, on the other.

    ``prevalence`` is the share of unsafe rows in the traffic that a degree is the frequency for:
    weights make that mix of any file. ValueError for numbers outside (0, 1) and for too few rows.
    """
    for name, number in (("prevalence", prevalence), ("confidence", confidence)):
        if not 0 < number < 1:
            raise ValueError(f"{name} is {number}; it must lie between 0 and 1")
    fitting, judging = measured.split(seed)
    temperatures = fit_temperatures(fitting, prevalence)
    slopes_and_shift = fit_curve(fitting, temperatures, prevalence)
    fitted = Calibration(dict(zip(KEYS, temperatures, strict=True)), *slopes_and_shift)
    after = Measured(judging.rows, *fitted.apply(judging.alpha, judging.beta))
    apart = {rate: independent_degrees(after, rate, seed) for rate in RATES}
    certificates = [
        certify(apart[rate], rate, value, confidence=confidence, method=method)
        for rate, value in wanted
    ]
    return Calibration(
        fitted.temperature,
        *slopes_and_shift,
        fitted_on={**_counts(fitting), "prevalence": prevalence, "seed": seed},
        measured_on={
            **_counts(judging),
            "safe_prompts": len(apart["false_positive"]),
            "unsafe_prompts": len(apart["miss"]),
            "confidence": confidence,
        },
        before=figures(judging, prevalence),
        after=figures(after, prevalence),
        at={str(t): _rates_at(apart, t, confidence) for t in Thresholds().model_dump().values()},
        certified=tuple(
            {**asdict(one), "threshold": None if isnan(one.threshold) else one.threshold}
            for one in certificates
        ),
    )


def fit_temperatures(rows: Measured, prevalence: float) -> list[float]:
    """T_j by the weighted log likelihood of l_j where it is known, [K].

    Each is drawn to the temperature of all categories together, all the way for a category whose
    known labels are all alike. 1 where no label is known on both sides.
    """
    odds, labels, mask = rows.odds, rows.labels, rows.mask
    weights = np.broadcast_to(rows.weights(prevalence)[:, None] * len(rows.rows), mask.shape)
    common = _cooling(odds[mask], labels[mask], weights[mask], 0.0, 1.0)
    return [
        exp(-_cooling(odds[on, j], labels[on, j], weights[on, j], common, SHRINKAGE))
        for j, on in enumerate(mask.T)
    ]


def fit_curve(
    rows: Measured, temperatures: Sequence[float], prevalence: float
) -> tuple[float, float, float]:
    """(low, high, shift) by the weighted log likelihood of the binary label under the highest degree.

    As the curve rises, it commutes with the maximum. A prior as heavy as one row draws it to the
    identity, so that rows which a threshold parts without error do not make it infinitely steep.
    """
    from scipy.optimize import minimize

    odds = (rows.odds / np.array(temperatures)).max(1)
    unsafe, weights = rows.unsafe, rows.weights(prevalence)

    def loss(x: Array) -> float:
        logits = curve(odds, exp(x[0]), exp(x[1]), x[2])
        return float(weights @ _nll(logits, unsafe) + 0.5 * (x @ x) / len(odds))

    bounds = [(-STEEPEST, STEEPEST), (-STEEPEST, STEEPEST), (-FARTHEST, FARTHEST)]
    low, high, shift = minimize(loss, np.zeros(3), bounds=bounds).x
    return exp(low), exp(high), float(shift)


def figures(rows: Measured, prevalence: float) -> dict[str, float | None]:
    """Weighted ECE, log loss and Brier score of the highest degree, and the mean ECE of a category.

    The last is None where no category is known.
    """
    odds, unsafe, weights = rows.odds, rows.unsafe, rows.weights(prevalence)
    highest = odds.max(1)
    p = _sigmoid(odds)
    errors = [
        expected_calibration_error(p[on, j], rows.labels[on, j], weights=weights[on])
        for j, on in enumerate(rows.mask.T)
        if on.any()
    ]
    return {
        "ece": expected_calibration_error(_sigmoid(highest), unsafe, weights=weights),
        "category_ece": float(np.mean(errors)) if errors else None,
        "log_loss": float(weights @ _nll(highest, unsafe)),
        "brier": float(weights @ (_sigmoid(highest) - unsafe) ** 2),
    }


def independent_degrees(rows: Measured, rate: str, seed: int) -> Array:
    """Highest degrees of the rows that ``rate`` counts, one per prompt, drawn by ``seed``.

    Answers to one prompt resemble each other, and the bounds count rows as independent.
    """
    kind = 0.0 if rate == "false_positive" else 1.0
    places = [place for place, row in enumerate(rows.rows) if row.is_safe != bool(kind)]
    random.Random(seed).shuffle(places)
    chosen = list({rows.rows[place].prompt: place for place in places}.values())
    highest: Array = _sigmoid(rows.odds[chosen].max(1))
    return highest


def _rates_at(apart: dict[str, Array], threshold: float, confidence: float) -> dict[str, float]:
    rates: dict[str, float] = {}
    for name, highest in apart.items():
        errors = wrong(highest, threshold, name)
        rates[name] = errors / len(highest)
        rates[f"{name}_upper"] = upper_bound(errors, len(highest), confidence)
    return rates


def _cooling(odds: Array, labels: Array, weights: Array, centre: float, precision: float) -> float:
    """-ln T by the weighted NLL of labels [n] under sigmoid(odds / T), drawn to ``centre``."""
    from scipy.optimize import minimize_scalar

    if not 0 < labels.sum() < len(labels):
        return centre

    def loss(x: float) -> float:
        fit = weights @ _nll(odds * exp(x), labels)
        return float(fit + 0.5 * precision * (x - centre) ** 2)

    return float(minimize_scalar(loss, bounds=(-SPAN, SPAN), method="bounded").x)


def _nll(logits: Array, truth: Array) -> Array:
    """-ln of the probability that sigmoid(logits) gives to truth in {0, 1}."""
    loss: Array = np.logaddexp(0, logits) - truth * logits
    return loss


def _sigmoid(logits: Array) -> Array:
    p: Array = np.exp(-np.logaddexp(0, -logits))
    return p


def _counts(rows: Measured) -> dict[str, Any]:
    unsafe = int(rows.unsafe.sum())
    return {"rows": len(rows.rows), "safe": len(rows.rows) - unsafe, "unsafe": unsafe}
