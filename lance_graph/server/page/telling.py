"""What the page is told of a run: progress in counts and names, and at the end what the verdict may show.

A draft has no way out here: of a trace only numbers, names of boxes and categories, and the user's own words
are told, each by its field; text of a draft stands in none of them.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from math import isfinite
from typing import Any, get_args

from lance_graph.cli.render import interval
from lance_graph.cli.words import diff_words
from lance_graph.gradients import Clause
from lance_graph.integrations.running import SafeAnswer
from lance_graph.routing import AfterScoring
from lance_graph.runtime.events import Event
from lance_graph.state import Status, Verdict

_TOKEN = re.compile(r"\w+|[^\w\s]")
LONGEST = 8_000
"""Characters of a prompt that is marked and compared word by word; a longer one is shown as it is.

Of two texts of 20,000 that differ in every fifth word the comparison takes 23 s of a processor.
"""
_NAMES = {
    "lance": get_args(Event),
    "branch": [name for part in get_args(AfterScoring) for name in (get_args(part) or (part,))],
    "scored": ("prompt", "pair"),
    "status": get_args(Status),
}
"""The words that an event may hold, by field: whatever else a component writes is not passed on."""
_NUMBERS = ("iteration", "iterations", "max_risk", "hazards", "declined")
"""What an event says in numbers, or by yes and no."""
_OF_A_STEP = (
    "node",
    "iteration",
    "seconds",
    "scored",
    "max_risk",
    "branch",
    "would_have",
    "declined",
)
Marked = tuple[str, list[str]]
"""Some text, and the categories that it drove."""


def progress(event: Any) -> dict[str, Any] | None:
    """An event of the graph as the page is told it; None for what is none."""
    if not isinstance(event, Mapping) or event.get("lance") not in _NAMES["lance"]:
        return None
    named = {name: event[name] for name, known in _NAMES.items() if event.get(name) in known}
    numbers = {name: event[name] for name in _NUMBERS if _is_number(event.get(name))}
    return {"kind": "progress", **named, **numbers}


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and isfinite(value)


def result(answered: SafeAnswer, lance: Mapping[str, Any]) -> dict[str, Any]:
    """How a run ended: the answer, the field ``lance`` as clients of the protocol get it, and why.

    ``degrees`` of the first scoring, null for one that is no number; ``risks`` by category before
    and after, each a degree with the interval that holds nine tenths of the detector's belief; ``prompt``
    with its driving words marked; ``diff`` by words, null where nothing was rewritten; the trace's
    ``steps``.
    """
    verdict = answered.verdict
    return {
        "kind": "answer",
        "answer": str(answered.text),
        "lance": dict(lance),
        "degrees": _first_degrees(verdict),
        "risks": {
            key: {
                "before": _degree(verdict["initial_risk"], verdict["initial_spread"], key),
                "after": _degree(verdict["risk"], verdict["spread"], key),
            }
            for key in {**verdict["initial_risk"], **verdict["risk"]}
        },
        "prompt": list(marked(verdict["prompt"], _first_gradient(verdict))),
        "diff": _diff(verdict["prompt"], verdict["refined_prompt"]),
        "steps": [_step(step) for step in verdict["trace"]],
    }


def marked(text: str, clauses: Sequence[Clause]) -> Iterator[Marked]:
    """``text`` in pieces, those that drove a category with its key; together they are the text."""
    drove: dict[tuple[str, ...], list[str]] = {}
    for clause in clauses:
        for words in clause["words"]:
            drove.setdefault(tuple(_TOKEN.findall(words.casefold())), []).append(clause["category"])
    drove.pop((), None)
    if not drove or len(text) > LONGEST:
        yield text, []
        return
    tokens = list(_TOKEN.finditer(text))
    folded = [token[0].casefold() for token in tokens]
    longest_first = sorted(drove, key=len, reverse=True)
    at = place = 0
    while place < len(tokens):
        found = next((w for w in longest_first if tuple(folded[place : place + len(w)]) == w), ())
        if found:
            start, end = tokens[place].start(), tokens[place + len(found) - 1].end()
            if start > at:
                yield text[at:start], []
            yield text[start:end], drove[found]
            at = end
        place += len(found) or 1
    if at < len(text):
        yield text[at:], []


def _first_degrees(verdict: Verdict) -> dict[str, float | None]:
    """What was scored, by category: a verdict has null, too, for each of the 14 that nobody judges."""
    first = next((step for step in verdict["trace"] if "risk" in step), None)
    return dict(first["risk"]) if first else {}


def _first_gradient(verdict: Verdict) -> Sequence[Clause]:
    """That of the user's own prompt."""
    steps = (step for step in verdict["trace"] if step["iteration"] == 0 and step.get("gradient"))
    first = next(steps, None)
    return first["gradient"] if first else ()


def _degree(
    risk: Mapping[str, float | None], spread: Mapping[str, float | None], key: str
) -> dict[str, float] | None:
    degree = risk.get(key)
    if degree is None:
        return None
    low, high = interval(degree, spread.get(key))
    return {"degree": degree, "low": round(low, 4), "high": round(high, 4)}


def _diff(before: str, after: str | None) -> list[tuple[str, str]] | None:
    if after is None:
        return None
    if max(len(before), len(after)) > LONGEST:
        return [("removed", before), ("added", after)]
    return [(change.value, words) for change, words in diff_words(before, after)]


def _step(step: Mapping[str, Any]) -> dict[str, Any]:
    told = {name: step[name] for name in _OF_A_STEP if name in step}
    if "gradient" in step:
        told["gradient"] = [
            {name: clause[name] for name in ("category", "intensity", "effort", "words")}
            for clause in step["gradient"]
        ]
    return told
