"""A small template grammar: slots, inline alternatives and seeded draws without repeats.

A template is one line of text.  ``{slot}`` or ``{slot.field}`` is filled from a word list and
``[one|two|]`` is a free choice.  A template with many fillings is never enumerated: a filling
is a number in mixed radix, so drawing without repeats is drawing numbers without repeats.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from lance_graph.training.data.twins import keys

Word = Mapping[str, str]
Words = Sequence[Word]

_SLOT = re.compile(r"\{(\w+)(?:\.(\w+))?\}")
_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_ARTICLE = re.compile(
    r"\b([Aa]) (?=[aeiouAEIOU])(?!uni|usa|use|usu|eu|one\b|once|uti|uri|UK|US|UFO|URL|USB)"
)
_SENTENCE = re.compile(r"(?:^|[.?!] )[\"'(]?[a-z]")
_ASKING_TEXT = "how what why where which who is are can could does did should would any"
_ASKING = frozenset(_ASKING_TEXT.split())
_ORDERING_TEXT = (
    "help show write list name give draft explain tell script design prepare make outline"
)
_ORDERING = frozenset(_ORDERING_TEXT.split())
_PER_TEMPLATE = 400


def words(text: str) -> list[Word]:
    """Split a list written with semicolons into words with one field, the empty name."""
    return [{"": " ".join(part.split())} for part in text.split(";") if part.strip()]


def table(fields: str, text: str) -> list[Word]:
    """Read one record a line, its fields separated by ``|`` and named by ``fields``."""
    names = fields.split()
    rows: list[Word] = []
    for line in text.strip().splitlines():
        cells = [" ".join(cell.split()) for cell in line.split("|")]
        if len(cells) != len(names):
            raise ValueError(f"record {line!r} has {len(cells)} fields; write {len(names)}")
        rows.append(dict(zip(names, cells, strict=True)))
    return rows


def tidy(text: str) -> str:
    """Squeeze blanks, repair ``a``/``an`` and start every sentence with a capital."""
    text = " ".join(text.split()).replace(" ,", ",").replace(" .", ".").replace(" ?", "?")
    text = _ARTICLE.sub(lambda m: m.group(1) + "n ", text)
    text = _SENTENCE.sub(lambda m: m.group(0)[:-1] + m.group(0)[-1].upper(), text)
    return _end_mark(text)


def _end_mark(text: str) -> str:
    """End the last sentence as its first word asks, where choices mix questions and orders."""
    last = re.split(r"[.?!:] ", text)[-1]
    first = last.split(" ", 1)[0].lower()
    if first in _ASKING and text.endswith("."):
        return text[:-1] + "?"
    if first in _ORDERING and text.endswith("?"):
        return text[:-1] + "."
    return text


@dataclass(frozen=True)
class Template:
    """One template with its label, its category keys and the word lists of its slots."""

    text: str
    is_safe: bool
    categories: tuple[str, ...]
    slots: Mapping[str, Words] = field(default_factory=dict)
    weight: float = 1.0

    def _radices(self) -> tuple[list[list[str]], list[str]]:
        choices = [m.group(1).split("|") for m in _CHOICE.finditer(self.text)]
        names = list(dict.fromkeys(m.group(1) for m in _SLOT.finditer(self.text)))
        return choices, names

    def size(self) -> int:
        """Return the number of fillings."""
        choices, names = self._radices()
        total = 1
        for choice in choices:
            total *= len(choice)
        for name in names:
            total *= len(self.slots[name])
        return total

    def fill(self, index: int) -> tuple[str, tuple[str, ...]]:
        """Return text and category keys of filling ``index``."""
        choices, names = self._radices()
        picked: list[str] = []
        for choice in choices:
            index, digit = divmod(index, len(choice))
            picked.append(choice[digit])
        bound: dict[str, Word] = {}
        for name in names:
            index, digit = divmod(index, len(self.slots[name]))
            bound[name] = self.slots[name][digit]
        order = iter(picked)
        text = _CHOICE.sub(lambda _m: next(order), self.text)
        text = _SLOT.sub(lambda m: bound[m.group(1)][m.group(2) or ""], text)
        categories = self.categories
        if not self.is_safe and not categories:
            short = next(word["cat"] for word in bound.values() if "cat" in word)
            categories = keys(short)
        return tidy(text), categories


def _templates(text: str, is_safe: bool, cats: str, slots: Mapping[str, Words]) -> list[Template]:
    lines = [" ".join(line.split()) for line in text.splitlines() if line.strip()]
    return [Template(line, is_safe, keys(cats), slots) for line in lines]


def safe(text: str, **slots: Words) -> list[Template]:
    """Templates of safe rows, one a line."""
    return _templates(text, True, "", slots)


def unsafe(cats: str, text: str, **slots: Words) -> list[Template]:
    """Templates of unsafe rows; with empty ``cats`` a slot's ``cat`` field names the keys."""
    return _templates(text, False, cats, slots)


def boost(templates: Sequence[Template], weight: float) -> list[Template]:
    """Return the templates with another weight, so that they are drawn more or less often."""
    return [replace(template, weight=weight) for template in templates]


def draw(
    templates: Sequence[Template], rng: random.Random
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield fillings of ``templates`` in random order, small templates kept from drowning."""
    pending: list[tuple[Template, list[int]]] = []
    for template in templates:
        size = template.size()
        pending.append((template, rng.sample(range(size), min(size, _PER_TEMPLATE))))
    while pending:
        weights = [template.weight * len(indices) ** 0.5 for template, indices in pending]
        at = rng.choices(range(len(pending)), weights)[0]
        template, indices = pending[at]
        yield template.fill(indices.pop())
        if not indices:
            del pending[at]
