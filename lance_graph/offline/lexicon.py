"""The word lists of the offline refiner, read once from ``lexicon.toml``."""

import re
import tomllib
from functools import cache
from importlib.resources import files


@cache
def _data() -> dict[str, object]:
    text = files(__package__).joinpath("lexicon.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def words(name: str) -> frozenset[str]:
    """The word list ``name`` as a set of lower-case words."""
    return frozenset(str(_data()[name]).split())


@cache
def word_pattern(name: str) -> re.Pattern[str]:
    """One pattern that finds any word of the list ``name`` as a whole word."""
    alternatives = "|".join(sorted(map(re.escape, words(name)), key=len, reverse=True))
    return re.compile(rf"\b(?:{alternatives})\b", re.IGNORECASE)


@cache
def table(name: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """The table ``name``: what to say, and the pattern that calls for it, in file order."""
    rows = _data()[name]
    assert isinstance(rows, dict)
    whole = name in {"groups", "countries"}
    return tuple(
        (label, re.compile(rf"\b(?:{p})(?!\w)" if whole else rf"\b(?:{p})", re.IGNORECASE))
        for label, p in rows.items()
    )


@cache
def rewrites() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Wordings that mean the same: what to write instead, and the pattern of whole words."""
    rows = _data()["rewrites"]
    assert isinstance(rows, dict)
    return tuple((new, re.compile(rf"\b(?:{old})\b", re.IGNORECASE)) for new, old in rows.items())


def find_topic(text: str) -> str | None:
    """The clean name of the first listed topic that ``text`` touches, None if there is none."""
    return find_in("topics", text)


def slug_of_topic(topic: str) -> str | None:
    """The category that a listed topic belongs to; None if it serves any."""
    rows = _data()["topic_slugs"]
    assert isinstance(rows, dict)
    return next((slug for slug, topics in rows.items() if topic in topics), None)


def find_in(name: str, text: str) -> str | None:
    """The first label of the table ``name`` whose pattern ``text`` holds."""
    return next((label for label, pattern in table(name) if pattern.search(text)), None)


def find_group(text: str) -> tuple[str, re.Match[str]] | None:
    """The group of people that ``text`` names first: its respectful name, and where it stands."""
    best: tuple[str, re.Match[str]] | None = None
    for label, pattern in table("groups"):
        match = pattern.search(text)
        if match and (best is None or match.start() < best[1].start()):
            best = (label, match)
    return best


def has(name: str, text: str) -> bool:
    """Whether ``text`` holds a word of the list ``name``."""
    return word_pattern(name).search(text) is not None
