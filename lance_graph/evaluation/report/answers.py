"""The records of an evaluation as rows of the table that `lance-graph report` has."""

from collections.abc import Iterable

from lance_graph.cli.batch.rows import Row, highest
from lance_graph.evaluation.sample import Record
from lance_graph.routing import TAU


def rows_of(records: Iterable[Record]) -> tuple[Row, ...]:
    """A row for each method and sample, in the records' order."""
    return tuple(map(_row, records))


def _row(record: Record) -> Row:
    answer = record["answer"]
    after = highest(answer["risk"])
    # a detector alone stops nothing: what it would have stopped is what is above the default threshold
    scored_high = answer["outcome"] == "scored" and after is not None and after.value > TAU
    return Row(
        name=record["id"],
        outcome=answer["outcome"],
        prompt=record["prompt"],
        rewrite=answer["refined_prompt"],
        answer=answer["response"],
        before=highest(answer["initial_risk"]) or (after if scored_high else None),
        after=after,
        rewrites=answer["iterations"],
        note=answer["failure"] or "",
        would_stop=scored_high,
        harmful=record["harmful"],
        group=record["method"],
    )
