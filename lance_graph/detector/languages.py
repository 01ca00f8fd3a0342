"""Whether a text is in a language that a checkpoint's encoder was not trained to read.

By script where the encoder reads Latin letters only, otherwise by the naive Bayes model of
``py3langid``; how both were measured stands in docs/decisions/0013-other-languages.md.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from math import inf
from typing import Any
from unicodedata import normalize

from lance_graph.runtime.forking import ForkSafeLock

APART = 8.0
"""Nats by which another language has to be likelier than those that are read, for a whole text."""
FAR_APART = 25.0
"""The same where chance has more room: for a passage, of which a long text has many, for three words,
which may be a name, and where a fifth of the words are English ones that hold a sentence together."""
PASSAGE_WORDS = 5
WINDOW = 16
"""Words of a passage at most: a longer sentence is looked at in pieces."""
FOREIGN_LETTERS = 20
"""Letters of another script in a row, without a Latin word between them, that make a passage.

A Chinese, Japanese or Korean character counts for three.
"""
ENGLISH = frozenset(
    {"and", "are", "can", "does", "don't", "go", "i'd", "i'll", "i'm", "i've", "it's", "like", "my"}
    | {"please", "that", "the", "this", "what", "with", "you"}
)
LIKE_ENGLISH = frozenset({"pcm", "zxx"})
"""Labels of the model that English slang and code get: Nigerian Pidgin, and no language at all."""
_OTHER_SCRIPTS = (
    "am ar arz ary as ba be bg bn bo dz el fa gom grc gu hbo he hi hy ja ka kk km kn ko ky lo mk ml "
    "mn mr my ne or pa ps ru sa sdh si sr ta te tg th tt ug uk ur wuu yi yue zh"
)
_NO_PROSE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`|https?://\S+|www\.\S+|[@#]\w+", re.DOTALL)
_WORD = re.compile(r"[^\W\d_](?:[^\W\d_]|['’])*")
_SENTENCE = re.compile(r"[.!?;:\n\r()\[\]{}\"“”]+")
_loading = ForkSafeLock()


def unread(text: str, languages: Sequence[str]) -> bool:
    """Whether ``text``, or a passage of several words in it, is in none of ``languages`` (ISO 639-1).

    Code, addresses and names say nothing; a foreign word or two in a sentence do not count.
    """
    prose = _NO_PROSE.sub(" \n ", normalize("NFKC", text))
    if not set(_OTHER_SCRIPTS.split()).intersection(languages) and _in_another_script(prose):
        return True
    words = _WORD.findall(prose)
    if _apart(words, languages) > _needed(words, languages):
        return True
    return any(_apart(words, languages) > FAR_APART for words in _passages(prose))


def _needed(words: Sequence[str], languages: Sequence[str]) -> float:
    """What `_apart` has to exceed for a whole text of these words."""
    latin = [word.lower().replace("’", "'") for word in words if is_latin(word[0])]
    if len(latin) == len(words) and len(words) < 3:
        return inf
    english = "en" in languages and 5 * sum(word in ENGLISH for word in latin) >= len(words)
    return FAR_APART if (len(words) == 3 and latin) or english else APART


def _in_another_script(prose: str) -> bool:
    """Most letters, or a passage of them, are not Latin. A word of mixed scripts counts as Latin."""
    latin = foreign = row = 0
    for word in _WORD.findall(prose):
        if any(map(is_latin, word)):
            latin, row = latin + len(word), 0
        elif len(word) > 1 or word >= "\u0900":  # one Greek letter is a symbol, one Chinese a word
            foreign += len(word)
            row += len(word) * (3 if word >= "\u2e80" else 1)
            if row >= FOREIGN_LETTERS:
                return True
    return foreign > latin


def is_latin(letter: str) -> bool:
    """Whether a letter is Latin, or a sign that stands among Latin letters."""
    return letter < "\u0370" or "\u1e00" <= letter <= "\u1eff" or letter in "’"


def _passages(prose: str) -> Iterator[list[str]]:
    """Sentences and lines of several words, long ones in overlapping pieces."""
    for sentence in _SENTENCE.split(prose):
        words = [word for word in _WORD.findall(sentence) if len(word) > 1]
        for start in range(0, max(1, len(words) - WINDOW // 2), WINDOW // 2):
            piece = words[start : start + WINDOW]
            if len(piece) >= PASSAGE_WORDS:
                yield piece


def _apart(words: Sequence[str], languages: Sequence[str]) -> float:
    """Nats by which the likeliest other language is ahead of those that are read."""
    if not set(_OTHER_SCRIPTS.split()).intersection(languages):
        words = [
            word for word in words if any(map(is_latin, word))
        ]  # the script spoke for the rest
    if not words:
        return -inf
    read = {*languages, *LIKE_ENGLISH} if "en" in languages else {*languages}
    with _loading:
        model = _model()
    ranked = model.rank(" ".join(words).lower())
    known = max((score for label, score in ranked if label in read), default=-inf)
    other = max(score for label, score in ranked if label not in read)
    return float(other - known)


@lru_cache(maxsize=1)
def _model() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE)
