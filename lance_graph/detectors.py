"""The one door to detectors: from a name or an object to plain numbers that can be relied on."""

from collections.abc import Iterable, Mapping, Sequence
from math import isfinite
from typing import Any

from lance_graph.categories import KEYS
from lance_graph.detector import EMBEDDED_NAME
from lance_graph.models import called_name
from lance_graph.routing import ThresholdPolicy, hazards
from lance_graph.runtime.quiet import Quiet
from lance_graph.runtime.steps import Wait
from lance_graph.scores import AsyncDetector, Detector, Pair, Reading, Score

ROUNDING = 1e-6
"""How far outside [0, 1] a detector's numbers may lie and still be taken for its bounds."""


def resolve(detector: "str | Detector | None") -> Detector:
    """A detector from a name, or as given.

    ``"embedded"`` (also None), a checkpoint folder or a hub id, or one of `lance_graph.guards`:
    ``"llama-guard:PROVIDER:MODEL"`` and the like.
    """
    if not (detector is None or isinstance(detector, str)):
        return detector
    if detector not in (None, EMBEDDED_NAME):
        from lance_graph.guards import from_string

        if guard := from_string(detector):
            return guard
    from lance_graph.detector.detector import load_detector

    return load_detector(None if detector in (None, EMBEDDED_NAME) else detector)


def configured_name(detector: "str | Detector | None") -> str:
    """How the caller names a detector, or the model that it asks: by string, model or class."""
    if detector is None or isinstance(detector, str):
        return detector or EMBEDDED_NAME
    model = getattr(detector, "model", None)
    named = model if isinstance(model, str) else called_name(model)
    return named or type(detector).__name__


def read(
    detector: Detector, prompt: str, response: str | None, required: Iterable[str] = ()
) -> Reading:
    """Score one prompt or pair as plain numbers; ValueError if a category has no degree."""
    return _readings(detector, detector.score([(prompt, response)]), 1, required)[0]


def scoring(
    detector: Detector,
    pairs: Sequence[Pair],
    required: Iterable[str] = (),
    quiet: Quiet | None = None,
) -> Wait[list[Reading]]:
    """Scores of prompts or pairs as plain numbers, made where no stream hears of them.

    ValueError if a pair has no score, or a category no degree in [0, 1]: one of the detector's own
    ``categories`` (the 14 where it names none) or of ``required``. What was not scored must not
    pass for safe.
    """
    required = tuple(required)
    asked: list[Pair] = [(pair, None) if isinstance(pair, str) else pair for pair in pairs]

    def call() -> list[Reading]:
        return _readings(detector, detector.score(asked), len(asked), required)

    async def acall() -> list[Reading]:
        scores = await detector.ascore(asked)  # type: ignore[attr-defined]
        return _readings(detector, scores, len(asked), required)

    return (quiet or Quiet()).wait(call, acall if isinstance(detector, AsyncDetector) else None)


def _readings(
    detector: Detector, scores: Sequence[Score], wanted: int, required: Iterable[str]
) -> list[Reading]:
    if len(scores) != wanted:
        raise ValueError(f"the detector gave {len(scores)} scores for {wanted} texts")
    expected = {*(getattr(detector, "categories", None) or KEYS), *required}
    readings = []
    for score in scores:
        risk = _in_range(score.mean, "degree")
        if missing := expected - risk.keys():
            raise ValueError(f"the detector gave no degree for {', '.join(sorted(missing))}")
        foreign = bool(getattr(score, "out_of_language", False))
        spread = _in_range(score.std, "spread")
        readings.append(Reading(risk=risk, spread=spread, out_of_language=foreign))
    return readings


def _in_range(numbers: Mapping[str, float], what: str) -> dict[str, float]:
    """The numbers as floats; ValueError for one outside [0, 1] (NaN too) beyond rounding."""
    found = {key: float(number) for key, number in numbers.items()}
    for key, number in found.items():
        if not -ROUNDING <= number <= 1 + ROUNDING:
            raise ValueError(f"the detector gave {key!r} the {what} {number}, not in [0, 1]")
    return {key: min(max(number, 0.0), 1.0) for key, number in found.items()}


def highest(readings: Sequence[Reading]) -> Reading:
    """Several readings of one exchange as one: each category's highest degree, and its spread."""
    first, *others = readings
    risk, spread = dict(first["risk"]), dict(first["spread"])
    for reading in others:
        for key, degree in reading["risk"].items():
            if degree > risk.get(key, -1.0):
                risk[key] = degree
                spread[key] = reading["spread"].get(key, 0.0)
    foreign = any(reading["out_of_language"] for reading in readings)
    return Reading(risk=risk, spread=spread, out_of_language=foreign)


def summarise(
    detector: Detector,
    prompt: str,
    response: str | None = None,
    policy: ThresholdPolicy | None = None,
) -> dict[str, Any]:
    """``risk`` and ``spread`` per category, ``max_risk``, ``is_safe`` by ``policy`` or the default's.

    Rounded to four digits after the verdict.
    """
    reading = read(detector, prompt, response)
    return {
        "risk": {key: round(degree, 4) for key, degree in reading["risk"].items()},
        "spread": {key: round(spread, 4) for key, spread in reading["spread"].items()},
        "max_risk": round(max(reading["risk"].values()), 4),
        "is_safe": not hazards(reading["risk"], policy or ThresholdPolicy()),
    }


def plain(values: Mapping[str, float]) -> dict[str, float | None]:
    """Values rounded to four digits for JSON; None for what is no number."""
    return {key: round(value, 4) if isfinite(value) else None for key, value in values.items()}
