"""Words of any script, and where phrases made of them stand: whole words, whatever lies between them."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Generic, NamedTuple, TypeVar

Value = TypeVar("Value")
_UNSPACED = (
    "\u0e01-\u0e4e\u0e81-\u0ece\u1000-\u109f\u1780-\u17d3"  # Thai, Lao, Burmese, Khmer
    "\u3040-\u30fa\u30fc-\u30ff\u3400-\u9fff\uac00-\ud7af\U00020000-\U0003134f"  # kana, Han, Hangul
)
_MARKS = (
    "\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u064b-\u065f\u0670"
    "\u0900-\u0903\u093a-\u0963\u0981-\u0983\u09bc-\u0a03\u0a3c-\u0a83\u0abc-\u0b03\u0b3c-\u0dff"
)
"""Signs that belong to the letter before them, in Latin, Hebrew, Arabic and the scripts of India."""
_WORD = re.compile(rf"[{_UNSPACED}]|(?:[^\W_{_UNSPACED}]|[{_MARKS}])+")


class Word(NamedTuple):
    """A word without regard to case; ``text[start:end]`` in the text that it was found in."""

    word: str
    start: int
    end: int


def words_of(text: str) -> list[Word]:
    """The words of ``text``: of scripts that put no spaces between words, each character is one."""
    return [Word(found[0].casefold(), *found.span()) for found in _WORD.finditer(text)]


class Place(NamedTuple, Generic[Value]):
    """Where a phrase stands, and what it stands for."""

    start: int
    end: int
    value: Value


class Phrases(Generic[Value]):
    """Phrases, and what each of them stands for; ValueError for one without a word.

    They are found in one walk along a text, in time linear in its length for phrases of bounded
    length.
    """

    def __init__(self, phrases: Mapping[str, Value]) -> None:
        self._root: dict[str, _Node[Value]] = {}
        for phrase, value in phrases.items():
            words = [found.word for found in words_of(phrase)]
            if not words:
                raise ValueError(f"{phrase!r} is no phrase: there is no word in it")
            *before, last = words
            branches = self._root
            for word in before:
                branches = branches.setdefault(word, _Node()).after
            branches.setdefault(last, _Node()).values.append(value)

    def places(
        self, text: str, *, joined_by: "re.Pattern[str] | None" = None
    ) -> list[Place[Value]]:
        """Every place of every phrase, from left to right, of one place the longest first.

        What lies between the words of a phrase must match ``joined_by`` as a whole, if it is given.
        """
        words = words_of(text)
        return [
            place
            for start in range(len(words))
            for place in reversed(list(self._from(text, words, start, joined_by)))
        ]

    def _from(
        self, text: str, words: list[Word], start: int, joined_by: "re.Pattern[str] | None"
    ) -> Iterator[Place[Value]]:
        branches = self._root
        for place in range(start, len(words)):
            if place > start and joined_by:
                between = text[words[place - 1].end : words[place].start]
                if not joined_by.fullmatch(between):
                    return
            node = branches.get(words[place].word)
            if node is None:
                return
            for value in node.values:
                yield Place(words[start].start, words[place].end, value)
            branches = node.after


class _Node(Generic[Value]):
    """What stands for the words that lead here, and the words that go on."""

    def __init__(self) -> None:
        self.values: list[Value] = []
        self.after: dict[str, _Node[Value]] = {}


def without(text: str, places: Iterable[Place[Value]], neutral: str) -> str:
    """``text`` with ``neutral`` in each place; of places that overlap the first, then the longest."""
    parts: list[str] = []
    end = 0
    for place in places:
        if place.start >= end:
            parts += [text[end : place.start], neutral]
            end = place.end
    return "".join([*parts, text[end:]])
