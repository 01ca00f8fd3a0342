"""Where an earlier bulk run stopped: reads its output, and refuses a file that is not its own."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lance_graph.cli.errors import CliError
from lance_graph.cli.jsonl import Record, prompt_of, read_rows

HEAD = b'{"line": '


def read_done(
    source: Path, target: Path, fields: frozenset[str], note: Callable[[Record], None]
) -> tuple[int, int]:
    """The last input line that ``target`` has a record of, and the bytes of its whole lines.

    Every record is given to ``note``. A last line that a kill tore is left out of the size.
    CliError if anything else shows that a run with these ``fields`` on ``source`` did not write it.
    """
    last = size = 0
    rows = read_rows(source)
    with target.open("rb") as file:
        for number, raw in enumerate(file, 1):
            if _is_torn(raw):
                break
            record = _read(raw, fields)
            if record is None:
                raise _foreign(f"line {number} of '{target}' was not written by this command")
            row = next(rows, None)
            last = record["line"]
            if row is None or (row.line, row.fields.get("prompt")) != (last, prompt_of(record)):
                raise _foreign(f"line {number} of '{target}' does not belong to '{source}'")
            note(record)
            size += len(raw)
    return last, size


def _is_torn(raw: bytes) -> bool:
    """Whether ``raw`` is the beginning of a record: each is written with its end of line."""
    return not raw.endswith(b"\n") and (raw.startswith(HEAD) or HEAD.startswith(raw))


def _read(raw: bytes, fields: frozenset[str]) -> Record | None:
    """A record of this command, None if it is something else."""
    try:
        record: Any = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    if not isinstance(record, dict) or type(record.get("line")) is not int:
        return None
    return record if "error" in record or fields <= record.keys() else None


def _foreign(what: str) -> CliError:
    return CliError(f"{what}; choose another --output, or pass --overwrite to start anew")
