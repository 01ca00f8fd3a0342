"""Records by method and sample, and the figures in them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import isnan

from lance_graph.evaluation.sample import Record

TITLES = {
    "vanilla": "Vanilla",
    "sys-prompt": "SysPrompt",
    "self-refine": "SelfRefine",
    "rep-e": "RepE",
    "instruct": "Instruct",
    "lance-nr": "Lance-NR",
    "lance-nf": "Lance-NF",
    "lance": "Lance",
    "hard-block": "Hard blocking",
    "guard": "Guard LLM",
    "detector": "Detector",
}
REFERENCE = "lance"

Values = dict[str, float | None]
"""By sample id; None where there is no figure."""


@dataclass(frozen=True)
class Results:
    """``records[method][id]``: each method's record of each sample.

    A method's key may name a model after ``@``: ``"vanilla@openai:gpt-4o"`` is its row of its own.
    """

    records: dict[str, dict[str, Record]]

    @classmethod
    def of(cls, records: Iterable[Record], order: Sequence[str]) -> "Results":
        """The methods as ``order`` has them, then by name; of a repeated sample the last record."""
        places = {method: place for place, method in enumerate(order)}
        found: dict[str, dict[str, Record]] = {}
        for record in records:
            found.setdefault(record["method"], {})[record["id"]] = record
        keys = sorted(found, key=lambda key: (places.get(base(key), len(places)), key))
        return cls({key: found[key] for key in keys})

    @property
    def methods(self) -> tuple[str, ...]:
        """The keys of the methods that have records."""
        return tuple(self.records)

    @property
    def samples(self) -> int:
        """How many samples have a record of any method."""
        return len({sample for records in self.records.values() for sample in records})

    def of_method(self, method: str) -> list[Record]:
        """The records of one method."""
        return list(self.records[method].values())

    def score(self, method: str, name: str) -> Values:
        """A score of each of the method's samples."""
        return {key: score_of(record, name) for key, record in self.records[method].items()}

    def reference(self, method: str) -> str | None:
        """What ``method`` is compared with: Lance on the same model, or else the first Lance."""
        same = f"{REFERENCE}@{model(method)}"
        if base(method) == REFERENCE:
            return None
        if same in self.records:
            return same
        return next((key for key in self.methods if base(key) == REFERENCE), None)


def base(method: str) -> str:
    """The method of a key, without a model."""
    return method.partition("@")[0]


def model(method: str) -> str:
    """The model that a key names; empty if it names none."""
    return method.partition("@")[2]


def title(method: str) -> str:
    """A method's name in tables."""
    name, named = TITLES.get(base(method), base(method)), model(method)
    return f"{name} ({named})" if named else name


def score_of(record: Record, name: str) -> float | None:
    """A score's value; None where it is missing or no number, or where nothing was answered."""
    if is_failed(record):
        return None
    score = record["scores"].get(name)
    value = score["value"] if score else None
    return None if value is None or isnan(value) else float(value)


def is_failed(record: Record) -> bool:
    """Whether there is no answer because something failed; a notice of an outage is none."""
    return record["answer"]["outcome"] in ("failed", "degraded")


def highest(degrees: dict[str, float | None] | None) -> float | None:
    """The highest degree over the categories; None where there is none."""
    known = [d for d in (degrees or {}).values() if d is not None and not isnan(d)]
    return max(known, default=None)


def first_degree(record: Record) -> float | None:
    """How risky the method found the sample as it came; a method that only blocks says 0 or 1."""
    answer = record["answer"]
    degree = highest(answer["initial_risk"] or answer["risk"])
    if degree is not None or answer["outcome"] in {"failed", "degraded", "scored"}:
        return degree
    return float(answer["outcome"] in {"blocked", "fell_back"})
