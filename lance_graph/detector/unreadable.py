"""Text that a tokenizer has no tokens for: what could not be read was not judged."""

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

from lance_graph.detector.languages import is_latin

MOST_UNKNOWN = 0.2
"""Share of a passage that may be unknown to the tokenizer."""
PASSAGE = 64
"""Tokens of a passage: what is unreadable does not pass because much around it can be read."""
LETTERS_PER_TOKEN = 4
"""An unknown word counts as so many letters a token, for one may be a whole sentence (Thai, Lao)."""


class UnreadableTextError(ValueError):
    """The tokenizer does not know too much of a text; it was not scored, so it must not pass for safe.

    ``foreign`` says that what it does not know is letters of other scripts than the Latin one.
    """

    def __init__(self, message: str, *, foreign: bool = False) -> None:
        super().__init__(message)
        self.foreign = foreign


def check_readable(text: str, encoded: Any, unknown: int | None) -> None:
    """UnreadableTextError if more than a fifth of ``text``, or of a passage of it, is ``unknown``.

    ``encoded`` is the tokenizers encoding of ``text``, ``unknown`` the id of its unknown token (a
    byte-level tokenizer has none and reads everything). Unknown signs without a letter or digit
    (emoji, arrows), and one unknown letter alone, say nothing that could be judged: they are let by.
    """
    ids: list[int] = encoded.ids
    if unknown is None or unknown not in ids:
        return
    pieces = [
        text[start:end] if token == unknown else None
        for token, (start, end) in zip(ids, encoded.offsets, strict=True)
    ]
    unread = [letter for letter in "".join(filter(None, pieces)) if letter.isalnum()]
    if len(unread) < 2:
        return
    share = _worst_share(pieces)
    if share > MOST_UNKNOWN:
        raise UnreadableTextError(
            f"{share:.0%} of a text, or of a passage of {PASSAGE} tokens in it, is unknown to the "
            f"detector's tokenizer; up to {MOST_UNKNOWN:.0%} may be. Use a detector for the text's "
            "language, or check that the checkpoint's tokenizer files are those it was trained with",
            foreign=not any(map(is_latin, unread)),
        )


def _worst_share(pieces: Sequence[str | None]) -> float:
    """The highest share of unknown text in `PASSAGE` tokens in a row; None is a known token."""
    unread = [0.0, *accumulate(0.0 if piece is None else _size(piece) for piece in pieces)]
    known = [0, *accumulate(int(piece is None) for piece in pieces)]
    worst = 0.0
    for end in range(min(PASSAGE, len(pieces)), len(known)):
        start = max(0, end - PASSAGE)
        if weight := unread[end] - unread[start]:
            worst = max(worst, weight / (weight + known[end] - known[start]))
    return worst


def _size(piece: str) -> float:
    """Tokens that an unknown piece counts as."""
    if not any(map(str.isalnum, piece)):
        return 0.0
    return max(1.0, len(piece) / LETTERS_PER_TOKEN)
