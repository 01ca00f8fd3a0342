"""One detector asked, or several side by side: from what they say to numbers that can be relied on."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from inspect import isawaitable, iscoroutinefunction
from typing import Protocol, runtime_checkable

from langchain_core.runnables.config import ContextThreadPoolExecutor

from lance_graph.categories import KNOWN, Category, key_of, not_known, united
from lance_graph.runtime.quiet import Quiet, outcome
from lance_graph.runtime.steps import Wait
from lance_graph.runtime.threads import in_thread
from lance_graph.scores import (
    AsyncDetector,
    Degrees,
    Detector,
    Explains,
    Pair,
    Reading,
    Score,
    Span,
    declared_by,
)

ROUNDING = 1e-6
"""How far outside [0, 1] a detector's numbers may lie and still be taken for its bounds."""
Masked = dict[str, Pair]
"""By category, a pair without the words that are innocent in it."""


@runtime_checkable
class Excuses(Protocol):
    """What says that some words are innocent, such as `lance_graph.guards.AllowList`; it judges nothing."""

    @property
    def excused(self) -> Sequence[str]:
        """The categories, by key or slug, in which something is innocent."""
        ...

    def masked(self, pair: Pair) -> Masked:
        """For each of these categories, the pair without what is innocent in it; none as it is."""
        ...


def asking(detector: Detector, pairs: Sequence[Pair], quiet: Quiet) -> Wait[list[Reading]]:
    """A reading per pair, in order, made where no stream hears of it.

    ValueError if a pair has no score, or a score not a degree in [0, 1] for each category that the
    detector declares, or one for a category that neither it declares nor anybody knows. What was not
    scored must not pass for safe.
    """
    if isinstance(detector, Several):
        return detector.asking(pairs, quiet)

    def call() -> list[Reading]:
        scores = detector.score(pairs)
        return checked(detector, _awaited(scores) if isawaitable(scores) else scores, len(pairs))

    async def acall() -> list[Reading]:
        given = detector.ascore if isinstance(detector, AsyncDetector) else detector.score
        scores = given(pairs)
        return checked(detector, await scores if isawaitable(scores) else scores, len(pairs))

    return quiet.wait(call, acall if waits(detector) else None)


def waits(detector: Detector) -> bool:
    """Whether a detector has an async face."""
    return isinstance(detector, AsyncDetector) or iscoroutinefunction(detector.score)


class Several:
    """Detectors that judge together: of each category the highest degree, and its spread, counts.

    ``parts`` are detectors, each with the name that it is counted under, and what `Excuses` words: a
    degree in a category in which words of the text are innocent is at most the degree without
    them. Those that wait for something run side by side. One that fails is a failure of all, and a
    text that is foreign to one is foreign.

    ValueError if nothing is there that judges, or if two declare a category differently.
    """

    def __init__(self, parts: Sequence[tuple[str, Detector | Excuses]]) -> None:
        self.parts: list[tuple[str, Detector]] = []
        self.excuses: list[Excuses] = []
        for name, part in parts:
            if isinstance(part, Several):
                self.parts += part.parts
                self.excuses += part.excuses
            elif isinstance(part, Excuses):
                self.excuses.append(part)
            else:
                self.parts.append((name, part))
        if not self.parts:
            raise ValueError(
                "nothing judges: an allow-list only says what is innocent; give a detector with it, as "
                "in detectors=['embedded', …]"
            )
        self.declared = united(declared_by(part) for _, part in self.parts)

    def check(self) -> "Several":
        """Itself; ValueError for innocent words in a category that nobody here declares.

        Apart from the making, since several can be part of more.
        """
        for name in (name for one in self.excuses for name in one.excused):
            if key_of(name, KNOWN | self.declared) is None:
                raise ValueError(f"allow-list: {not_known(name, self.declared)}")
        return self

    @property
    def categories(self) -> tuple[Category, ...]:
        """What at least one of them scores."""
        return tuple(self.declared.values())

    def score(self, pairs: Sequence[Pair]) -> list[Degrees]:
        """One score per pair, in order."""
        return [_degrees(reading) for reading in self.asking(pairs, Quiet()).call()]

    async def ascore(self, pairs: Sequence[Pair]) -> list[Degrees]:
        """`score` for async code."""
        return [_degrees(reading) for reading in await self.asking(pairs, Quiet()).acall()]

    def explain(
        self, prompt: str, response: str | None = None, categories: Sequence[str] | None = None
    ) -> list[Span]:
        """The spans that those of them name that can tell, heaviest first."""
        spans: list[Span] = []
        for _, part in self.parts:
            if isinstance(part, Explains):
                own = declared_by(part)
                asked = [key for key in own if categories is None or key in categories]
                spans += part.explain(prompt, response, asked) if asked else []
        return sorted(spans, key=lambda span: -span.weight)

    def asking(self, pairs: Sequence[Pair], quiet: Quiet) -> Wait[list[Reading]]:
        """A reading per pair, in order; what one of the parts raises."""

        def waiting(asked: Sequence[Pair]) -> list[Wait[list[Reading]]]:
            return [asking(part, asked, quiet.of(name)) for name, part in self.parts]

        def call() -> list[Reading]:
            masked = self._masked(pairs)
            asked = _all_of(pairs, masked)
            found = _side_by_side([wait.call for wait in waiting(asked)])
            return _less_excused(pairs, masked, asked, found)

        async def acall() -> list[Reading]:
            masked = await in_thread(lambda: self._masked(pairs)) if self.excuses else []
            asked = _all_of(pairs, masked)
            tasks = [asyncio.create_task(outcome(wait.acall)) for wait in waiting(asked)]
            try:
                outcomes = await asyncio.gather(*tasks)
            finally:
                for task in tasks:
                    task.cancel()
            return _less_excused(pairs, masked, asked, [found() for found in outcomes])

        return Wait(call, acall)

    def _masked(self, pairs: Sequence[Pair]) -> list[Masked]:
        """What each pair is without innocent words, by the key of the category in which they are."""
        return [
            {
                key: masked
                for one in self.excuses
                for name, masked in one.masked(pair).items()
                if (key := key_of(name, self.declared))
            }
            for pair in pairs
        ]


