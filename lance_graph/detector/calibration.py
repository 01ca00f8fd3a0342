"""The calibration that stands with a checkpoint: what it does to a posterior, what was measured."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from math import isfinite, log
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

LIMIT = 30.0
"""Largest log-odds of a calibrated mean: at 1 - 1e-13 both shapes of the Beta are still positive."""
TEMPERATURES = (1 / 5, 5.0)
SLOPES = (1 / 10, 10.0)
FARTHEST = log(99)
"""Largest shift: it maps a mean of 0.5 on 0.01 or 0.99, and no further."""


@dataclass(frozen=True)
class Calibration:
    """A new mean m' for each posterior with the mean m = alpha_j / (alpha_j + beta_j).

    A temperature per category, then one beta calibration (Kull et al. 2017) that all share:
    p = sigmoid(logit(m) / T_j), logit(m') = low ln(p) - high ln(1 - p) + shift. The two slopes are
    those of the log-odds near 0 and near 1; with both 1 only the shift is left. All of it rises with m.

    The other fields say where it comes from and what it brought: rows ``fitted_on`` and
    ``measured_on`` (other rows), figures ``before`` and ``after``, error rates ``at`` the thresholds
    of routing, and ``certified`` thresholds (`lance_graph.training.risk_control`).
    """

    temperature: Mapping[str, float]
    low: float = 1.0
    high: float = 1.0
    shift: float = 0.0
    fitted_on: Mapping[str, Any] = field(default_factory=dict)
    measured_on: Mapping[str, Any] = field(default_factory=dict)
    before: Mapping[str, float | None] = field(default_factory=dict)
    after: Mapping[str, float | None] = field(default_factory=dict)
    at: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    certified: Sequence[Mapping[str, Any]] = ()

    @classmethod
    def of_json(cls, stored: Mapping[str, Any], categories: Sequence[str]) -> "Calibration":
        """The calibration in a checkpoint's config.json; ValueError says what is wrong with it.

        Temperatures lie in `TEMPERATURES`, slopes in `SLOPES`, the shift within `FARTHEST` of 0, as
        all that were fitted do: outside them every text would get the same degree.
        """
        if not isinstance(stored, Mapping):
            raise ValueError(f"it is {stored!r}, no table of its fields")
        if unknown := sorted(map(str, stored.keys() - cls.__dataclass_fields__.keys())):
            raise ValueError(f"it has unknown fields: {', '.join(unknown)}")
        known = dict(stored)
        temperature = known.get("temperature")
        if not isinstance(temperature, Mapping) or set(temperature) != set(categories):
            raise ValueError("its temperatures are not those of the checkpoint's categories")
        for key, value in temperature.items():
            _check(f"temperature of {key}", value, *TEMPERATURES)
        for name, limits in {"low": SLOPES, "high": SLOPES, "shift": (-FARTHEST, FARTHEST)}.items():
            _check(name, known.get(name), *limits)
        known["temperature"] = {key: temperature[key] for key in categories}
        known["certified"] = tuple(known.get("certified", ()))
        return cls(**known)

    def as_json(self) -> dict[str, Any]:
        """What config.json keeps."""
        return {**asdict(self), "certified": [dict(one) for one in self.certified]}

    def apply(self, alpha: ArrayLike, beta: ArrayLike) -> tuple[Array, Array]:
        """Shapes [..., K] of the calibrated posteriors: another mean, the same alpha + beta.

        In each category the order of the means stays; NaN stays NaN.
        """
        alpha, beta = np.asarray(alpha, np.float64), np.asarray(beta, np.float64)
        with np.errstate(divide="ignore", invalid="ignore"):  # NaN is kept, infinite odds are cut
            odds = (np.log(alpha) - np.log(beta)) / self._temperatures
            odds = curve(odds, self.low, self.high, self.shift).clip(-LIMIT, LIMIT)
        concentration = alpha + beta
        return concentration / (1 + np.exp(-odds)), concentration / (1 + np.exp(odds))

    @cached_property
    def _temperatures(self) -> Array:
        return np.array(list(self.temperature.values()), np.float64)


def curve(odds: Array, low: float, high: float, shift: float) -> Array:
    """Log-odds low ln(p) - high ln(1 - p) + shift of p = sigmoid(odds); safe for any odds."""
    return high * np.logaddexp(0, odds) - low * np.logaddexp(0, -odds) + shift


def _check(name: str, value: Any, low: float, high: float) -> None:
    number = isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
    if not number or not low - 1e-6 <= value <= high + 1e-6:  # as rounded as a fit leaves its ends
        raise ValueError(f"its {name!r} is {value!r}, no number from {low:.4g} to {high:.4g}")
