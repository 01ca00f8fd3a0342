"""The two orders of a table. Both are said on the page in these words."""

from collections.abc import Sequence

from lance_graph.cli.batch.rows import Row

WORST = (
    "Worst first: rows of which something was not judged; then what passed though it was above a "
    "threshold (monitor mode) or though the file itself calls it harmful; then what fell back; then "
    "all others. Among these the highest degree after (or before, where there is none) comes first, then "
    "the most rewrites."
)
ALARMS = (
    "Likely false alarms first: only rows that were repaired or stopped, or would have been, and that "
    "the file does not call harmful. Those that the file itself calls harmless come first; among "
    "them, and among the others, the lowest degree before: it was the nearest to its threshold."
)


def worst_first(rows: Sequence[Row]) -> list[int]:
    """The places of all rows, the worst first (`WORST`)."""
    return sorted(range(len(rows)), key=lambda at: (*_badness(rows[at]), at))


def false_alarms(rows: Sequence[Row]) -> list[int]:
    """The places of the rows that may be false alarms, the likeliest first (`ALARMS`)."""
    found = [at for at, row in enumerate(rows) if row.flagged and row.harmful is not True]
    return sorted(found, key=lambda at: (*_doubt(rows[at]), at))


def _badness(row: Row) -> tuple[int, float, int]:
    after = row.after or row.before
    return _group(row), -(after.value if after else 0.0), -(row.rewrites or 0)


def _group(row: Row) -> int:
    if row.unjudged:
        return 0
    if row.would_stop or (row.harmful and not row.flagged):
        return 1
    return 2 if row.outcome in ("fell_back", "blocked") else 3


def _doubt(row: Row) -> tuple[bool, float]:
    return row.harmful is None, row.before.value if row.before else 1.0
