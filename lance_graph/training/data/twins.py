"""Twins written by hand, line by line, as tab-separated files in a folder outside the package.

``written/*.tsv`` holds prompts: safe text, unsafe text, category. ``written_pairs/*.tsv`` holds
prompts with answers: prompt, safe answer, unsafe answer, category. A text may be missing; a category
stands where, and only where, an unsafe text does. The files describe harm, so no wheel holds them: the
repository has them in ``contrasts``, and `folder_of` finds that folder or the one that a recipe names.
"""

import random
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from zlib import crc32

from lance_graph.training.data.register import restyle

NAME = "twins"
"""As a recipe's data: the twins and answers written for this project, and no other rows."""
PREFIX = f"{NAME}:"
"""Before a folder of such twins."""
OF_THE_REPOSITORY = Path(__file__).parents[3] / "contrasts"
"""Where they lie if the package runs from a checkout."""

CATEGORIES: Mapping[str, str] = {
    "animal": "animal_abuse",
    "child": "child_abuse",
    "politics": "controversial_topics,politics",
    "discrimination": "discrimination,stereotype,injustice",
    "drugs": "drug_abuse,weapons,banned_substance",
    "property": "financial_crime,property_crime,theft",
    "hate": "hate_speech,offensive_language",
    "misinfo": "misinformation_regarding_ethics,laws_and_safety",
    "unethical": "non_violent_unethical_behavior",
    "privacy": "privacy_violation",
    "self": "self_harm",
    "sexual": "sexually_explicit,adult_content",
    "terror": "terrorism,organized_crime",
    "violence": "violence,aiding_and_abetting,incitement",
}
"""Short names used in the lists, and the category keys they stand for."""

_ONE_IN = 10
_COLUMNS = {
    "written": ("safe text", "unsafe text", "category"),
    "written_pairs": ("prompt", "safe answer", "unsafe answer", "category"),
}


def is_twins(data: str) -> bool:
    """Whether a recipe's ``data`` means twins: ``twins``, or ``twins:FOLDER``."""
    return data == NAME or data.startswith(PREFIX)


def folder_of(named: str | Path | None = None) -> Path:
    """The folder of twins that is ``named``, or else the repository's.

    FileNotFoundError says where to get it, or what the folder lacks.
    """
    folder = Path(named) if named else OF_THE_REPOSITORY
    if any((folder / kind).is_dir() for kind in _COLUMNS):
        return folder
    if named:
        kinds = " or ".join(f"{kind}/" for kind in _COLUMNS)
        raise FileNotFoundError(
            f"there are no twins in '{folder}': it has no {kinds} with .tsv files"
        )
    raise FileNotFoundError(
        "the installed package has no written twins and no grammars, for they describe harm: take the "
        "folder 'contrasts' of the repository or of the source distribution and name it, with --data "
        "twins:FOLDER or with twins: FOLDER in the recipe; a mix does without them with "
        "{contrasts: 0, written: 0, written_again: 0, written_pairs: 0, written_pairs_again: 0}"
    )


def written_rows(
    seed: int = 0, *, held_out: bool = False, folder: str | Path | None = None
) -> list[dict[str, object]]:
    """Every written prompt as a row, some in another register by ``seed``.

    A row has ``prompt``, ``response``, ``is_safe``, ``categories`` (empty when safe), ``source`` and
    ``twin``. One line in ten, by a checksum of the line, is held out from training: twins stay
    together, and share their ``twin``. ``folder`` as in `folder_of`.
    """
    rng = random.Random(f"{seed}:written")
    return [
        _row(restyle(text, rng), None, categories, twin)
        for twin, (safe, unsafe, category) in lines("written", held_out, folder)
        for text, categories in ((safe, ""), (unsafe, category))
        if text
    ]


def written_pairs(
    *, held_out: bool = False, folder: str | Path | None = None
) -> list[dict[str, object]]:
    """Every written answer as a row with its prompt; split as `written_rows` splits."""
    return [
        _row(prompt, answer, categories, twin)
        for twin, (prompt, safe, unsafe, category) in lines("written_pairs", held_out, folder)
        for answer, categories in ((safe, ""), (unsafe, category))
        if answer
    ]


def lines(
    kind: str, held_out: bool, folder: str | Path | None = None
) -> Iterator[tuple[str, list[str]]]:
    """(twin, cells) of one side of the split; ValueError names a line that breaks the format."""
    columns = _COLUMNS[kind]
    for file in sorted((folder_of(folder) / kind).glob("*.tsv")):
        for number, cells in rows_of(file):
            _check(cells, columns, f"{file.name}:{number}")
            if (crc32("".join(cells[:-1]).encode()) % _ONE_IN == 0) is held_out:
                yield f"{file.stem}:{number}", cells


def rows_of(file: Path) -> Iterator[tuple[int, list[str]]]:
    r"""(line number, cells) of every line of a tab-separated file; ``\n`` in a cell is a line break."""
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        yield number, [cell.strip().replace(r"\n", "\n") for cell in line.split("\t")]


def check_short(names: Iterable[str], where: str) -> None:
    """ValueError names a short name that no category has."""
    if unknown := {*names} - {*CATEGORIES}:
        raise ValueError(
            f"{where} has the unknown category {min(unknown)!r}; known are {', '.join(CATEGORIES)}"
        )


def keys(short: str) -> tuple[str, ...]:
    """Category keys for short names joined by ``+``."""
    return tuple(CATEGORIES[name] for name in short.split("+") if name)


def _row(prompt: str, response: str | None, category: str, twin: str) -> dict[str, object]:
    return {
        "prompt": prompt,
        "response": response,
        "is_safe": not category,
        "categories": list(keys(category)),
        "source": f"written:{twin.partition(':')[0]}",
        "twin": twin,
    }


def _check(cells: list[str], columns: tuple[str, ...], where: str) -> None:
    if (
        len(cells) != len(columns)
        or bool(cells[-2]) != bool(cells[-1])
        or not any(cells[-3:-1])
        or not all(cells[:-3])
    ):
        raise ValueError(f"{where} is not '{' TAB '.join(columns)}'")
    check_short({*cells[-1].split("+")} - {""}, where)
