"""What a report lacks, and why: nothing is left out in silence."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain

from lance_graph.evaluation.metrics import count
from lance_graph.evaluation.report.model import Cell, Table
from lance_graph.evaluation.sample import Record
from lance_graph.evaluation.suites.results import Results, is_failed, score_of, title
from lance_graph.evaluation.suites.tables import Rows


def completeness(results: Results, names: Sequence[str]) -> list[Table]:
    """What is missing of every method, and what failed: nothing is left out in silence."""
    columns = (
        "Method",
        "Samples",
        "No record",
        "Failed answers",
        "Degraded answers",
        "Judge refused",
        "Judgement malformed",
        "Scoring failed",
        "Undefined",
        "Not scored",
    )
    rows: Rows = [(title(method), *_missing(results, method, names)) for method in results.methods]
    notes = (
        f"The last five columns count scores, of {len(names)} for each answer; a failed or degraded "
        "answer has none.",
    )
    tables = [Table("What is missing", columns, tuple(rows), notes)]
    failures = Counter(
        (title(method), record["answer"]["failure"] or "without a name")
        for method in results.methods
        for record in results.of_method(method)
        if record["answer"]["failure"] or is_failed(record)
    )
    if failures:
        found = tuple((method, what, count(n)) for (method, what), n in sorted(failures.items()))
        tables.append(Table("What failed", ("Method", "Failure", "Answers"), found))
    return tables


def _missing(results: Results, method: str, names: Sequence[str]) -> tuple[Cell, ...]:
    records = results.of_method(method)
    outcomes = Counter(record["answer"]["outcome"] for record in records)
    reasons = Counter(
        chain.from_iterable(_reasons(record, names) for record in records if not is_failed(record))
    )
    kinds = ("refused", "malformed", "failed", "undefined", "not scored")
    return (
        count(len(records)),
        count(results.samples - len(records)),
        count(outcomes["failed"]),
        count(outcomes["degraded"]),
        *(count(reasons[kind]) for kind in kinds),
    )


def _reasons(record: Record, names: Sequence[str]) -> Iterable[str]:
    """Why each score that an answer lacks is missing."""
    for name in names:
        if name not in record["scores"]:
            yield "not scored"
        elif score_of(record, name) is None:
            yield record["scores"][name].get("missing", "undefined")
