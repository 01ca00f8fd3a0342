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


def read_rows(path: Path, conversations: bool = False) -> Iterator[Row]:
    """The rows of a file with their line numbers, counted from 1; blank lines give none.

    With ``conversations`` a row may have ``messages`` in the place of a prompt.
    """
    return (row_of(line, conversations) for line in read_lines(path))


def row_of(line: Line, conversations: bool = False) -> Row:
    """One line as a row; never raises."""
    if line.error:
        return Row(line.number, error=line.error)
    value = finite(line.value)
    if not isinstance(value, dict):
        return Row(line.number, error=f"not a JSON object but {kind(value)}")
    problem = _problem(value, conversations)
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


def is_of(record: Mapping[str, Any], row: Row) -> bool:
    """Whether a written record belongs to a row of the input."""
    if record["line"] != row.line:
        return False
    if "prompt" not in row.fields and "messages" in row.fields:
        return bool(record.get("messages") == row.fields["messages"])
    return prompt_of(record) == row.fields.get("prompt")


def prompt_of(record: Mapping[str, Any]) -> str | None:
    """The prompt of the row that a written record came from; None if the row was unusable."""
    kept = record.get("input")
    if isinstance(kept, dict) and "prompt" in kept:
        return kept["prompt"]  # type: ignore[no-any-return]
    return record.get("prompt")


def _problem(fields: Record, conversations: bool) -> str | None:
    """Why an object is no row, if so."""
    if "prompt" not in fields and conversations and "messages" in fields:
        messages = fields["messages"]
        if not isinstance(messages, list):
            return f"'messages' must be a list, not {kind(messages)}"
        return None if messages else "'messages' is empty"
    if "prompt" not in fields:
        either = "field 'prompt' and no 'messages'" if conversations else "field 'prompt'"
        return f"the object has no {either}"
    prompt = fields["prompt"]
    if not isinstance(prompt, str):
        return f"'prompt' must be a string, not {kind(prompt)}"
    return None if prompt.strip() else "'prompt' is empty"


def kind(value: Any) -> str:
    """What JSON calls a value of this type."""
    names = {dict: "an object", list: "a list", str: "a string", bool: "true or false"}
    return "null" if value is None else names.get(type(value), "a number")
