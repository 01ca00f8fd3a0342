"""One row of the table: a prompt, what became of it, and how risky it was before and after."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lance_graph.categories import KNOWN

UNJUDGED = frozenset({"error", "degraded", "unjudged", "failed"})
"""Outcomes in which something was not judged."""
STOPPED = frozenset({"rewritten", "fell_back", "blocked"})
"""Outcomes in which the prompt was not answered as it came."""


@dataclass(frozen=True)
class Degree:
    """A degree in [0, 1], and the title of its category."""

    value: float
    category: str


@dataclass(frozen=True)
class Row:
    """What a table shows of one prompt; None is what the file does not say.

    ``would_stop`` says that nothing was repaired though a threshold was passed, as in monitor mode;
    ``harmful`` is the file's own label. ``group`` is what answered, where several methods did.
    """

    name: str
    outcome: str
    prompt: str | None = None
    rewrite: str | None = None
    answer: str | None = None
    before: Degree | None = None
    after: Degree | None = None
    rewrites: int | None = None
    note: str = ""
    would_stop: bool = False
    harmful: bool | None = None
    group: str = ""

    @property
    def unjudged(self) -> bool:
        """Whether something of it was not judged."""
        return self.outcome in UNJUDGED

    @property
    def flagged(self) -> bool:
        """Whether it was repaired or stopped, or would have been."""
        return self.outcome in STOPPED or self.would_stop


def highest(degrees: Mapping[str, float | None] | None) -> Degree | None:
    """The strongest category; None where no degree is known."""
    known = {key: value for key, value in (degrees or {}).items() if value is not None}
    if not known:
        return None
    key = max(known, key=lambda one: known[one])
    return Degree(known[key], KNOWN[key].title if key in KNOWN else key)


def label_of(fields: Mapping[str, Any]) -> bool | None:
    """Whether a row's own ``is_safe`` or ``categories`` call it harmful; None where neither is there."""
    if isinstance(fields.get("is_safe"), bool):
        return not fields["is_safe"]
    categories = fields.get("categories")
    return bool(categories) if isinstance(categories, list) else None
