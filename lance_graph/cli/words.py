"""A word diff of two texts."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from enum import Enum

_WORD = re.compile(r"(\s*)(\w+(?:['’-]\w+)*|[^\w\s])")
LONG = 500
Word = tuple[str, str]


class Change(Enum):
    """What happened to a run of words."""

    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"


def diff_words(before: str, after: str) -> Iterator[tuple[Change, str]]:
    """Runs of words that stayed, went or came, in reading order.

    The runs that stayed and came, put together, are ``after`` but for space around the changes.
    """
    old, new = _WORD.findall(before), _WORD.findall(after)
    start, end = _shared(old, new)
    if start:
        yield Change.SAME, _joined(new[:start])
    yield from _diff(old[start : len(old) - end], new[start : len(new) - end])
    if end:
        yield Change.SAME, _joined(new[len(new) - end :])


def _diff(old: list[Word], new: list[Word]) -> Iterator[tuple[Change, str]]:
    a, b = [word for _, word in old], [word for _, word in new]
    # without the shortcut for frequent words a text of thousands of words would take minutes
    matcher = SequenceMatcher(None, a, b, autojunk=max(len(a), len(b)) > LONG)
    for tag, i, j, k, m in matcher.get_opcodes():
        if tag == "equal":
            yield Change.SAME, _joined(new[k:m])
            continue
        for change, words in ((Change.REMOVED, old[i:j]), (Change.ADDED, new[k:m])):
            if words:
                space = words[0][0]
                if space:
                    yield Change.SAME, space
                yield change, _joined(words).removeprefix(space)


def _shared(old: list[Word], new: list[Word]) -> tuple[int, int]:
    """How many words both begin with, and how many of the others both end with."""
    shorter = min(len(old), len(new))
    start = end = 0
    while start < shorter and old[start][1] == new[start][1]:
        start += 1
    while end < shorter - start and old[-1 - end][1] == new[-1 - end][1]:
        end += 1
    return start, end


def _joined(words: list[Word]) -> str:
    return "".join(space + word for space, word in words)
