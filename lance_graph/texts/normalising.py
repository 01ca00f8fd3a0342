"""One plain form for the many ways to write the same letters: what is judged, and what is compared.

The user's own text stays as it is for answering.
"""

import re
import unicodedata
from functools import lru_cache

from lance_graph.texts.lookalikes import unmixed

_CONTROL = re.compile(r"[\0-\x08\x0b-\x1f\x7f]")
_ESCAPE = re.compile(r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])|\x1b")
"""ANSI: control sequences go as a whole; of strings (titles, links) only the introducer, for a text
may stand in them."""
_ACCENTED = re.compile(
    r"([A-Za-z\u00c0-\u024f\u1e00-\u1eff])"
    r"([\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+)"
)
_LETTER_NAME = re.compile(
    r"(?:NEGATIVE |CROSSED )*(?:CIRCLED|SQUARED|PARENTHESIZED|REGIONAL INDICATOR SYMBOL|OUTLINED)"
    r"(?: LATIN (?:CAPITAL|SMALL))? LETTER (?P<framed>[A-Z])"
    r"|LATIN (?:CAPITAL |SMALL )?LETTER (?:SMALL CAPITAL |TURNED |REVERSED |OPEN |SCRIPT |"
    r"INVERTED |SIDEWAYS |DOTLESS )*(?P<drawn>[A-Z])(?: WITH .*)?"
)
_FILLERS = frozenset("\u115f\u1160\u3164\uffa0")
_INVISIBLE = frozenset("\u034f\u17b4\u17b5\u180b\u180c\u180d\u180f")
_BREAKS = frozenset("\n\x0b\x0c\x1c\x1d\x1e\x1f\x85\u2028\u2029")


def normalise(text: str) -> str:
    """``text`` as it reads, in plain letters; plain ASCII comes back as it is.

    - letters in full width, circles, squares, bold, superscript, small capitals become plain ones;
    - what no reader sees is dropped: zero-width, direction and control characters, tags, variation
      selectors, ANSI sequences, marks piled on Latin letters beyond one accent;
    - emoji, other symbols and fillers become spaces; the signs of Latin-1 stay;
    - look-alikes of other scripts become Latin letters in words that mix scripts.

    Linear in the length. What is left of it may be empty.
    """
    if text.isascii() and not _CONTROL.search(text):
        return text
    text = _ESCAPE.sub("", text)
    text = text.translate({ord(char): _plain(char) for char in set(text)})
    return unmixed(_ACCENTED.sub(_with_one_accent, text))


@lru_cache(maxsize=8_192)
def _plain(char: str) -> str:
    """What one character reads as."""
    if char in _BREAKS:
        return "\n"
    kind = unicodedata.category(char)
    if char in "\t\r" or (kind not in ("Cc", "Cf", "Zs") and char < "\u0100"):
        return char
    if kind in ("Cc", "Cf", "Me") or char in _INVISIBLE or _selects_a_variant(char):
        return ""
    if kind in ("Zs", "Sk", "Co", "Cn") or char in _FILLERS:
        return " "
    return "?" if kind == "Cs" else _visible(char, kind)


def _visible(char: str, kind: str) -> str:
    """What a character that shows reads as, given its general category."""
    if kind[0] == "L" or kind == "No":
        return _letter(char)
    if kind == "So":
        letter = _letter(char)
        return letter if letter.isalnum() and char not in "™℠" else " "
    if kind == "Nd" or (char > "\ufe00" and kind[0] in "PS"):
        return unicodedata.normalize("NFKC", char)
    return f" {char} " if kind == "Sm" and char > "\u2190" else char


def _letter(char: str) -> str:
    """The plain letters of a decorated letter or digit; itself if there are none."""
    compatible = unicodedata.normalize("NFKC", char)
    if compatible != char:
        bare = compatible.strip("().,")
        return bare if bare.isascii() and bare else compatible
    if (digit := unicodedata.digit(char, None)) is not None:
        return str(digit)
    if char < "\u0180" or unicodedata.decomposition(char):
        return char
    found = _LETTER_NAME.fullmatch(unicodedata.name(char, ""))
    if found is None:
        return char
    letter = found["framed"] or found["drawn"]
    return letter if unicodedata.category(char) in ("Lu", "So") else letter.lower()


def _selects_a_variant(char: str) -> bool:
    return "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef"


def _with_one_accent(match: re.Match[str]) -> str:
    """The letter with its first mark where that makes one letter: of a pile the rest is noise.

    Longer runs are never given to unicodedata, whose sorting of marks is quadratic.
    """
    composed = unicodedata.normalize("NFC", match[1] + match[2][:2])
    if len(composed) > 1:
        composed = unicodedata.normalize("NFC", match[1] + match[2][:1])
    return composed[0]


def swapped_blanks(text: str, *, visible: bool) -> str:
    """The text with what `normalise` makes blanks of dropped, or with what it drops made blanks."""
    if text.isascii():
        return text
    wanted, given = (" ", "") if visible else ("", " ")
    return text.translate(
        {ord(c): given for c in set(text) if c > "\xa0" and not c.isspace() and _plain(c) == wanted}
    )
