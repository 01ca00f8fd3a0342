"""Files as this package reads and writes them: JSON Lines, strict JSON, all or nothing."""

import codecs
import json
import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any, TypeVar

Found = TypeVar("Found")


@dataclass(frozen=True)
class Line:
    """One line of a JSON Lines file.

    ``number`` counts from 1, ``end`` is its distance in bytes from the file's beginning to its own
    end; ``error`` says why ``value`` is missing. A line that a kill tore is not ``whole``.
    """

    number: int
    raw: bytes
    end: int
    value: Any = None
    error: str | None = None

    @property
    def whole(self) -> bool:
        """Whether the line was written to its end: each is written with its end of line."""
        return self.raw.endswith(b"\n")

    def object(self) -> dict[str, Any]:
        """The line's object; ValueError, without a place, for anything else."""
        if self.error is None and not isinstance(self.value, dict):
            raise ValueError("not a JSON object")
        if self.error is not None:
            raise ValueError(self.error)
        found: dict[str, Any] = self.value
        return found


def read_lines(path: Path, *, blank: bool = False) -> Iterator[Line]:
    """The lines of a JSON Lines file, one in memory at a time; what is no JSON raises nothing here.

    Blank lines are left out; with ``blank`` they are lines that hold no JSON.
    """
    end = 0
    with path.open("rb") as file:
        for number, raw in enumerate(file, 1):
            end += len(raw)
            text = raw.removeprefix(codecs.BOM_UTF8) if number == 1 else raw
            if not blank and not text.strip():
                continue
            try:
                value, error = parsed(text), None
            except ValueError as problem:
                value, error = None, str(problem)
            yield Line(number, text, end, value, error)


def read_objects(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of a JSON Lines file; ValueError names the file and the line of anything else."""
    for line in read_lines(path):
        try:
            yield line.object()
        except ValueError as error:
            raise ValueError(f"{path}:{line.number}: {error}") from None


def count_lines(path: Path) -> int:
    """How many lines `read_lines` will give."""
    with path.open("rb") as file:
        return sum(bool(raw.removeprefix(codecs.BOM_UTF8).strip()) for raw in file)


def parsed(text: str | bytes) -> Any:
    """The value of a JSON text; ValueError says what is wrong and quotes none of it."""
    try:
        whole = text if isinstance(text, str) else text.decode("utf-8")
        return json.loads(whole)
    except json.JSONDecodeError as error:
        line = f"line {error.lineno}, " if error.lineno > 1 else ""
        raise ValueError(f"not JSON: {error.msg} ({line}column {error.colno})") from None
    except UnicodeDecodeError:
        raise ValueError("not UTF-8 text; save the file as UTF-8") from None
    except (ValueError, RecursionError):
        raise ValueError("not JSON that can be read: a number or a nesting is too large") from None


def dumps(value: Any, *, indent: int | None = None) -> str:
    """Strict JSON in ASCII, on one line without ``indent``: every reader can take it."""
    return json.dumps(finite(value), allow_nan=False, indent=indent)


def finite(value: Any) -> Any:
    """``value`` with None for NaN and infinities, which JSON does not know."""
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [finite(item) for item in value]
    return value


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A place to write to that becomes ``path`` in one step, if nothing is raised meanwhile.

    Until then ``path`` is as it was, or not there.
    """
    partial = path.with_name(f"{path.name}.partial")
    try:
        yield partial
        os.replace(partial, path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file that is either whole or as it was."""
    with whole(path) as partial:
        partial.write_bytes(content.encode() if isinstance(content, str) else content)


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Write an object as strict, indented JSON, whole or not at all."""
    write_whole(path, dumps(value, indent=2) + "\n")


def one_spelling(name: str) -> str:
    """The resolved path where ``name`` is written like a path or is a folder; otherwise as it is.

    What is loaded once is kept under it. ``~`` is the home folder; links, dots and trailing slashes
    are followed. A hub id stays a hub id.
    """
    path = Path(name).expanduser() if name.startswith("~") else Path(name)
    if name.startswith((".", "/", "~")) or path.exists():
        return str(path.resolve())
    return name


def looked_up(look: Callable[[], Found]) -> Found:
    """What ``look`` finds in the file system, apart from the thread of an event loop; its exceptions too.

    `langgraph dev` lets nobody resolve a path or follow a link in its loop, however short that is.
    """
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(look).result()
