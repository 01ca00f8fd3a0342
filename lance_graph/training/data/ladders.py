"""Ladders: one subject on four rungs, from harmless to severe, as tab-separated files.

``ladders/*.tsv`` holds prompts: subject, category, and a text for each of `RUNGS`.
``ladder_pairs/*.tsv`` holds answers: subject, category, prompt, and an answer for each rung. They lie
beside the twins (`lance_graph.training.data.twins.folder_of`), outside the wheel.

A rung is an order, not a label: a borderline text could be either, so it has no ``is_safe``, and its row
is trained by its degree alone, also of its category.
"""

from collections.abc import Iterator
from pathlib import Path
from zlib import crc32

from lance_graph.training.data.example import DEGREES, Example, of_row
from lance_graph.training.data.twins import CATEGORIES, check_short, folder_of, rows_of

RUNGS = ("harmless", "borderline", "harmful", "severe")
"""The rungs; `example.DEGREES` are the degrees wanted of them."""

Row = dict[str, object]

_ONE_IN = 4
_COLUMNS = {
    "ladders": ("subject", "category", *RUNGS),
    "ladder_pairs": ("subject", "category", "prompt", *RUNGS),
}


def ladders(*, held_out: bool = False, folder: str | Path | None = None) -> list[Example]:
    """The graded example of every text; split as `ladder_rows` splits."""
    return [of_row(row) for row in ladder_rows(held_out=held_out, folder=folder)]


def ladder_rows(*, held_out: bool = False, folder: str | Path | None = None) -> list[Row]:
    """Every rung of every ladder as a row, the rungs of a ladder one after the other.

    A row has ``prompt``, ``response`` (None, or the answer that stands on the rung), ``category``,
    ``rung``, ``degree`` (of `DEGREES`), ``ladder`` (one name for its four rungs) and ``source``;
    ``is_safe`` stands everywhere but on the borderline rung. One subject in four, by a checksum of the
    subject, is held out with all its ladders. ``folder`` as in
    `lance_graph.training.data.twins.folder_of`; one without ladders gives no rows.
    """
    return [
        _row(kind, file, cells, rung)
        for kind in _COLUMNS
        for file, cells in _lines(kind, held_out, folder)
        for rung in range(len(RUNGS))
    ]


def _lines(kind: str, held_out: bool, folder: str | Path | None) -> Iterator[tuple[str, list[str]]]:
    """(file, cells) of one side of the split; ValueError names a line that breaks the format."""
    subjects: dict[str, str] = {}
    for file in sorted((folder_of(folder) / kind).glob("*.tsv")):
        for number, cells in rows_of(file):
            where = f"{file.name}:{number}"
            _check(cells, _COLUMNS[kind], where)
            if cells[0] in subjects:
                raise ValueError(
                    f"{where} has the subject {cells[0]!r} of {subjects[cells[0]]}; give it another"
                )
            subjects[cells[0]] = where
            if (crc32(cells[0].encode()) % _ONE_IN == 0) is held_out:
                yield file.stem, cells


def _check(cells: list[str], columns: tuple[str, ...], where: str) -> None:
    if len(cells) != len(columns) or not all(cells):
        raise ValueError(f"{where} is not '{' TAB '.join(columns)}'")
    check_short([cells[1]], where)


def _row(kind: str, file: str, cells: list[str], rung: int) -> Row:
    text = cells[rung - len(RUNGS)]
    prompt, response = (text, None) if kind == "ladders" else (cells[2], text)
    row: Row = {
        "prompt": prompt,
        "response": response,
        "category": CATEGORIES[cells[1]],
        "rung": rung,
        "degree": DEGREES[rung],
        "ladder": f"{kind}:{cells[0]}",
        "source": f"{kind}:{file}",
    }
    return row if RUNGS[rung] == "borderline" else {**row, "is_safe": rung == 0}
