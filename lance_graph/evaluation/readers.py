"""Rows of data files and of the hub with their places; no error quotes a row's text."""

import codecs
import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from lance_graph.files import parsed, read_lines
from lance_graph.hub import HubSource

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


def open_hub(source: str, split: str | None) -> Rows:
    """The rows of a data set on the hub, streamed; ``split`` where the source names none."""
    hub = HubSource.parse(source, split)
    chosen, stream = hub.open(_only_or_test, "evaluate")
    rows = enumerate(stream, 1)
    while True:
        try:
            number, row = next(rows, (0, None))
        except (OSError, ValueError) as error:
            name = type(error).__name__  # its text may quote a row
            raise ValueError(f"hub:{hub.name}, {chosen}: cannot be read: {name}") from None
        if row is None:
            return
        yield f"hub:{hub.name}, {chosen}, row {number}", row


def _only_or_test(splits: Sequence[str]) -> str:
    return splits[0] if len(splits) == 1 else "test"


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
    for line in read_lines(path):
        place = f"{path.name}, line {line.number}"
        if line.error:
            raise ValueError(f"{place}: {line.error}")
        yield place, _object(line.value, place)


def _json(path: Path) -> Rows:
    try:
        values = parsed(path.read_bytes().removeprefix(codecs.BOM_UTF8))
    except ValueError as error:
        raise ValueError(f"{path.name}: {error}") from None
    if not isinstance(values, list):
        raise ValueError(f"{path.name}: not a list of objects; JSON Lines needs the ending .jsonl")
    for number, value in enumerate(values, 1):
        place = f"{path.name}, item {number}"
        yield place, _object(value, place)


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
