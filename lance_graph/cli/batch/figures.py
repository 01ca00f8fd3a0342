"""Counts of a batch: outcomes, categories, degrees and rewrites."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lance_graph.categories import KNOWN
from lance_graph.cli.batch.reading import Batch, Risk
from lance_graph.cli.batch.rows import Degree
from lance_graph.routing import ThresholdPolicy

BINS = 10
Counts = tuple[tuple[str, tuple[int, ...]], ...]


@dataclass(frozen=True)
class Figure:
    """A table of counts: a name and as many counts as there are ``columns`` a row; ``most`` scales bars."""

    title: str
    columns: tuple[str, ...]
    rows: Counts
    note: str = ""

    @property
    def most(self) -> int:
        """The highest count, at least 1."""
        return max([1, *(count for _, counts in self.rows for count in counts)])


def figures(batch: Batch) -> list[Figure]:
    """The counts that the file allows, each a table."""
    outcomes = Counter(row.outcome for row in batch.rows)
    found = [Figure("Outcomes", ("rows",), _most_first(outcomes))]
    before, after = _above(batch.before, batch.policy), _above(batch.after, batch.policy)
    if any(batch.before) or any(batch.after):
        keys = sorted(before | after, key=lambda key: (-before[key], -after[key], key))
        rows: Counts = tuple((_title(key), (before[key], after[key])) for key in keys)
        note = "Rows with a degree above the category's threshold; a row may be in several."
        found.append(Figure("Categories above their threshold", ("before", "after"), rows, note))
        found.append(_degrees(batch))
    if rewrites := Counter(row.rewrites for row in batch.rows if row.rewrites is not None):
        rows = tuple((str(count), (rewrites[count],)) for count in sorted(rewrites))
        found.append(Figure("Rewrites", ("rows",), rows, "How often the prompt was rewritten."))
    return found


def _degrees(batch: Batch) -> Figure:
    before = _binned(row.before for row in batch.rows)
    after = _binned(row.after for row in batch.rows)
    rows = tuple(
        (f"{at / BINS:.1f} to {(at + 1) / BINS:.1f}", (before[at], after[at])) for at in range(BINS)
    )
    note = (
        "The highest degree of each row, as it came and as it was delivered; rows without one are not "
        "counted."
    )
    return Figure("Degrees", ("before", "after"), rows, note)


def _binned(degrees: Iterable[Degree | None]) -> Counter[int]:
    return Counter(min(int(one.value * BINS), BINS - 1) for one in degrees if one is not None)


def _above(risks: Iterable[Risk], policy: ThresholdPolicy) -> Counter[str]:
    return Counter(
        key
        for risk in risks
        for key, degree in risk.items()
        if degree is not None and not policy.is_off(key) and degree > policy.of(key).tau
    )


def _most_first(counts: Mapping[str, int]) -> Counts:
    return tuple(
        (name, (count,)) for name, count in sorted(counts.items(), key=lambda one: -one[1])
    )


def _title(key: str) -> str:
    return KNOWN[key].title if key in KNOWN else key
