"""Labelled rows with the posteriors that a detector gives them before any calibration."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isnan

import numpy as np
from numpy.typing import NDArray

from lance_graph.categories import KEYS
from lance_graph.detector.detector import RiskDetector
from lance_graph.training.data.example import Example, split_by_prompt

Array = NDArray[np.float64]

TOGETHER = 256


@dataclass(frozen=True)
class Measured:
    """Posteriors before calibration, alpha and beta [N, K], of rows with a binary label."""

    rows: tuple[Example, ...]
    alpha: Array
    beta: Array

    @property
    def odds(self) -> Array:
        """ln(alpha_j / beta_j) = logit(d_j) [N, K]."""
        odds: Array = np.log(self.alpha) - np.log(self.beta)
        return odds

    @property
    def labels(self) -> Array:
        """l_j [N, K], meaningless where `mask` is false."""
        return np.array([row.labels for row in self.rows])

    @property
    def mask(self) -> NDArray[np.bool_]:
        """Whether l_j is known [N, K]."""
        return np.array([row.mask for row in self.rows]) > 0

    @property
    def unsafe(self) -> Array:
        """The binary label [N]: 1 or 0, also of graded rows."""
        return np.array([float(not row.is_safe) for row in self.rows])

    def weights(self, prevalence: float) -> Array:
        """Weights [N] with the sum 1, under which a share of ``prevalence`` of the rows is unsafe."""
        unsafe = self.unsafe > 0
        kind: Array = np.where(
            unsafe, prevalence / unsafe.sum(), (1 - prevalence) / (~unsafe).sum()
        )
        return kind

    def split(self, seed: int) -> tuple["Measured", "Measured"]:
        """Two halves that share no prompt; ValueError where one lacks safe or unsafe rows."""
        place = {id(row): number for number, row in enumerate(self.rows)}
        halves = []
        for rows in split_by_prompt(self.rows, 0.5, seed):
            index = [place[id(row)] for row in rows]
            halves.append(Measured(tuple(rows), self.alpha[index], self.beta[index]))
        for kind in (1.0, 0.0):
            if any(kind not in half.unsafe for half in halves):
                found = len({row.prompt for row in self.rows if row.is_safe != bool(kind)})
                raise ValueError(
                    f"{found} prompts with {'unsafe' if kind else 'safe'} rows are too few: both "
                    "kinds are needed to fit and, on other prompts, to measure; give more --data"
                )
        return halves[0], halves[1]


def measure(
    detector: RiskDetector,
    examples: Sequence[Example],
    advance: Callable[[int], object] = lambda rows: None,
) -> Measured:
    """Posteriors of all examples with a binary label; ``advance`` hears how many rows were done.

    A borderline row has none.
    Whatever calibration the detector has is left out. ValueError if a degree is no number, or if
    the detector has other categories than the rows.
    """
    if tuple(detector.categories) != KEYS:
        raise ValueError("only a detector with the 14 categories of the rows can be calibrated")
    known = [row for row in examples if not isnan(row.unsafe) and not row.is_borderline]
    known.sort(key=lambda row: row.length)
    scores = []
    for start in range(0, len(known), TOGETHER):
        some = known[start : start + TOGETHER]
        scores += detector.score_raw([(row.prompt, row.response) for row in some])
        advance(len(some))
    broken = sum(isnan(score.max_risk) for score in scores)
    if broken:
        raise ValueError(f"{broken} of {len(known)} rows have a degree that is no number (NaN)")
    shape = (len(known), len(detector.categories))
    alpha = np.array([score.alpha for score in scores]).reshape(shape)
    beta = np.array([score.beta for score in scores]).reshape(shape)
    return Measured(tuple(known), alpha, beta)
