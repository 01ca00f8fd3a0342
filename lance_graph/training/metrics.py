"""Figures of degrees against labels: ranking, decisions at 0.5, and how far degrees are from frequencies."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def any_risk_figures(highest: Array, unsafe: Array, threshold: float = 0.5) -> dict[str, float]:
    """F1, AUROC and expected calibration error of the highest degree [N] against ``unsafe`` [N].

    AUROC is NaN where only one kind of row is present.
    """
    from sklearn.metrics import f1_score, roc_auc_score

    both = 0 < unsafe.mean() < 1
    return {
        "f1": float(f1_score(unsafe > 0, highest > threshold)),
        "auroc": float(roc_auc_score(unsafe, highest)) if both else float("nan"),
        "ece": expected_calibration_error(highest, unsafe),
    }


def macro_average_precision(degrees: Array, labels: Array) -> float:
    """Mean over the categories that occur of the average precision; [N, K] both; NaN for none."""
    from sklearn.metrics import average_precision_score

    present = labels.any(0)
    if not present.any():
        return float("nan")
    return float(average_precision_score(labels[:, present], degrees[:, present]))


def expected_calibration_error(
    p: Array, truth: Array, bins: int = 15, weights: Array | None = None
) -> float:
    """ECE of probabilities [N] against truth [N] in {0, 1} (Guo et al. 2017, eq. 3).

    The sum over equal-width bins of share * |mean p - frequency|; ``weights`` [N] make another mix.
    """
    index = np.minimum((p * bins).astype(int), bins - 1)
    weights = np.ones_like(p, dtype=np.float64) if weights is None else weights
    gap: Any = np.bincount(index, weights=weights * (p - truth), minlength=bins)
    return float(np.abs(gap).sum() / weights.sum())
