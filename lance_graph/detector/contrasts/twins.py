"""Twins written by hand, line by line, as tab-separated files.

``written/*.tsv`` holds prompts: safe text, unsafe text, category. ``written_pairs/*.tsv`` holds
prompts with answers: prompt, safe answer, unsafe answer, category. A text may be missing; a category
stands where, and only where, an unsafe text does.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from importlib.resources import files
from zlib import crc32

from ._engine import CATEGORIES, keys
from ._register import restyle

_ONE_IN = 10
_COLUMNS = {
    "written": ("safe text", "unsafe text", "category"),
    "written_pairs": ("prompt", "safe answer", "unsafe answer", "category"),
}


def written_rows(seed: int = 0, *, held_out: bool = False) -> list[dict[str, object]]:
    """Every written prompt as a row (see `generate_contrasts`), some in another register by ``seed``.

    One line in ten, by a checksum of the line, is held out from training: twins stay together,
    and share their ``twin``.
    """
    rng = random.Random(f"{seed}:written")
    return [
        _row(restyle(text, rng), None, categories, twin)
        for twin, (safe, unsafe, category) in _lines("written", held_out)
        for text, categories in ((safe, ""), (unsafe, category))
        if text
    ]


def written_pairs(*, held_out: bool = False) -> list[dict[str, object]]:
    """Every written answer as a row with its prompt; split as `written_rows` splits."""
    return [
        _row(prompt, answer, categories, twin)
        for twin, (prompt, safe, unsafe, category) in _lines("written_pairs", held_out)
        for answer, categories in ((safe, ""), (unsafe, category))
        if answer
    ]


def _row(prompt: str, response: str | None, category: str, twin: str) -> dict[str, object]:
    return {
        "prompt": prompt,
        "response": response,
        "is_safe": not category,
        "categories": list(keys(category)),
        "source": f"written:{twin.partition(':')[0]}",
        "twin": twin,
    }


def _lines(folder: str, held_out: bool) -> Iterator[tuple[str, list[str]]]:
    """(twin, cells) of one side of the split; ValueError names a line that breaks the format."""
    columns = _COLUMNS[folder]
    for file in sorted(files(__package__).joinpath(folder).iterdir(), key=lambda f: f.name):
        name, _, ending = file.name.partition(".")
        if ending != "tsv":
            continue
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            cells = [cell.strip() for cell in line.split("\t")]
            _check(cells, columns, f"{file.name}:{number}")
            if (crc32("".join(cells[:-1]).encode()) % _ONE_IN == 0) is held_out:
                yield f"{name}:{number}", cells


def _check(cells: list[str], columns: tuple[str, ...], where: str) -> None:
    if (
        len(cells) != len(columns)
        or bool(cells[-2]) != bool(cells[-1])
        or not any(cells[-3:-1])
        or not all(cells[:-3])
    ):
        raise ValueError(f"{where} is not '{' TAB '.join(columns)}'")
    unknown = {*cells[-1].split("+")} - {*CATEGORIES, ""}
    if unknown:
        raise ValueError(
            f"{where} has the unknown category {min(unknown)!r}; known are {', '.join(CATEGORIES)}"
        )
