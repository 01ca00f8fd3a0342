"""The one door to detectors: from a name or an object to plain numbers that can be relied on."""

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from math import isfinite, isnan
from typing import Any
from weakref import finalize

from lance_graph.categories import KEYS
from lance_graph.detector import EMBEDDED_NAME
from lance_graph.detector.score import AsyncDetector, Detector, Pair, Reading, Score
from lance_graph.forking import ForkSafeLock
from lance_graph.quiet import Quiet
from lance_graph.routing import ThresholdPolicy, hazards
from lance_graph.steps import Steps, Wait

REMEMBERED = 2_048
_remembering = ForkSafeLock()
_memories: dict[int, dict[bytes, Reading]] = {}


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

    ValueError if a pair has no score, or a category no degree: one of the detector's own
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


def remembered(
    detector: Detector, pairs: Sequence[Pair], required: Iterable[str], quiet: Quiet
) -> Steps[list[Reading]]:
    """`scoring`, asking only for what this detector has not been asked in this way before.

    For the parts of a conversation that come back in every turn. The newest `REMEMBERED` readings
    of a detector are kept in this process, under digests of their texts: a detector that is changed
    in place goes on to judge what was said before as it did then.
    """
    memory = _memory_of(detector)
    required = tuple(required)
    known: dict[Pair, Reading] = {}
    for pair in pairs:
        if reading := memory.get(_digest(pair, required)):
            known[pair] = reading
    if asked := [pair for pair in dict.fromkeys(pairs) if pair not in known]:
        readings = yield scoring(detector, asked, required, quiet)
        known |= zip(asked, readings, strict=True)
    for pair in known:
        remember(detector, pair, required, known[pair])
    return [known[pair] for pair in pairs]


def remember(detector: Detector, pair: Pair, required: Iterable[str], reading: Reading) -> None:
    """Keep a reading for `remembered`; the oldest beyond `REMEMBERED` are forgotten."""
    memory, digest = _memory_of(detector), _digest(pair, tuple(required))
    with _remembering:
        memory.pop(digest, None)
        memory[digest] = reading
        while len(memory) > REMEMBERED:
            del memory[next(iter(memory))]


def _memory_of(detector: Detector) -> dict[bytes, Reading]:
    """The readings that are kept for this very detector, as long as it lives."""
    if id(detector) not in _memories:
        try:
            finalize(detector, _memories.pop, id(detector), None)
        except TypeError:  # it cannot be referred to weakly
            return {}
    return _memories.setdefault(id(detector), {})


def _digest(pair: Pair, required: tuple[str, ...]) -> bytes:
    return sha256(repr((pair, required)).encode("utf-8", "surrogatepass")).digest()


def _readings(
    detector: Detector, scores: Sequence[Score], wanted: int, required: Iterable[str]
) -> list[Reading]:
    if len(scores) != wanted:
        raise ValueError(f"the detector gave {len(scores)} scores for {wanted} texts")
    expected = {*(getattr(detector, "categories", None) or KEYS), *required}
    readings = []
    for score in scores:
        risk = {key: float(degree) for key, degree in score.mean.items()}
        if missing := expected - risk.keys():
            raise ValueError(f"the detector gave no degree for {', '.join(sorted(missing))}")
        spread = {key: float(value) for key, value in score.std.items()}
        readings.append(Reading(risk=risk, spread=spread))
    return readings


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
