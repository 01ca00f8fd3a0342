"""Means, rates, differences and quantiles with 95 % confidence intervals.

What is undefined is NaN, never 0. Values that are None or NaN could not be had: they are left out
and counted as missing. No result depends on the order of its values.
"""

from collections.abc import Iterable, Mapping
from math import isnan, nan
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lance_graph.evaluation.report.model import Estimate

Array = NDArray[np.float64]
Unit = Literal["number", "share", "seconds", "count"]

CONFIDENCE = 0.95
RESAMPLES = 2_000
SEED = 0
FEWEST = 10
"""Values that an interval needs: resamples of fewer show much too little spread."""
TOGETHER = 4_000_000
"""Numbers of resamples that are held in memory at once."""


def mean(values: Iterable[float | None], unit: Unit = "number") -> Estimate:
    """The mean, with a bootstrap interval (BCa, Efron 1987; `scipy.stats.bootstrap`).

    There is no interval for fewer than `FEWEST` values, nor where all are the same: they show no
    spread.
    """
    known, missing = split(values)
    if not len(known):
        return Estimate(nan, missing=missing, unit=unit)
    low, high = _mean_interval(known)
    return Estimate(float(known.mean()), low, high, len(known), missing, unit)


def rate(hits: Iterable[float | bool | None]) -> Estimate:
    """The share of values that are true, with Wilson's interval (1927), which holds at 0 and 1 too."""
    from scipy.stats import binomtest

    known, missing = split(hits)
    if not len(known):
        return Estimate(nan, missing=missing, unit="share")
    count = int((known > 0).sum())
    interval = binomtest(count, len(known)).proportion_ci(CONFIDENCE, method="wilson")
    share = count / len(known)
    return Estimate(
        share, float(interval.low), float(interval.high), len(known), missing, unit="share"
    )


def difference(
    values: Mapping[str, float | None], reference: Mapping[str, float | None]
) -> Estimate:
    """Mean of ``values - reference`` over the samples that both have a value for.

    Keys are sample ids. ``missing`` counts the samples that only one of the two has a value for.
    """
    ours, theirs = _known(values), _known(reference)
    paired = ours.keys() & theirs.keys()
    found = mean(ours[key] - theirs[key] for key in paired)
    unpaired = len(ours.keys() ^ theirs.keys())
    return Estimate(found.value, found.low, found.high, found.count, unpaired)


def quantile(values: Iterable[float | None], share: float, unit: Unit = "seconds") -> Estimate:
    """The value below which ``share`` of the values lie, with the interval between order statistics.

    The interval (Conover 1999, `scipy.stats.quantile_test`) assumes nothing of the distribution; a
    side that so few values cannot bound is None.
    """
    from scipy.stats import quantile_test

    known, missing = split(values)
    if not len(known):
        return Estimate(nan, missing=missing, unit=unit)
    point = float(np.quantile(known, share))
    test: Any = quantile_test(known, q=point, p=share)
    interval = test.confidence_interval(CONFIDENCE)
    bounds = (_bound(interval.low), _bound(interval.high))
    return Estimate(point, *bounds, len(known), missing, unit)


def count(number: int, of: int = 0) -> Estimate:
    """A plain number of things; ``of`` is how many there are in all."""
    return Estimate(float(number), count=of, unit="count")


def split(values: Iterable[float | bool | None]) -> tuple[Array, int]:
    """(the values that are numbers, ascending; how many are not)."""
    given = list(values)
    known = np.array([float(v) for v in given if v is not None and not isnan(v)], dtype=np.float64)
    return np.sort(known), len(given) - len(known)


def _known(values: Mapping[str, float | None]) -> dict[str, float]:
    return {key: v for key, v in values.items() if v is not None and not isnan(v)}


def _bound(value: float) -> float | None:
    return None if isnan(value) else float(value)


def _mean_interval(known: Array) -> tuple[float | None, float | None]:
    from scipy.stats import bootstrap

    if len(known) < FEWEST or known[0] == known[-1]:
        return None, None
    found = bootstrap(
        (known,),
        np.mean,
        n_resamples=RESAMPLES,
        batch=max(1, TOGETHER // len(known)),
        confidence_level=CONFIDENCE,
        method="BCa",
        rng=np.random.default_rng(SEED),
    ).confidence_interval
    return _bound(found.low), _bound(found.high)
