"""JSON Lines: reading rows that may be broken, merging results into them, writing them safely."""

import codecs
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lance_graph.strict_json import finite

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
    with path.open("rb") as file:
        for number, raw in enumerate(file, 1):
            text = raw.removeprefix(codecs.BOM_UTF8) if number == 1 else raw
            if text.strip():
                yield parse_row(number, text)


def count_rows(path: Path) -> int:
    """How many rows `read_rows` will give."""
    with path.open("rb") as file:
        return sum(bool(raw.removeprefix(codecs.BOM_UTF8).strip()) for raw in file)


def parse_row(number: int, raw: bytes) -> Row:
    """One line as a row; never raises."""
    try:
        value = finite(json.loads(raw.decode("utf-8")))
    except json.JSONDecodeError as error:
        return Row(number, error=f"not JSON: {error.msg} (column {error.colno})")
    except UnicodeDecodeError:
        return Row(number, error="not UTF-8 text")
    except (ValueError, RecursionError):
        return Row(number, error="not JSON that can be read: a number or a nesting is too large")
    if not isinstance(value, dict):
        return Row(number, error=f"not a JSON object but {kind(value)}")
    problem = _problem(value)
    return Row(number, error=problem) if problem else Row(number, value)


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


def dumps(value: Any) -> str:
    """Strict JSON on one line in ASCII: whatever text is in it, every reader can take it."""
    return json.dumps(finite(value), allow_nan=False)


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
