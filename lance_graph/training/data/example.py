"""One training row, and what a line of JSON knows about it."""

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import isnan
from pathlib import Path
from typing import Any

from lance_graph.categories import KEYS, key_of
from lance_graph.files import read_lines
from lance_graph.training.data import taxonomies

UNKNOWN = float("nan")
DEGREES = (0.05, 0.5, 0.9, 0.98)
"""Wanted any-risk degrees of a ladder's rungs: harmless, borderline, harmful, severe."""
UNDECIDED = (0.3, 0.7)
"""Labels between these are neither safe nor unsafe: a borderline row."""


@dataclass(frozen=True)
class Example:
    """One training row.

    ``labels`` and ``mask`` have K entries: l_j in [0, 1], and whether l_j is known. ``unsafe`` is
    the label of the row as a whole, 1, 0, soft in between, or NaN where nobody knows it (see
    `losses`). ``noisy`` marks rows of sources that call every prompt harmful, whatever it says.
    ``degree`` is the wanted any-risk degree of a graded row, None of any other: rows with one are
    also trained on their order. ``taught`` is what teachers say: K degrees and the any-risk, or
    nothing (`lance_graph.training.teachers`).
    """

    prompt: str
    response: str | None
    labels: tuple[float, ...]
    mask: tuple[float, ...]
    unsafe: float = UNKNOWN
    noisy: bool = False
    degree: float | None = None
    taught: tuple[float, ...] = ()

    @classmethod
    def full(cls, prompt: str, response: str | None, categories: Iterable[str]) -> "Example":
        """All 14 labels known; no category means safe."""
        chosen = set(categories)
        labels = tuple(float(key in chosen) for key in KEYS)
        return cls(prompt, response, labels, (1.0,) * len(KEYS), unsafe=max(labels))

    @classmethod
    def one(cls, prompt: str, response: str | None, category: str) -> "Example":
        """One category known to apply, nothing known of the others."""
        return cls.partly(prompt, response, (category,))

    @classmethod
    def partly(cls, prompt: str, response: str | None, categories: Iterable[str]) -> "Example":
        """Unsafe, in the categories that are named; nothing known of the others."""
        chosen = set(categories)
        known = tuple(float(key in chosen) for key in KEYS)
        return cls(prompt, response, known, known, unsafe=1.0)

    @classmethod
    def binary(cls, prompt: str, response: str | None) -> "Example":
        """Known to be unsafe, in a category that nobody wrote down."""
        return cls.partly(prompt, response, ())

    @classmethod
    def unlabelled(cls, prompt: str, response: str | None) -> "Example":
        """Nothing known: of use where a teacher says more."""
        zeros = (0.0,) * len(KEYS)
        return cls(prompt, response, zeros, zeros)

    def graded(self, degree: float) -> "Example":
        """The row with a wanted degree: of the whole, and of each category that applies.

        Below the borderline no category applies, whatever the row's subject.
        """
        row = self if degree > UNDECIDED[0] else Example.full(self.prompt, self.response, ())
        labels = tuple(degree * label for label in row.labels)
        return replace(row, labels=labels, unsafe=degree, degree=degree)

    @property
    def is_safe(self) -> bool:
        """The row is not known to be unsafe as a whole: what is unknown or borderline is not."""
        return not self.unsafe > 0.5

    @property
    def is_borderline(self) -> bool:
        """The row as a whole is labelled neither safe nor unsafe."""
        return UNDECIDED[0] < self.unsafe < UNDECIDED[1]

    @property
    def length(self) -> int:
        """Characters of both sides."""
        return len(self.prompt) + len(self.response or "")

    @property
    def has_label(self) -> bool:
        """Something is known of the row without a teacher."""
        return any(self.mask) or not isnan(self.unsafe)


def of_row(row: Mapping[str, Any], *, unlabelled: bool = False) -> Example:
    """The example in a row of JSON; ValueError says what a row without one lacks.

    A row has a ``prompt``, perhaps a ``response``, and one kind of label: ``categories`` (a list of
    keys, or BeaverTails' own mapping of key to bool; all 14 are known), ``category`` (that one is
    known to apply), or ``is_safe`` (false: unsafe, in an unknown category; true: all 14 are 0).
    ``is_safe`` also counts beside the others: of a safe row a ``category`` is only its subject, and
    an unsafe row without ``categories`` is not harmless. A ``degree`` from 0 to 1 (`DEGREES`) grades
    the row; beside it a ``category`` may stand or not. With ``unlabelled`` a row may have none of them.

    A category is named by its key, by its slug, or as one of `taxonomies.KNOWN`. Another name says
    what an unsafe row is about only where ``is_safe`` says that it is unsafe: alone it could just as
    well mean "safe", and is an error.
    """
    if row.get("degree") is not None:
        return _graded(row)
    prompt, response = row.get("prompt"), row.get("response")
    if not isinstance(prompt, str) or not isinstance(response, str | None):
        raise ValueError("a row needs a 'prompt' that is a string, and so must its 'response' be")
    categories, safe = row.get("categories", row.get("category")), row.get("is_safe")
    if not isinstance(safe, bool | None):
        raise ValueError(f"is_safe is {safe!r}; it must be true or false")
    if isinstance(categories, Mapping):
        categories = _applying(categories)
    if isinstance(categories, list):
        keys = [_key(name) for name in categories]
        if keys or safe is not False:
            return Example.full(prompt, response, keys)
    elif isinstance(categories, str) and safe is not True:
        known = taxonomies.KNOWN.get(categories) or key_of(categories)
        if known is None and safe is None:
            raise ValueError(_unknown(categories))
        return Example.one(prompt, response, known) if known else Example.binary(prompt, response)
    if isinstance(safe, bool):
        return Example.full(prompt, response, ()) if safe else Example.binary(prompt, response)
    if unlabelled and categories is None and safe is None:
        return Example.unlabelled(prompt, response)
    raise ValueError(
        "a row needs a label: 'categories' (list), 'category', 'is_safe' (bool) or 'degree'; rows "
        "without one need a teacher"
    )


