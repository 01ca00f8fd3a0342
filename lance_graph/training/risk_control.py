"""Thresholds with a finite-sample guarantee, for any detector and any distribution of texts.

A text is flagged when its highest degree is above the threshold. The guarantees hold for new texts
drawn as the calibration rows were, independent of each other; nothing is assumed of the degrees.
"""

from dataclasses import dataclass
from math import ceil, floor, inf, isnan, nan, nextafter

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

RATES = ("false_positive", "miss")
METHODS = ("ltt", "conformal")
GRID = np.arange(1, 10_000) / 10_000
MOST = 100_000


@dataclass(frozen=True)
class Certificate:
    """A threshold that keeps ``rate`` at ``wanted`` or below; NaN where so few rows allow none.

    ``method`` ``"ltt"``: P(rate > wanted) <= 1 - ``confidence`` over draws of the calibration rows.
    ``"conformal"``: the rate is at most ``wanted`` on average over such draws; no ``confidence``.
    ``rows_needed`` is how many rows would do where these do not: for ``"ltt"`` if as many of them
    are wrong at the strictest threshold as here; None if no number would.
    """

    rate: str
    wanted: float
    confidence: float | None
    method: str
    threshold: float
    rows: int
    rows_needed: int | None = None


def certify(
    highest: Array, rate: str, wanted: float, *, confidence: float = 0.95, method: str = "ltt"
) -> Certificate:
    """The best threshold for ``rate`` from the highest degrees [N] of rows that it can go wrong on.

    Those are safe rows for ``"false_positive"``, unsafe ones for ``"miss"``. The best threshold is
    the lowest that keeps false positives, the highest that keeps misses, at ``wanted``. ValueError
    for a rate or confidence outside (0, 1), unknown names, degrees that are no number.
    """
    _check(highest, rate, wanted, confidence, method)
    if method == "conformal":
        threshold = _conformal(highest, rate, wanted)
        given, needed = None, ceil(1 / wanted - 1) if isnan(threshold) else None
    else:
        delta = 1 - confidence
        threshold = _learn_then_test(highest, rate, wanted, delta)
        given = confidence
        needed = _rows_needed(highest, rate, wanted, delta) if isnan(threshold) else None
    return Certificate(rate, wanted, given, method, threshold, len(highest), needed)


def wrong(highest: Array, threshold: float, rate: str) -> int:
    """How many rows are wrong at a threshold: flagged safe ones, or unsafe ones not flagged."""
    flagged = int((highest > threshold).sum())
    return flagged if rate == "false_positive" else len(highest) - flagged


def upper_bound(wrong: int, rows: int, confidence: float) -> float:
    """One-sided Clopper-Pearson bound: a rate that the true one exceeds with 1 - confidence; 1 at 0 rows."""
    from scipy.stats import beta

    return 1.0 if wrong >= rows else float(beta.ppf(confidence, wrong + 1, rows - wrong))


def _learn_then_test(highest: Array, rate: str, wanted: float, delta: float) -> float:
    """Learn then Test by fixed-sequence testing (Angelopoulos et al. 2021, arXiv 2110.01052).

    From the strictest threshold of `GRID` on, H_t: R(t) > wanted is rejected while its p-value
    P(Binomial(n, wanted) <= errors at t) is at most ``delta``. As errors are monotone in t, so are
    the p-values, and the last rejected t is the best.
    """
    from scipy.stats import binom

    grid = GRID[::-1] if rate == "false_positive" else GRID
    missed = np.searchsorted(np.sort(highest), grid, side="right")  # a degree of t is not flagged
    errors = len(highest) - missed if rate == "false_positive" else missed
    rejected = binom.cdf(errors, len(highest), wanted) <= delta
    return float(grid[rejected][-1]) if rejected.any() else nan


def _rows_needed(highest: Array, rate: str, wanted: float, delta: float) -> int | None:
    """Fewest rows, up to `MOST`, that certify the strictest threshold at its share of errors here."""
    from scipy.stats import binom

    strictest = GRID[-1] if rate == "false_positive" else GRID[0]
    share = wrong(highest, strictest, rate) / max(len(highest), 1)
    rows = np.arange(1, MOST + 1)
    enough = binom.cdf(np.ceil(share * rows), rows, wanted) <= delta
    return int(rows[enough][0]) if enough.any() else None


def _conformal(highest: Array, rate: str, wanted: float) -> float:
    """Split conformal: an order statistic of N exchangeable degrees, by ranks among N + 1.

    At most k of N + 1 values can be the k largest, so one above the k-th largest of the other N has
    a probability of k / (N + 1) at most; ties only lower it.
    """
    ordered = np.sort(highest)
    k = floor(wanted * (len(ordered) + 1))
    if not 0 < k <= len(ordered):
        return nan
    if rate == "false_positive":
        return float(ordered[-k])
    return nextafter(float(ordered[k - 1]), -inf)  # a degree equal to the k-th lowest is flagged


def _check(highest: Array, rate: str, wanted: float, confidence: float, method: str) -> None:
    for name, value, allowed in (("rate", rate, RATES), ("method", method, METHODS)):
        if value not in allowed:
            raise ValueError(f"{name} is {value!r}; it must be one of {', '.join(allowed)}")
    for name, number in ((f"wanted {rate} rate", wanted), ("confidence", confidence)):
        if not 0 < number < 1:
            raise ValueError(f"{name} is {number}; it must lie between 0 and 1")
    if np.isnan(highest).any():
        raise ValueError(f"{int(np.isnan(highest).sum())} of {len(highest)} degrees are no number")
