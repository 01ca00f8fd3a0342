"""What a command does with the rows of a file."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lance_graph.cli.jsonl import Record, Row, RowError, merge


@dataclass(frozen=True)
class Job:
    """What a command does with one row.

    ``process`` takes the row's fields and returns the ``fields`` of the result; ``label`` names how
    a record came out, for the summary. ``settings`` are all that a record depends on beside its row:
    an output is gone on with under the same ones only. ``failed`` are the labels of records that
    may come out better another time. With ``conversations`` a row may have messages for a prompt.
    """

    name: str
    fields: frozenset[str]
    process: Callable[[Record], Record]
    label: Callable[[Record], str]
    settings: Mapping[str, Any] = field(default_factory=dict)
    failed: frozenset[str] = frozenset()
    conversations: bool = False

    def has_failed(self, record: Record) -> bool:
        """Whether a record is an error, or has one of the failed labels."""
        return "error" in record or self.label(record) in self.failed

    def handle(self, row: Row) -> Record:
        """The record of one row; an exception becomes an error without any of its text."""
        if row.error:
            return {"line": row.line, "error": row.error}
        try:
            return merge(row, self.process(row.fields))
        except RowError as error:
            return merge(row, {"error": str(error)})
        except Exception as error:  # noqa: BLE001 - the run goes on; a type quotes no draft
            hint = "this row could not be processed; run it alone with --debug to see why"
            return merge(row, {"error": f"{type(error).__name__}: {hint}"})
