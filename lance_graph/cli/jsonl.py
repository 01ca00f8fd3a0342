"""The rows of `--input`, which may be broken, and the results that are merged into them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lance_graph.files import Line, finite, read_lines

Record = dict[str, Any]
RESERVED = ("line", "error", "input")


class RowError(ValueError):
    """A row that a command cannot use; the message quotes none of its text."""


@dataclass(frozen=True)
class Row:
    """One line of the input that is not blank; ``error`` says why it cannot be used, if so."""

    line: int
    fields: Record = field(default_factory=dict)
    error: str | None = None


def read_rows(path: Path) -> Iterator[Row]:
    """The rows of a file with their line numbers, counted from 1; blank lines give none."""
    return map(row_of, read_lines(path))


def row_of(line: Line) -> Row:
    """One line as a row; never raises."""
    if line.error:
        return Row(line.number, error=line.error)
    value = finite(line.value)
    if not isinstance(value, dict):
        return Row(line.number, error=f"not a JSON object but {kind(value)}")
    problem = _problem(value)
    return Row(line.number, error=problem) if problem else Row(line.number, value)


def merge(row: Row, result: Mapping[str, Any]) -> Record:
    """The row's own fields and the result's; where names clash the row's go below ``input``."""
    results = {"line": row.line, **result}
    taken = {*results, *RESERVED}
    own = {key: value for key, value in row.fields.items() if key not in taken}
    clashing = {
        key: value
        for key, value in row.fields.items()
        if key in taken and not (key == "prompt" and value == results.get("prompt"))
    }
    record = {"line": row.line, **own, **result}
    return record | {"input": clashing} if clashing else record


def prompt_of(record: Mapping[str, Any]) -> str | None:
    """The prompt of the row that a written record came from; None if the row was unusable."""
    kept = record.get("input")
    if isinstance(kept, dict) and "prompt" in kept:
        return kept["prompt"]  # type: ignore[no-any-return]
    return record.get("prompt")


def _problem(fields: Record) -> str | None:
    """Why an object is no row, if so."""
    if "prompt" not in fields:
        return "the object has no field 'prompt'"
    prompt = fields["prompt"]
    if not isinstance(prompt, str):
        return f"'prompt' must be a string, not {kind(prompt)}"
    return None if prompt.strip() else "'prompt' is empty"


def kind(value: Any) -> str:
    """What JSON calls a value of this type."""
    names = {dict: "an object", list: "a list", str: "a string", bool: "true or false"}
    return "null" if value is None else names.get(type(value), "a number")
