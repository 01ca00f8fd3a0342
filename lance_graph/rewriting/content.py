"""What two texts share, by the words that carry meaning."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

_WORD = re.compile(r"\w+")
_UNSPACED = "\u0e00"
"""From here on most scripts put no spaces between words: each letter counts as one."""
_FUNCTION = re.compile(
    "(?:a|about|after|all|also|am|an|and|any|are|as|at|be|been|before|being|but|by|can|"
    "could|did|do|does|doing|each|for|from|get|gets|give|had|has|have|having|he|her|here|"
    "hers|him|his|how|i|if|in|into|is|it|its|just|let|like|many|may|me|might|more|most|"
    "much|must|my|no|nor|not|of|off|on|once|one|only|or|other|our|out|over|own|please|"
    "shall|she|should|so|some|such|tell|than|that|the|their|them|then|there|these|they|"
    "this|those|to|too|up|us|very|was|way|ways|we|were|what|when|where|whether|which|"
    "while|who|whom|whose|why|will|with|without|would|yes|you|your)"
)
FEW = 0.1
"""The share of a text's words below which a change is next to none."""
STEM = 4
"""How many letters of a word make it the same in another inflection."""


def content_words(text: str) -> list[str]:
    """The words of ``text`` in order, folded, without marks, English function words left out.

    A text of function words alone keeps them.
    """
    folded = unicodedata.normalize("NFKD", text.replace("’", "'").casefold())
    bare = "".join(char for char in folded if not unicodedata.category(char).startswith("M"))
    found: list[str] = []
    for word in _WORD.findall(re.sub(r"'(?:s|t|re|ve|ll|d|m)\b", "", bare)):
        found += word if word >= _UNSPACED else [word]
    return [word for word in found if not _FUNCTION.fullmatch(word)] or found


def changes(text: str, original: str) -> tuple[Counter[str], Counter[str], int]:
    """The content words of ``original`` that are gone, those that are new, and how many it had.

    The larger of the two sums bounds the edit distance from below, whatever the order, in linear time.
    """
    before, after = content_words(original), content_words(text)
    was, is_now = Counter(before), Counter(after)
    return was - is_now, is_now - was, len(before)


def keeps(text: str, original: str, driving: Iterable[str]) -> bool:
    """Whether ``text`` still holds all of ``original``, but for a few words that did not drive the risk."""
    gone, _, length = changes(text, original)
    if gone.total() > FEW * length:
        return False
    return not gone or not _touched(gone, driving)


def is_near_echo(text: str, original: str, driving: Iterable[str]) -> bool:
    """Whether ``text`` is ``original`` but for a few words that did not drive the risk."""
    _, new, length = changes(text, original)
    return new.total() <= FEW * length and keeps(text, original, driving)


def share_kept(text: str, original: str) -> float:
    """How much of ``text`` is made of content words of ``original``, from 0 to 1."""
    words = content_words(text)
    known = set(content_words(original))
    return sum(word in known for word in words) / max(1, len(words))


def shares_subject(text: str, original: str) -> bool:
    """Whether ``text`` has a content word of ``original``, in any inflection; that may have two or none.

    Function words are no subject.
    """
    words = [word for word in content_words(original) if not _FUNCTION.fullmatch(word)]
    stems = {_stem(word) for word in words}
    return len(words) < 3 or any(_stem(word) in stems for word in content_words(text))


def _stem(word: str) -> str:
    """The letters that a word has in most inflections: those of "baby" and of "babies" are the same."""
    return word[:STEM].replace("y", "i")


def _touched(gone: Counter[str], driving: Iterable[str]) -> bool:
    """Whether a word is gone that drove the risk; where none is known, any may have."""
    words = {word for phrase in driving for word in content_words(phrase)}
    return not words or not words.isdisjoint(gone)
