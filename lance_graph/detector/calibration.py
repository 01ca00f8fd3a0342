"""The calibration that stands with a checkpoint: what it does to a posterior, what was measured."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

LIMIT = 30.0
"""Largest log-odds of a calibrated mean: at 1 - 1e-13 both shapes of the Beta are still positive."""


@dataclass(frozen=True)
class Calibration:
    """A new mean m' for each posterior with the mean m = alpha_j / (alpha_j + beta_j).

    A temperature per category, then one beta calibration (Kull et al. 2017) that all share:
    p = sigmoid(logit(m) / T_j), logit(m') = low ln(p) - high ln(1 - p) + shift. The two slopes are
    those of the log-odds near 0 and near 1; with both 1 only the shift is left. All of it rises with m.

    The other fields say where it comes from and what it brought: rows ``fitted_on`` and
    ``measured_on`` (other rows), figures ``before`` and ``after``, error rates ``at`` the thresholds
    of routing, and ``certified`` thresholds (`lance_graph.detector.risk_control`).
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
        """The calibration in a checkpoint's config.json; ValueError says what is wrong with it."""
        known = {name: stored[name] for name in cls.__dataclass_fields__ if name in stored}
        temperature = known.get("temperature")
        if not isinstance(temperature, Mapping) or set(temperature) != set(categories):
            raise ValueError("its temperatures are not those of the checkpoint's categories")
        numbers = {name: known.get(name) for name in ("low", "high", "shift")}
        for name, value in {**temperature, **numbers}.items():
            valid = isinstance(value, int | float) and isfinite(value)
            if not valid or (name != "shift" and value <= 0):
                raise ValueError(
                    f"its {name!r} is {value!r}, no finite number (above 0 but for shift)"
                )
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
