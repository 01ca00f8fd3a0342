"""Why a rewrite is none, by its words beside those of the original."""

import re
import unicodedata
from collections.abc import Callable, Iterable

from lance_graph.rewriting.clauses import cores
from lance_graph.rewriting.content import is_near_echo, keeps, share_kept, shares_subject
from lance_graph.texts.refusals import find_phrase

TOO_LONG = 10
SHORTEST_LIMIT = 400
NO_MESSAGE = "no message"
_WORD = re.compile(r"[^\W\d_]+")
_NO_WORD = re.compile(r"\W+")
_MARKUP = re.compile(
    r"</?(?:user_text|refined_prompt)>|<\||\[/?(?:system|user|assistant|INST)\]", re.IGNORECASE
)
LETTERS = 0.6
"""The share of letters and blanks below which a text is garbage, unless the original was like that."""


def find_problem(
    text: str, original: str, *, formed: bool = False, driving: Iterable[str] = ()
) -> str | None:
    """Why a rewrite is no rewrite, in a word; None if nothing speaks against it.

    ``empty``, ``echo``, ``near-echo`` (the same but for words that did not drive the risk), ``half``
    (the original and something beside it), ``off topic`` (not one word in common), ``too long``,
    ``refusal`` or ``garbage``. What the original has itself, marks and refusing words among them, speaks
    against no rewrite; ``formed`` says that the text came in the form that was asked for, as refusals
    seldom do.
    """
    words = tuple(driving)
    checks: tuple[tuple[str, Callable[[], bool]], ...] = (
        ("empty", lambda: not text),
        ("echo", lambda: _key(text) == _key(original)),
        ("too long", lambda: len(text) > max(SHORTEST_LIMIT, TOO_LONG * len(original))),
        ("refusal", lambda: _is_refusal(text, original, formed)),
        ("garbage", lambda: _is_garbage(text, original)),
        ("off topic", lambda: not shares_subject(text, original)),
        ("near-echo", lambda: is_near_echo(text, original, words)),
        ("half", lambda: _is_half(text, original, words)),
    )
    return next((problem for problem, found in checks if found()), None)


def _is_half(text: str, original: str, driving: tuple[str, ...]) -> bool:
    """The original by itself, or a clause that says the same, in company.

    Within a sentence that asks something else of it ("What do experts say about …") it is another request.
    """
    if not driving or not keeps(text, original, driving):
        return False
    plain, part = (" ".join(t.casefold().split()).rstrip(".?! ") for t in (text, original))
    before, stands, _ = plain.partition(part) if part else ("", "", "")
    alone = bool(stands) and not before.rstrip()[-1:].isalnum()
    return alone or any(is_near_echo(core, original, driving) for core in cores(text))


def _is_refusal(text: str, original: str, formed: bool) -> bool:
    """The words of a refusal in a text that asks nothing and is not the user's own."""
    # a text that goes on to ask something is a request, not a refusal
    if "?" in text or not find_phrase(text) or find_phrase(original):
        return False
    return not formed or share_kept(text, original) <= 0.5


def _is_garbage(text: str, original: str) -> bool:
    """A single word, mostly symbols, one word over and over, or markup, where the original is not so."""
    words, had = _words(text), _words(original)
    if not words or (text.isascii() and len(words) < 2 <= len(had)):  # some scripts have no spaces
        return True
    if _letters(text) < min(LETTERS, _letters(original) - 0.2):
        return True
    distinct = len(set(words)) / len(words)
    if len(words) >= 6 and distinct <= 0.2 and len(set(had)) > 2 * distinct * len(had):
        return True
    known = original.casefold()
    return any(found.casefold() not in known for found in _MARKUP.findall(text))


def _words(text: str) -> list[str]:
    """Runs of letters, folded, whatever marks they carry."""
    bare = (c for c in unicodedata.normalize("NFD", text) if unicodedata.category(c)[0] != "M")
    return _WORD.findall("".join(bare).casefold())


def _letters(text: str) -> float:
    """The share of letters, their marks and blanks in ``text``, from 0 to 1."""
    found = sum(c.isspace() or unicodedata.category(c)[0] in "LM" for c in text)
    return found / max(1, len(text))


def _key(text: str) -> str:
    return _NO_WORD.sub(" ", text).strip().casefold()
