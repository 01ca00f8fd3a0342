"""The one door to detectors: from a name, an object or several of them to what can be relied on."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from math import isfinite
from typing import Any

from lance_graph.asking import Excuses, Several, asking, require
from lance_graph.categories import KNOWN, Category, key_of, not_known
from lance_graph.context import LanceContext
from lance_graph.detector import EMBEDDED_NAME
from lance_graph.files import looked_up
from lance_graph.model_options import WithOptions
from lance_graph.models import called_name
from lance_graph.routing import ThresholdPolicy, hazards, highest_judged
from lance_graph.runtime.failures import report
from lance_graph.runtime.quiet import Quiet
from lance_graph.runtime.steps import Wait
from lance_graph.scores import Detector, Pair, Reading, declared_by

One = str | WithOptions | Detector | Excuses | None
Choice = One | tuple[One, ...] | list[One]
"""A detector by its name, perhaps with options of its model, or as an object; or several of them.

None is the embedded one.
"""
KEPT = 8
"""Sets of several detectors that are kept: each is the same object as long as it is."""


class UnknownCategoryError(ValueError):
    """Thresholds for a category that no detector of the run declares; the message quotes no text."""


def resolve(detector: Choice) -> Detector:
    """A detector from a name, or as given; several as one, of which the highest degree counts.

    ``"embedded"`` (also None), a checkpoint folder or a hub id, or one of `lance_graph.guards`:
    ``"llama-guard:PROVIDER:MODEL"``, ``"words:FILE"`` and the like.
    """
    if isinstance(detector, list | tuple):
        return _together(tuple(_Part(configured_name(one), _resolved(one)) for one in detector))
    found = _resolved(detector)
    if isinstance(found, Several):
        return found.check()
    return Several([("", found)]) if isinstance(found, Excuses) else found


def _resolved(detector: One) -> Detector | Excuses:
    if isinstance(detector, WithOptions):
        from lance_graph.guards import guard_with

        return guard_with(detector)
    if not (detector is None or isinstance(detector, str)):
        return detector
    if detector not in (None, EMBEDDED_NAME):
        from lance_graph.guards import from_string

        if guard := from_string(detector):
            return guard
    from lance_graph.detector.detector import load_detector

    return load_detector(None if detector in (None, EMBEDDED_NAME) else detector)


@dataclass(frozen=True, eq=False)
class _Part:
    """One of several detectors; the same one is the same object under the same name."""

    name: str
    part: Detector | Excuses

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Part) and (self.name, id(self.part)) == (
            other.name,
            id(other.part),
        )

    def __hash__(self) -> int:
        return hash((self.name, id(self.part)))


@lru_cache(maxsize=KEPT)
def _together(parts: tuple[_Part, ...]) -> Several:
    """One object for the same detectors, so that what it has read is remembered."""
    return Several([(one.name, one.part) for one in parts]).check()


def configured_name(detector: Choice) -> str:
    """How the caller names a detector, or the model that it asks: by string, model or class."""
    if isinstance(detector, list | tuple):
        return " + ".join(map(configured_name, detector))
    if isinstance(detector, WithOptions):
        return detector.name
    if detector is None or isinstance(detector, str):
        return detector or EMBEDDED_NAME
    model = getattr(detector, "model", None)
    named = model if isinstance(model, str) else called_name(model)
    return named or type(detector).__name__


def read(
    detector: Detector, prompt: str, response: str | None, required: Iterable[str] = ()
) -> Reading:
    """Score one prompt or pair as plain numbers; ValueError if a category has no degree."""
    return scoring(detector, [(prompt, response)], required).call()[0]


def scoring(
    detector: Detector,
    pairs: Sequence[Pair],
    required: Iterable[str] = (),
    quiet: Quiet | None = None,
) -> Wait[list[Reading]]:
    """Scores of prompts or pairs as plain numbers, as `lance_graph.asking` has them.

    ValueError also if one of ``required``, whatever the detector declares, has no degree.
    """
    asked: list[Pair] = [(pair, None) if isinstance(pair, str) else pair for pair in pairs]
    wanted, wait = {*required}, asking(detector, asked, quiet or Quiet())

    def whole(readings: list[Reading]) -> list[Reading]:
        for reading in readings:
            require(wanted, reading["risk"])
        return readings

    async def acall() -> list[Reading]:
        return whole(await wait.acall())

    return Wait(lambda: whole(wait.call()), acall)


def policy_of(context: LanceContext, *detectors: Detector) -> ThresholdPolicy:
    """The thresholds of every category: the caller's, else those that its detector declares for it.

    `UnknownCategoryError` where the caller sets some for a category that no detector declares.
    """
    declared = {key: c for one in detectors for key, c in declared_by(one).items()}
    for name in context.category_thresholds:
        if key_of(name, KNOWN | declared) is None:
            raise UnknownCategoryError(f"category_thresholds: {not_known(name, declared)}")
    own = {key: c.limits for key, c in declared.items() if c.limits}
    return ThresholdPolicy(
        default=context.thresholds, by_category=own | context.category_thresholds
    )


def described(keys: Iterable[str], *judges: Choice) -> dict[str, Category]:
    """What is known of some categories by the first of the ``judges`` that declares them.

    One that nothing declares has its key for a title. A detector that cannot be loaded declares nothing
    here: that is said where it has to judge.
    """
    keys = dict.fromkeys(keys)
    known: Mapping[str, Category] = KNOWN
    for judge in judges:
        if known.keys() >= keys.keys():
            break
        try:
            known = {**declared_by(looked_up(partial(resolve, judge))), **known}
        except Exception as error:  # noqa: BLE001 - see above
            what = "declaration of the detector's categories"
            report(what, error, level=logging.WARNING)
    return {key: known.get(key) or Category(key) for key in keys}


def bounds(
    readings: Sequence[Reading], spreads: float
) -> tuple[dict[str, float], dict[str, float]]:
    """Each category's degree less and plus so many of its spreads, within [0, 1].

    Of several readings the highest lower and the highest upper bound: what one of them is certain of,
    the doubts of another do not undo.
    """
    floor: dict[str, float] = {}
    ceiling: dict[str, float] = {}
    for reading in readings:
        for key, degree in reading["risk"].items():
            half = spreads * reading["spread"].get(key, 0.0)
            floor[key] = max(degree - half, floor.get(key, 0.0))
            ceiling[key] = max(min(degree + half, 1.0), ceiling.get(key, 0.0))
    return floor, ceiling


def summarise(
    detector: Detector,
    prompt: str,
    response: str | None = None,
    policy: ThresholdPolicy | None = None,
) -> dict[str, Any]:
    """``risk`` and ``spread`` per category, ``max_risk``, ``is_safe`` by ``policy`` or the default's.

    ``max_risk`` is that of the categories that are judged. Numbers are rounded to four digits after the
    verdict. A text that is ``out_of_language`` is never safe: its degrees are a guess.
    """
    reading = read(detector, prompt, response)
    policy = policy or policy_of(LanceContext(), detector)
    found = hazards(reading["risk"], policy)
    return {
        "risk": {key: round(degree, 4) for key, degree in reading["risk"].items()},
        "spread": {key: round(spread, 4) for key, spread in reading["spread"].items()},
        "max_risk": round(highest_judged(reading["risk"], policy), 4),
        "is_safe": not (found or reading["out_of_language"]),
        "out_of_language": reading["out_of_language"],
    }


def plain(values: Mapping[str, float]) -> dict[str, float | None]:
    """Values rounded to four digits for JSON; None for what is no number."""
    return {key: round(value, 4) if isfinite(value) else None for key, value in values.items()}
