"""Rows of data files and of the hub with their places; no error quotes a row's text."""

import codecs
import csv
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

Place = str
"""Such as ``prompts.jsonl, line 3``."""
Rows = Iterator[tuple[Place, Mapping[str, Any]]]

LONGEST_SHOWN = 40


def shown(value: Any) -> str:
    """A label, an id or a column's name for an error: its beginning, if it is long."""
    text = repr(value)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"


def read_file(path: Path) -> Rows:
    """The rows of a JSON Lines, JSON or CSV file; ValueError for another ending or a broken row."""
    readers = {".jsonl": _json_lines, ".ndjson": _json_lines, ".json": _json, ".csv": _csv}
    read = readers.get(path.suffix.lower())
    if read is None:
        raise ValueError(
            f"{path}: {path.suffix!r} is no ending that is known; give .jsonl, .json or .csv, or hub:NAME"
        )
    if not path.is_file():
        raise FileNotFoundError(f"{path}: there is no such file")
    return read(path)


def open_hub(name: str, split: str | None) -> Rows:
    """The rows of ``NAME``, ``NAME:SPLIT`` or ``NAME:CONFIGURATION:SPLIT``, streamed."""
    try:
        from datasets import load_dataset
    except ImportError as error:
        raise ImportError(
            "hub:… needs the package datasets: pip install 'langgraph-lance[evaluate]'"
        ) from error
    dataset, *rest = name.split(":")
    if not dataset or len(rest) > 2 or (rest and split):
        raise ValueError(
            f"hub:{name}: give hub:NAME, hub:NAME:SPLIT or hub:NAME:CONFIGURATION:SPLIT, and the "
            "split only once"
        )
    wanted = rest[-1] if rest else split
    try:
        splits = load_dataset(dataset, rest[0] if len(rest) == 2 else None, streaming=True)
    except (OSError, ValueError) as error:
        raise ValueError(f"hub:{dataset} cannot be opened: {error}") from error
    chosen = wanted or (next(iter(splits)) if len(splits) == 1 else "test")
    if chosen not in splits:
        raise ValueError(
            f"hub:{dataset} has no split {chosen!r}; it has {', '.join(map(str, splits))}"
        )
    rows = enumerate(splits[chosen], 1)
    while True:
        try:
            number, row = next(rows, (0, None))
        except (OSError, ValueError) as error:
            name = type(error).__name__  # its text may quote a row
            raise ValueError(f"hub:{dataset}, {chosen}: cannot be read: {name}") from None
        if row is None:
            return
        yield f"hub:{dataset}, {chosen}, row {number}", row


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    with path.open("rb") as file:
        for number, raw in enumerate(file, 1):
            try:
                line = (raw.removeprefix(codecs.BOM_UTF8) if number == 1 else raw).decode("utf-8")
            except UnicodeDecodeError:
                raise ValueError(
                    f"{path.name}, line {number}: not UTF-8 text; save the file as UTF-8"
                ) from None
            yield number, line


def _json_lines(path: Path) -> Rows:
    for number, line in _lines(path):
        if line.strip():
            place = f"{path.name}, line {number}"
            yield place, _object(_parsed(line, place), place)


def _json(path: Path) -> Rows:
    values = _parsed("".join(line for _, line in _lines(path)), path.name)
    if not isinstance(values, list):
        raise ValueError(f"{path.name}: not a list of objects; JSON Lines needs the ending .jsonl")
    for number, value in enumerate(values, 1):
        place = f"{path.name}, item {number}"
        yield place, _object(value, place)


def _parsed(text: str, place: Place) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise ValueError(f"{place}: not JSON: {error.msg} ({where})") from None
    except (ValueError, RecursionError):
        raise ValueError(f"{place}: a number or a nesting is too large for JSON") from None


def _object(value: Any, place: Place) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{place}: not an object with the field 'prompt'")
    return value


def _csv(path: Path) -> Rows:
    reader = csv.DictReader((line for _, line in _lines(path)), strict=True)
    while True:
        try:
            row = next(reader, None)
        except csv.Error as error:
            raise ValueError(
                f"{path.name}, line {reader.reader.line_num}: not CSV: {error}"
            ) from None
        if row is None:
            return
        place = f"{path.name}, line {reader.line_num}"
        if None in row:
            raise ValueError(f"{place}: more values than columns; quote values that have commas")
        yield place, {name.strip(): value for name, value in row.items() if value is not None}
