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
    whole = "(?!\\w)" if name in {"groups", "countries"} else ""
    being = beings().pattern
    patterns = ((label, str(p).replace("{being}", being)) for label, p in rows.items())
    return tuple((label, re.compile(rf"\b(?:{p}){whole}", re.I)) for label, p in patterns)


@cache
def beings() -> re.Pattern[str]:
    """One pattern that finds any listed person or animal, one or many, as whole words."""
    animals = "|".join(sorted(words("animals"), key=len, reverse=True))
    return re.compile(rf"(?:{word_pattern('beings').pattern}|\b(?:{animals})(?:e?s)?\b)", re.I)


@cache
def _innocent() -> re.Pattern[str]:
    phrases = _data()["innocent"]
    assert isinstance(phrases, list)
    return re.compile("|".join(rf"\b(?:{phrase})" for phrase in phrases), re.IGNORECASE)


def without_innocent(text: str) -> str:
    """``text`` as it is searched for harm: set phrases that mean none are "doing so"."""
    return _innocent().sub("doing so", text)


@cache
def rewrites() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Wordings that mean the same: what to write instead, and the pattern of whole words."""
    rows = _data()["rewrites"]
    assert isinstance(rows, dict)
    return tuple((new, re.compile(rf"\b(?:{old})\b", re.IGNORECASE)) for new, old in rows.items())


def find_topic(text: str) -> str | None:
    """The clean name of the first listed topic that ``text`` touches, None if there is none.

    A mere subject (`is_subject`) is named only where ``text`` touches no other topic.
    """
    subject = None
    for label, pattern in table("topics"):
        if pattern.search(text):
            if not is_subject(label):
                return label
            subject = subject or label
    return subject


def is_subject(topic: str) -> bool:
    """Whether everyday questions touch a topic too, so that it is no finding of harm."""
    listed = _data()["subjects"]
    assert isinstance(listed, list)
    return topic in listed


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
