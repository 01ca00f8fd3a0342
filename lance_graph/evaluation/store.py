"""The folder of a run: what was run, and one line of JSON per method and sample, safe against kills."""

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import IO, Any, cast

from lance_graph.evaluation.sample import Record, Sample
from lance_graph.files import Line, dumps, parsed, read_lines, write_json, write_whole

RECORDS = "records.jsonl"
FACTS = "run.json"
CALLS = "calls.sqlite"
Key = tuple[str, str]
Facts = dict[str, Any]


class StoreError(ValueError):
    """A folder that this run cannot be written to; the message says why and what helps."""


class Store:
    """The records of a run in a folder; a later line of the same method and sample replaces it.

    Each line is on its way to the disk before the next sample ends, so that a kill loses none.
    """

    def __init__(self, folder: Path, facts: Mapping[str, Any], *, overwrite: bool = False) -> None:
        """Open a new folder, or go on with one of the same ``facts``; a fact of None is left open.

        StoreError if the folder holds something else.
        """
        self.folder = folder
        self.path = folder / RECORDS
        self.facts = dict(facts) if overwrite else _agreed(folder, facts)
        folder.mkdir(parents=True, exist_ok=True)
        self._file = self.path.open("ab")
        try:
            _lock(self._file, folder)
            if overwrite:
                self._file.truncate(0)
                remove_calls(folder)
            self.records, size = _read(self.path)
            self._file.truncate(size)
            write_json(folder / FACTS, self.facts)
        except BaseException:
            self._file.close()
            raise

    def add(self, record: Record) -> None:
        """Write a record."""
        self.records[key_of(record)] = record
        self._file.write(_line(record))
        self._file.flush()

    def tidy(self, order: Iterable[Key]) -> None:
        """Close the file with one line per record: those of ``order`` first, then all others."""
        self.close()
        keys = [key for key in dict.fromkeys([*order, *self.records]) if key in self.records]
        write_whole(self.path, b"".join(_line(self.records[key]) for key in keys))

    def close(self) -> None:
        """Close the file as it is."""
        self._file.close()


def key_of(record: Record) -> Key:
    """What makes a record one of its kind."""
    return record["method"], record["id"]


def read_records(folder: Path, facts: Mapping[str, Any]) -> dict[Key, Record]:
    """The records in a folder, which may not exist; StoreError if it holds another run or else."""
    _agreed(folder, facts)
    return _read(folder / RECORDS)[0]


def remove_calls(folder: Path) -> None:
    """Remove the calls that were kept for going on in the middle of a sample."""
    for name in (CALLS, f"{CALLS}-wal", f"{CALLS}-shm"):
        (folder / name).unlink(missing_ok=True)


def digest(samples: Sequence[Sample]) -> str:
    """A short name of exactly these samples in any order."""
    rows = sorted(repr((s.id, s.prompt, s.response)) for s in samples)
    text = "\n".join(rows).encode("utf-8", "surrogatepass")
    return f"{len(samples)} ({sha256(text).hexdigest()[:12]})"


def _agreed(folder: Path, facts: Mapping[str, Any]) -> Facts:
    """``facts`` with those that an earlier run in the folder knew; StoreError if they differ."""
    path = folder / FACTS
    if folder.exists() and not folder.is_dir():
        raise StoreError(f"'{folder}' is a file; --output is a folder")
    if not path.exists():
        if (folder / RECORDS).exists() and (folder / RECORDS).stat().st_size:
            raise StoreError(
                f"'{folder}' has a {RECORDS} but no {FACTS}; choose another --output, "
                "or pass --overwrite to start anew"
            )
        return dict(facts)
    try:
        before = parsed(path.read_bytes())
    except ValueError as error:
        raise StoreError(f"'{path}' is not JSON; choose another --output") from error
    if not isinstance(before, dict):
        raise StoreError(f"'{path}' was not written by this command; choose another --output")
    now = parsed(dumps(facts))
    differing = [
        f"{name} was {before[name]!r} and is now {now[name]!r}"
        for name in now
        if None not in (now[name], before.get(name)) and now[name] != before[name]
    ]
    if differing:
        raise StoreError(
            f"'{folder}' holds another run: {'; '.join(differing)}. Choose another --output, "
            "or pass --overwrite to start anew"
        )
    return {**before, **{name: value for name, value in now.items() if value is not None}}


def _read(path: Path) -> tuple[dict[Key, Record], int]:
    """The records in a file, and the bytes of its whole lines."""
    records: dict[Key, Record] = {}
    size = 0
    if not path.exists():
        return records, size
    for line in read_lines(path, blank=True):
        if not line.whole:  # torn by a kill
            break
        record = _record(line)
        if record is None:
            raise StoreError(
                f"line {line.number} of '{path}' is no record of an evaluation; "
                "choose another --output, or pass --overwrite to start anew"
            )
        records[key_of(record)] = record
        size = line.end
    return records, size


def _record(line: Line) -> Record | None:
    value = line.value
    if not isinstance(value, dict) or not {"method", "id", "answer", "scores"} <= value.keys():
        return None
    return cast(Record, value)


def _line(record: Record) -> bytes:
    return dumps(record).encode() + b"\n"


def _lock(file: IO[bytes], folder: Path) -> None:
    """Keep other processes from writing to the same file, where the system can."""
    try:
        import fcntl
    except ImportError:  # not on Windows
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise StoreError(
            f"another run is writing to '{folder}'; wait for it, or stop it"
        ) from error