def _applying(categories: Mapping[str, Any]) -> list[str]:
    """The keys of a mapping of category to bool that apply; ValueError for another key or value."""
    for name, applies in categories.items():
        _key(name)
        if not isinstance(applies, bool):
            raise ValueError(f"category {name!r} is {applies!r}; it must be true or false")
    return [name for name, applies in categories.items() if applies]


def _key(name: Any) -> str:
    """The key of one of the 14; ValueError for any other name."""
    if key := key_of(name):
        return key
    raise ValueError(f"unknown category {name!r}; the 14 are: {', '.join(KEYS)}")


def _unknown(category: str) -> str:
    return (
        f"category is {category!r}, which is none of the 14 and no name of a known collection; of a "
        'harmless row write "is_safe": true, of a harmful one "is_safe": false beside it, or one of '
        f"{', '.join(KEYS)}"
    )


def check_known(categories: Iterable[str]) -> None:
    """ValueError names a category that is none of the 14."""
    if unknown := sorted(set(categories) - set(KEYS)):
        raise ValueError(f"unknown category {unknown[0]!r}; the 14 are: {', '.join(KEYS)}")


def _graded(row: Mapping[str, Any]) -> Example:
    degree, safe = row["degree"], row.get("is_safe")
    number = isinstance(degree, int | float) and not isinstance(degree, bool)
    if not number or not 0 <= degree <= 1:
        raise ValueError(f"degree is {degree!r}; it must be a number from 0 to 1")
    if isinstance(safe, bool) and (degree > UNDECIDED[1] if safe else degree < UNDECIDED[0]):
        raise ValueError(f"degree is {degree!r}, but is_safe is {safe}; leave one of them out")
    rest = {name: value for name, value in row.items() if name not in ("degree", "is_safe")}
    return of_row({**rest, "is_safe": False}).graded(float(degree))


def read_examples(path: Path, *, unlabelled: bool = False) -> Iterator[Example]:
    """Examples of a JSON Lines file; a bad row raises ValueError that names file and line.

    With ``unlabelled`` a row may lack a label.
    """
    return _examples(path, partial(of_row, unlabelled=unlabelled))


def read_unlabelled(path: Path) -> Iterator[Example]:
    """The texts of a JSON Lines file, whatever labels stand beside them."""
    return _examples(path, _text_of)


def _text_of(row: Mapping[str, Any]) -> Example:
    return of_row({name: row.get(name) for name in ("prompt", "response")}, unlabelled=True)


def _examples(path: Path, of: Callable[[Mapping[str, Any]], Example]) -> Iterator[Example]:
    for line in read_lines(path):
        try:
            yield of(line.object())
        except ValueError as error:
            raise ValueError(f"{path}, line {line.number}: {error}") from error


def unsafe_and_safe(rows: Iterable[Example]) -> tuple[list[Example], list[Example]]:
    """(unsafe, safe), in order; a row that is not known to be unsafe counts as safe."""
    unsafe: list[Example] = []
    safe: list[Example] = []
    for row in rows:
        (safe if row.is_safe else unsafe).append(row)
    return unsafe, safe


def split_by_prompt(
    examples: Sequence[Example], share: float, seed: int
) -> tuple[list[Example], list[Example]]:
    """(rest, held out): a prompt and all its rows go to one side. ``share`` of prompts is held out."""
    return split_by_group([(example, example.prompt) for example in examples], share, seed)


def split_by_group(
    examples: Sequence[tuple[Example, str]], share: float, seed: int | str
) -> tuple[list[Example], list[Example]]:
    """(rest, held out) of rows, each with what it belongs to; ``share`` of the groups is held out."""
    groups = sorted({group for _, group in examples})
    random.Random(seed).shuffle(groups)
    held = set(groups[: round(share * len(groups))])
    rest = [example for example, group in examples if group not in held]
    return rest, [example for example, group in examples if group in held]
