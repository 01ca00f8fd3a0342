"""The one door to detectors: from a name or an object to plain numbers that can be relied on."""

from collections.abc import Iterable, Mapping
from math import isfinite, isnan
from typing import Any

from lance_graph.categories import KEYS
from lance_graph.detector.score import Detector, Reading
from lance_graph.routing import ThresholdPolicy, hazards

EMBEDDED = "embedded"


def resolve(detector: "str | Detector | None") -> Detector:
    """A detector from a checkpoint folder, a hub id, ``"embedded"`` (also None), or as given."""
    if detector is None or isinstance(detector, str):
        from lance_graph.detector.detector import load_detector

        return load_detector(None if detector in (None, EMBEDDED) else detector)
    return detector


def read(
    detector: Detector, prompt: str, response: str | None, required: Iterable[str] = ()
) -> Reading:
    """Score one prompt or pair as plain numbers.

    ValueError if a category has no degree: one of the detector's own ``categories`` (the 14 where
    it names none) or of ``required``. What was not scored must not pass for safe.
    """
    score = detector.score([(prompt, response)])[0]
    risk = {key: float(degree) for key, degree in score.mean.items()}
    missing = {*(getattr(detector, "categories", None) or KEYS), *required} - risk.keys()
    if missing:
        raise ValueError(f"the detector gave no degree for {', '.join(sorted(missing))}")
    return Reading(risk=risk, spread={key: float(value) for key, value in score.std.items()})


def summarise(detector: Detector, prompt: str, response: str | None = None) -> dict[str, Any]:
    """``risk`` and ``spread`` per category, ``max_risk``, ``is_safe`` at the default thresholds.

    Rounded to four digits after the verdict; a NaN stays one, and is never safe.
    """
    reading = read(detector, prompt, response)
    return {
        "risk": {key: round(degree, 4) for key, degree in reading["risk"].items()},
        "spread": {key: round(spread, 4) for key, spread in reading["spread"].items()},
        "max_risk": round(worst(reading["risk"]), 4),
        "is_safe": not hazards(reading["risk"], ThresholdPolicy()),
    }


def worst(risk: Mapping[str, float]) -> float:
    """The highest degree; NaN if any is."""
    return max(risk.values(), key=nan_last)


def nan_last(degree: float) -> tuple[bool, float]:
    """Sort key that takes NaN for the worst degree of all."""
    return isnan(degree), degree


def plain(values: Mapping[str, float]) -> dict[str, float | None]:
    """Values rounded to four digits for JSON; None for what is no number."""
    return {key: round(value, 4) if isfinite(value) else None for key, value in values.items()}