def _all_of(pairs: Sequence[Pair], masked: Sequence[Masked]) -> list[Pair]:
    return list(dict.fromkeys([*pairs, *(pair for by_key in masked for pair in by_key.values())]))


def _side_by_side(calls: Sequence[Callable[[], list[Reading]]]) -> list[list[Reading]]:
    """What each call gives; the first one's exception if several raise."""
    if len(calls) == 1:
        return [calls[0]()]
    with ContextThreadPoolExecutor(max_workers=len(calls)) as threads:
        return [asked.result() for asked in [threads.submit(call) for call in calls]]


def _less_excused(
    pairs: Sequence[Pair],
    masked: Sequence[Masked],
    asked: Sequence[Pair],
    found: Sequence[Sequence[Reading]],
) -> list[Reading]:
    """The highest reading of each pair, in no category above what it is without innocent words."""
    whole = [highest(readings) for readings in zip(*found, strict=True)]
    by_pair = dict(zip(asked, whole, strict=True))
    readings = [by_pair[pair] for pair in pairs]
    for place, by_key in enumerate(masked):
        for key, pair in by_key.items():
            readings[place] = lowered(readings[place], by_pair[pair], [key])
    return readings


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


def lowered(reading: Reading, other: Reading, keys: Iterable[str]) -> Reading:
    """``reading``, of each of the ``keys`` with the ``other``'s degree and spread where that is lower."""
    risk, spread = dict(reading["risk"]), dict(reading["spread"])
    for key in keys:
        if other["risk"].get(key, 1.0) < risk.get(key, 0.0):
            risk[key], spread[key] = other["risk"][key], other["spread"].get(key, 0.0)
    return Reading(risk=risk, spread=spread, out_of_language=reading["out_of_language"])


def require(categories: Iterable[str], risk: Mapping[str, float]) -> None:
    """ValueError names those of the ``categories`` that have no degree: what was not scored is not safe."""
    if missing := {*categories} - risk.keys():
        raise ValueError(f"the detector gave no degree for {', '.join(sorted(missing))}")


def checked(detector: Detector, scores: Sequence[Score], wanted: int) -> list[Reading]:
    """Scores as readings; ValueError says what is wrong with them (see `asking`)."""
    if len(scores) != wanted:
        raise ValueError(f"the detector gave {len(scores)} scores for {wanted} texts")
    declared = declared_by(detector).keys()
    readings = []
    for score in scores:
        risk, spread = _in_range(score.mean, "degree"), _in_range(score.std, "spread")
        require(declared, risk)
        if others := risk.keys() - declared - KNOWN.keys():
            raise ValueError(
                f"the detector gave a degree for {min(others)!r}, which it does not declare: name it "
                "in `categories`, among all that it scores"
            )
        foreign = bool(getattr(score, "out_of_language", False))
        readings.append(Reading(risk=risk, spread=spread, out_of_language=foreign))
    return readings


def _in_range(numbers: Mapping[str, float], what: str) -> dict[str, float]:
    """The numbers as floats; ValueError for one outside [0, 1] (NaN too) beyond rounding."""
    found = {key: float(number) for key, number in numbers.items()}
    for key, number in found.items():
        if not -ROUNDING <= number <= 1 + ROUNDING:
            raise ValueError(f"the detector gave {key!r} the {what} {number}, not in [0, 1]")
    return {key: min(max(number, 0.0), 1.0) for key, number in found.items()}


def _degrees(reading: Reading) -> Degrees:
    return Degrees(reading["risk"], reading["spread"], reading["out_of_language"])


def _awaited(scores: Awaitable[Sequence[Score]]) -> Sequence[Score]:
    """What an async detector gives to sync code: in a loop of its own, for this thread may have one."""

    async def wait() -> Sequence[Score]:
        return await scores

    with ContextThreadPoolExecutor(max_workers=1) as threads:
        return threads.submit(lambda: asyncio.run(wait())).result()
