"""How well degrees of risk tell harmful texts from safe ones: AUROC, AUPRC, F1, and the curve.

Written on weights, so that a bootstrap resample is a row of counts: 2,000 resamples of 5,000 texts
take about half a second. Intervals are percentiles of the resamples in which the figure is defined;
there is none where a kind of text that is there at all is there fewer than `FEWEST` times.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import isnan, nan

import numpy as np

from lance_graph.evaluation.metrics import (
    CONFIDENCE,
    FEWEST,
    RESAMPLES,
    SEED,
    TOGETHER,
    Array,
    rate,
)
from lance_graph.evaluation.report.model import Estimate

THRESHOLDS = (0.3, 0.5, 0.7)
GRID = tuple(number / 100 for number in range(1, 100))

Figure = Callable[[Array], Array]
"""From weights [B, N] of the texts to a figure for each row [B], NaN where it is undefined."""


@dataclass(frozen=True)
class Ranking:
    """Degrees [N], ascending, and whether each text is harmful [N]; how many texts had no degree."""

    degrees: Array
    harmful: Array
    missing_safe: int = 0
    missing_harmful: int = 0

    @classmethod
    def of(cls, degrees: Sequence[float | None], harmful: Sequence[bool]) -> "Ranking":
        """The degrees and labels of texts, in any order."""
        known: list[tuple[float, float]] = []
        missing = {False: 0, True: 0}
        for degree, label in zip(degrees, harmful, strict=True):
            if degree is None or isnan(degree):
                missing[label] += 1
            else:
                known.append((degree, float(label)))
        table = np.array(sorted(known), dtype=np.float64).reshape(-1, 2)
        return cls(table[:, 0], table[:, 1], missing[False], missing[True])

    @property
    def missing(self) -> int:
        """How many texts have no degree."""
        return self.missing_safe + self.missing_harmful

    def auroc(self) -> Estimate:
        """Area under the ROC curve: ties count half. NaN where only one kind of text is there."""
        return self._estimate(self._auroc)

    def auprc(self) -> Estimate:
        """Average precision, the step-wise area under the precision-recall curve; NaN without harm."""
        return self._estimate(self._average_precision)

    def f1(self, threshold: float) -> Estimate:
        """F1 of "harmful" where the degree is above ``threshold``; NaN with nothing to find or found."""

        def figure(weights: Array) -> Array:
            above = self.degrees > threshold
            hits = (weights * (above * self.harmful)).sum(1)
            wrong = (weights * (above != (self.harmful > 0))).sum(1)
            return _ratio(2 * hits, 2 * hits + wrong)

        return self._estimate(figure)

    def false_positives(self, threshold: float) -> Estimate:
        """Share of the safe texts with a degree above ``threshold``."""
        return self._share_above(0, threshold, self.missing_safe)

    def detection(self, threshold: float) -> Estimate:
        """Share of the harmful texts with a degree above ``threshold``."""
        return self._share_above(1, threshold, self.missing_harmful)

    def precision(self, threshold: float) -> Estimate:
        """Share of harmful texts among those with a degree above ``threshold``."""
        return rate(self.harmful[self.degrees > threshold])

    def _share_above(self, label: int, threshold: float, missing: int) -> Estimate:
        above = self.degrees[self.harmful == label] > threshold
        return rate([*above.tolist(), *[None] * missing])

    def _by_group(self, weights: Array) -> tuple[Array, Array]:
        """Weight of harmful and of safe texts in each run of equal degrees, [B, G] both."""
        starts = np.flatnonzero(np.r_[True, np.diff(self.degrees) > 0])
        harmful = np.add.reduceat(weights * self.harmful, starts, axis=1)
        safe = np.add.reduceat(weights * (1 - self.harmful), starts, axis=1)
        return harmful, safe

    def _auroc(self, weights: Array) -> Array:
        harmful, safe = self._by_group(weights)
        below = np.cumsum(safe, axis=1) - safe / 2
        return _ratio((harmful * below).sum(1), harmful.sum(1) * safe.sum(1))

    def _average_precision(self, weights: Array) -> Array:
        harmful, safe = (part[:, ::-1] for part in self._by_group(weights))
        found = np.cumsum(harmful, axis=1)
        flagged = found + np.cumsum(safe, axis=1)
        precision = found / np.maximum(flagged, 1)
        return _ratio((harmful * precision).sum(1), harmful.sum(1))

    def _estimate(self, figure: Figure) -> Estimate:
        total = len(self.degrees)
        if not total:
            return Estimate(nan, missing=self.missing)
        value = float(figure(np.ones((1, total)))[0])
        if min(np.unique_counts(self.harmful).counts) < FEWEST:
            return Estimate(value, count=total, missing=self.missing)
        drawn = np.concatenate([figure(weights) for weights in _resamples(total)])
        drawn = drawn[~np.isnan(drawn)]
        if np.isnan(value) or not len(drawn) or drawn.min() == drawn.max():
            return Estimate(value, count=total, missing=self.missing)
        tail = (1 - CONFIDENCE) / 2
        low, high = np.quantile(drawn, [tail, 1 - tail])
        return Estimate(value, float(low), float(high), total, self.missing)


def _resamples(total: int) -> Iterator[Array]:
    """How often each of ``total`` texts is drawn in each resample: `RESAMPLES` rows in all."""
    rng = np.random.default_rng(SEED)
    size = max(1, TOGETHER // total)
    for start in range(0, RESAMPLES, size):
        rows = min(size, RESAMPLES - start)
        drawn = rng.integers(total, size=(rows, total)) + total * np.arange(rows)[:, None]
        counts = np.bincount(drawn.ravel(), minlength=rows * total)
        yield counts.reshape(rows, total).astype(np.float64)


def _ratio(above: Array, below: Array) -> Array:
    """``above / below``, NaN where ``below`` is 0."""
    return np.divide(above, below, out=np.full_like(above, nan), where=below > 0)
