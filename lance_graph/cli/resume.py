"""Where an earlier bulk run stopped: reads its output, and refuses a file that is not its own."""

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import typer

from lance_graph.cli.errors import CliError
from lance_graph.cli.jobs import Job
from lance_graph.cli.jsonl import Record, Row, is_of, read_rows
from lance_graph.files import Line, dumps, finite, parsed, read_lines, whole, write_json

HEAD = b'{"line": '
Todo = tuple[Line, Row | None]
"""A line of an output, and the row to work on again where it failed."""


def settings_file(target: Path) -> Path:
    """Where the settings of the run that writes ``target`` stand."""
    return target.with_name(f"{target.name}.settings.json")


def write_settings(target: Path, settings: Mapping[str, Any]) -> None:
    """Put the settings of a run beside its output."""
    if settings:
        write_json(settings_file(target), settings)


def check_settings(target: Path, settings: Mapping[str, Any]) -> None:
    """CliError names the first setting in which the run that wrote ``target`` was another.

    An output without settings beside it is gone on with, which is said.
    """
    try:
        earlier = parsed(settings_file(target).read_bytes())
    except FileNotFoundError:
        if settings and target.stat().st_size:
            note = f"lance-graph: nobody wrote down with which settings '{target}' was begun"
            typer.echo(f"{note}; going on with these", err=True)
        return
    except ValueError as error:
        raise _foreign(f"'{settings_file(target)}' cannot be read: {error}") from None
    if not isinstance(earlier, dict):
        raise _foreign(f"'{settings_file(target)}' holds no settings")
    now = parsed(dumps(finite(settings)))
    for name in (*now, *earlier):
        if now.get(name) != earlier.get(name):
            raise _foreign(
                f"{name} is {now.get(name)!r}, but '{target}' was written with "
                f"{earlier.get(name)!r}; give the same"
            )


def retry(
    job: Job,
    source: Path,
    target: Path,
    in_order: Callable[[Callable[[Todo], bytes], Iterable[Todo]], Generator[bytes]],
) -> None:
    """Work again on the rows whose records failed; all other lines stay as they are, byte for byte.

    What was done when Ctrl-C comes is kept. ``in_order`` maps over items, as in `bulk`.
    """
    read_done(source, target, job, lambda record: None, retrying=True)

    def again(todo: Todo) -> bytes:
        line, row = todo
        return line.raw if row is None else dumps(job.handle(row)).encode() + b"\n"

    lines = _lines_and_rows(job, source, target)
    with whole(target) as partial, partial.open("wb") as file:
        written = 0
        try:
            with closing(in_order(again, lines)) as records:
                for raw in records:
                    file.write(raw)
                    written += 1
        except KeyboardInterrupt:
            rest = [line.raw for line in read_lines(target, blank=True)][written:]
            file.writelines(rest)
            file.flush()
            partial.replace(target)
            raise


def _lines_and_rows(job: Job, source: Path, target: Path) -> Iterator[Todo]:
    rows = read_rows(source, job.conversations)
    for line, row in zip(read_lines(target, blank=True), rows, strict=False):
        if line.whole:
            yield line, row if job.has_failed(line.value) else None


def read_done(
    source: Path,
    target: Path,
    job: Job,
    note: Callable[[Record], None],
    *,
    retrying: bool = False,
) -> tuple[int, int]:
    """The last input line that ``target`` has a record of, and the bytes of its whole lines.

    Every record is given to ``note``. A last line that a kill tore is left out of the size.
    CliError if anything else shows that this ``job`` on ``source`` did not write it; of an error
    that is worked on again (``retrying``) the row may have been mended.
    """
    last = size = 0
    rows = read_rows(source, job.conversations)
    for line in read_lines(target, blank=True):
        if _is_torn(line):
            break
        record = _record(line, job.fields)
        if record is None:
            raise _foreign(f"line {line.number} of '{target}' was not written by this command")
        row = next(rows, None)
        last = record["line"]
        mended = retrying and "error" in record and row is not None and row.line == last
        if row is None or not (is_of(record, row) or mended):
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
