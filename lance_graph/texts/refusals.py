"""The words with which a model declines: one maintained phrase list, ``phrases.txt``, in English.

For a refiner's rewrite, a judge's grade and an answer that is evaluated alike. What the list misses
of answers is left to the evaluation's classifier; figures in ``benchmarks/refusals.py``.
"""

import re
from functools import cache
from importlib.resources import files

SENTENCES = 3
"""How many sentences the phrase list looks at."""
_QUOTATION = re.compile(r"\"[^\"]{0,2000}\"|“[^“”]{0,2000}”|«[^«»]{0,2000}»")
_CONTRACTIONS = (
    ("can't", "cannot"), ("can not", "cannot"), ("won't", "will not"), ("n't", " not"),
    ("i'm", "i am"), ("'ll", " will"), ("'ve", " have"), ("'re", " are"), ("i'd", "i would"),
    ("it's", "it is"), ("that's", "that is"), ("gotta", "have to"),
)  # fmt: skip
SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")


def find_phrase(text: str) -> str | None:
    """The words with which ``text`` declines, by the phrase list; None if it does not."""
    opening = " ".join(SENTENCE.split(plain(text))[:SENTENCES])
    for phrase in phrase_list():
        if found := phrase.search(opening):
            return found.group()
    return None


def plain(text: str) -> str:
    """Lower case, without quotations, contractions written out, lines kept."""
    text = _QUOTATION.sub(" quotation ", text.casefold().replace("’", "'").replace("‘", "'"))
    for short, long in _CONTRACTIONS:
        text = text.replace(short, long)
    return re.sub(r"[^\S\n]+", " ", text).strip()


@cache
def phrase_list() -> tuple[re.Pattern[str], ...]:
    """The phrase list."""
    lines = files(__package__).joinpath("phrases.txt").read_text(encoding="utf-8").splitlines()
    return tuple(re.compile(line) for line in lines if line.strip() and not line.startswith("#"))
