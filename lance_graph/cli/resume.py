"""Where an earlier bulk run stopped: reads its output, and refuses a file that is not its own."""

from collections.abc import Callable
from pathlib import Path

from lance_graph.cli.errors import CliError
from lance_graph.cli.jsonl import Record, prompt_of, read_rows
from lance_graph.files import Line, read_lines

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
    for line in read_lines(target, blank=True):
        if _is_torn(line):
            break
        record = _record(line, fields)
        if record is None:
            raise _foreign(f"line {line.number} of '{target}' was not written by this command")
        row = next(rows, None)
        last = record["line"]
        if row is None or (row.line, row.fields.get("prompt")) != (last, prompt_of(record)):
            raise _foreign(f"line {line.number} of '{target}' does not belong to '{source}'")
        note(record)
        size = line.end
    return last, size


def _is_torn(line: Line) -> bool:
    """Whether a line is the beginning of a record."""
    return not line.whole and (line.raw.startswith(HEAD) or HEAD.startswith(line.raw))


def _record(line: Line, fields: frozenset[str]) -> Record | None:
    """A record of this command, None if it is something else."""
    record = line.value
    if not isinstance(record, dict) or type(record.get("line")) is not int:
        return None
    return record if "error" in record or fields <= record.keys() else None


def _foreign(what: str) -> CliError:
    return CliError(f"{what}; choose another --output, or pass --overwrite to start anew")
