"""The engine of `--input F --output F`: a record per row, in order, resumable, never stopped by a row."""

from collections import Counter, deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeVar

import typer

from lance_graph.cli.bars import counting_bar
from lance_graph.cli.errors import DEGRADED, CliError, Interrupted, UsageError, one_line
from lance_graph.cli.jobs import Job
from lance_graph.cli.jsonl import Record, read_rows
from lance_graph.cli.resume import check_settings, read_done, retry, write_settings
from lance_graph.files import count_lines, dumps

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass
class Tally:
    """How the records came out."""

    job: Job
    labels: Counter[str] = field(default_factory=Counter)
    errors: list[int] = field(default_factory=list)
    moved: set[str] = field(default_factory=set)

    def add(self, record: Record) -> None:
        """Count one record."""
        if "error" in record:
            self.errors.append(record["line"])
        else:
            self.labels[self.job.label(record)] += 1
        kept = record.get("input")
        self.moved |= kept.keys() & self.job.fields if isinstance(kept, dict) else set()

    @property
    def exit_code(self) -> int:
        """3 where a record has a failed label, else 1 where one is an error, else 0."""
        if any(self.labels[label] for label in self.job.failed):
            return DEGRADED
        return int(bool(self.errors))

    @property
    def records(self) -> int:
        """How many records were counted."""
        return len(self.errors) + self.labels.total()

    def summary(self, earlier: int) -> str:
        """One line for a person."""
        before = f" ({earlier} of them by an earlier run)" if earlier else ""
        counts = "".join(f", {count} {label}" for label, count in sorted(self.labels.items()))
        errors = f"{len(self.errors)} error{'s' if len(self.errors) != 1 else ''}"
        where = f" (line{'s' if len(self.errors) > 1 else ''} {_some(self.errors)})"
        again = "; --retry-failed tries those again" if self.exit_code else ""
        done = f"{self.records} done{before}: {errors}{where if self.errors else ''}{counts}{again}"
        if not self.moved:
            return done
        return f"{done}; the rows' own {', '.join(sorted(self.moved))} stand below 'input'"


def check_files(source: Path, target: Path) -> None:
    """CliError if the input cannot be read or the output must not be written."""
    if not source.exists():
        raise CliError(f"--input: there is no file '{source}'")
    if not source.is_file():
        raise CliError(f"--input: '{source}' is not a regular file")
    if not target.parent.is_dir():
        raise CliError(f"--output: there is no folder '{target.parent}'; create it first")
    if target.exists() and not target.is_file():
        raise CliError(f"--output: '{target}' is not a regular file")
    if target.exists() and target.samefile(source):
        raise CliError("--output is the same file as --input; choose another --output")


def work_through(
    job: Job,
    source: Path,
    target: Path,
    *,
    overwrite: bool = False,
    retry_failed: bool = False,
    concurrency: int = 1,
) -> int:
    """Write a record to ``target`` for every row of ``source`` that has none yet; the exit code.

    Each line is flushed when its turn has come; a kill loses, beside what is being worked on, what was
    done before a row that comes first, at most twice ``concurrency``. With
    ``retry_failed`` the rows of failed records are worked on again first. CliError if the files, or
    the settings of an earlier run, do not fit; Interrupted, with the way to go on, on Ctrl-C.
    """
    if overwrite and retry_failed:
        raise UsageError("--retry-failed goes on, --overwrite starts anew; give one of them")
    tally = Tally(job)
    earlier = 0
    try:
        last, size = 0, 0
        if target.exists() and not overwrite:
            check_settings(target, job.settings)
            if retry_failed:
                retry(job, source, target, partial(in_order, workers=concurrency))
            last, size = read_done(source, target, job, tally.add)
        write_settings(target, job.settings)
        earlier = tally.records
        rows = (row for row in read_rows(source, job.conversations) if row.line > last)
        with (
            counting_bar(on_terminal_only=False) as progress,
            target.open("ab") as file,
            closing(in_order(job.handle, rows, concurrency)) as records,
        ):
            file.truncate(size)
            bar = progress.add_task(job.name, total=count_lines(source), completed=earlier)
            for record in records:
                file.write(dumps(record).encode() + b"\n")
                file.flush()
                tally.add(record)
                progress.advance(bar)
    except KeyboardInterrupt:
        raise Interrupted(
            f"interrupted after {tally.records} rows; the same command goes on from there"
            f"{' (without --overwrite)' if overwrite else ''}"
        ) from None
    except OSError as error:
        raise CliError(one_line(error)) from error
    typer.echo(tally.summary(earlier), err=True)
    return tally.exit_code


def in_order(
    function: Callable[[Item], Result], items: Iterable[Item], workers: int
) -> Generator[Result]:
    """``map`` with up to ``workers`` threads; results in order, the input read only as needed."""
    if workers == 1:
        yield from map(function, items)
        return
    window: deque[Future[Result]] = deque()
    with ThreadPoolExecutor(workers) as pool:
        try:
            for item in items:
                window.append(pool.submit(function, item))
                if len(window) >= 2 * workers:
                    yield window.popleft().result()
            while window:
                yield window.popleft().result()
        finally:
            for future in window:
                future.cancel()


def _some(numbers: list[int], most: int = 5) -> str:
    shown = ", ".join(map(str, numbers[:most]))
    return shown if len(numbers) <= most else f"{shown}, ..."
