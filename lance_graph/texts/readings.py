"""What else a text may say to a reader who undoes its disguise: guesses, judged beside the text.

A guess never takes the text's place, so a wrong one hides nothing.
"""

import base64
import binascii
import codecs
import html
import re
from collections.abc import Callable
from urllib.parse import unquote

from lance_graph.texts.lookalikes import unmixed
from lance_graph.texts.normalising import normalise, swapped_blanks

ROUNDS = 3
MOST = 5
"""Readings of a text at most: the text as it is, and one for each way of hiding it."""
_WORD = re.compile(r"[A-Za-z]+")
_COMMON = frozenset(
    _WORD.findall(
        "the of and to in is for on with that this it you me my we he she they his her how what why "
        "when where who which can could should would do does make get give tell write show explain use "
        "are be was were not from at by an as or if your our their have has had will about into out up "
        "all any some one someone people without step best way want need help please create find"
    )
)
_LETTER = r"[^\W\d_]"
_PERCENT = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,31});?")
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})")
_TAG = re.compile(
    r"<!--[^<>]*-->|</?(?:a|b|big|code|del|em|font|i|ins|kbd|mark|s|small|span|strong|sub|sup|tt|u|"
    r"wbr)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_BASE64 = re.compile(r"(?<![\w+/])[\w+/-]{12,}={0,2}")
_HEX = re.compile(r"(?<![0-9A-Za-z])(?:(?:0x)?[0-9a-fA-F]{2}[ :,]{0,2}){8,}")
_BITS = re.compile(r"(?<!\d)(?:[01]{8} ?){4,}")
_SPELLED = re.compile(rf"(?<!{_LETTER}){_LETTER}([\W_])(?:{_LETTER}\1)+{_LETTER}(?!{_LETTER})")
_BETWEEN_WORDS = re.compile(r"(?<=\w)([^\w\s])\s{1,3}\1(?=\w)")
_MARKED = re.compile(rf"(?<={_LETTER})[*~`|^]{{1,3}}(?={_LETTER})")
_LEET = re.compile(r"(?<![\w@$!|])[\w@$!|]{2,40}(?![\w@$!|])")
_FROM_LEET = str.maketrans("013457@$!|øłđħŧı", "oieastasiioldhti")
_CHAINED = re.compile(r"(?<![^\W_])[^\W_]+(?:[-_+./|~*=:;,&]{1,3}[^\W_]+){2,}")
_HUMPED = re.compile(r"[\w+/=]+")
_HUMPS = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_IN_ORDER = re.compile(
    r"\b(?:how (?:do|to|can)|(?:do|can|should|if) (?:i|you|we)|(?:of|in|to|for|on|at|is) (?:the|a|my|me))\b",
    re.IGNORECASE,
)


def readings(text: str) -> tuple[str, ...]:
    """`normalise` of ``text``, and up to four more readings where they differ from it.

    In this order: encodings undone; letters put together that stood apart; words taken apart that
    stood together; letters that were moved put back. Linear in the length.
    """
    plain = normalise(text)
    joined = normalise(swapped_blanks(text, visible=True))
    if _wordy(joined) > _wordy(plain):  # signs inside words, not between them
        plain = joined
    opened = _opened(plain)
    guesses = (opened, _together(_opened(joined)), _apart(text, opened), _put_back(opened))
    return tuple(dict.fromkeys((plain, *guesses)))


def _opened(text: str) -> str:
    """Without percent-encoding, entities, escapes, inline tags; base64, hex and bits as their text."""
    for _ in range(ROUNDS):
        before, text = text, normalise(_once_opened(text))
        if text == before:
            break
    return text


def _once_opened(text: str) -> str:
    if "%" in text:
        found = _PERCENT.sub(lambda match: unquote(match[0]), text)
        spaced = found != text and "+" in text and not any(map(str.isspace, text))
        text = found.replace("+", " ") if spaced else found
    if "&" in text:
        text = _ENTITY.sub(lambda match: html.unescape(match[0]), text)
    if "\\" in text:
        text = _ESCAPED.sub(lambda match: chr(int(match[1] or match[2], 16)), text)
    if "<" in text:
        text = _TAG.sub("", text)
    text = _BITS.sub(_or_as_it_is(_of_bits), text)
    text = _HEX.sub(_or_as_it_is(_of_hex), text)
    return _BASE64.sub(_or_as_it_is(_of_base64), text)


def _or_as_it_is(decode: Callable[[str], bytes]) -> Callable[[re.Match[str]], str]:
    """A replacement: the decoded text where it is one, else what was found."""

    def replace(match: re.Match[str]) -> str:
        try:
            text = decode(match[0]).decode()
        except (ValueError, binascii.Error):
            return match[0]
        printable = all(char.isprintable() or char in "\t\n\r" for char in text)
        return f" {text} " if printable and any(map(str.isalpha, text)) else match[0]

    return replace


def _of_bits(text: str) -> bytes:
    return bytes(int(octet, 2) for octet in re.findall("[01]{8}", text))


def _of_hex(text: str) -> bytes:
    return bytes.fromhex(re.sub("0x|[ :,]", "", text))


def _of_base64(text: str) -> bytes:
    bare = text.rstrip("=").replace("-", "+").replace("_", "/")
    return base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True)


def _together(opened: str) -> str:
    """Letters that blanks, dots, marks or emoji kept apart; digits read as the letters they stand for."""
    if spelled := _SPELLED.search(opened):
        runs = re.compile(rf"(?<![^\W_])[^\W_](?:{re.escape(spelled[1])}[^\W_])+(?![^\W_])")
        opened = runs.sub(lambda match: match[0].replace(spelled[1], ""), opened)
        opened = _BETWEEN_WORDS.sub(" ", opened)
    return _LEET.sub(_without_leet, _MARKED.sub("", opened))


def _without_leet(match: re.Match[str]) -> str:
    plain = match[0].translate(_FROM_LEET)
    return plain if plain.isalpha() and any(map(str.isalpha, match[0])) else match[0]


def _apart(text: str, opened: str) -> str:
    """Words that capitals, underscores, hyphens or unseen characters held together."""
    if (parted := normalise(swapped_blanks(text, visible=False))) != normalise(text):
        opened = _opened(parted)
    opened = _CHAINED.sub(lambda match: re.sub(r"[\W_]+", " ", match[0]), opened)
    return unmixed(_HUMPED.sub(_without_humps, opened), whole_words=True)


def _without_humps(match: re.Match[str]) -> str:
    """The words of a camelCase one; what looks like encoded bytes stays."""
    parts = _HUMPS.split(match[0])
    split = " ".join(parts)
    return split if match[0].isalpha() or 4 * _english(split) >= len(parts) else match[0]


def _put_back(text: str) -> str:
    """The one of rot13, reversed text, reversed words, joined lines that reads best as English."""
    turned = (codecs.encode(text, "rot13"), text[::-1], _WORD.sub(lambda m: m[0][::-1], text))
    best = max((*turned, re.sub(r"\r?\n", "", text)), key=lambda t: (_english(t), _in_order(t)))
    return best if _english(best) > _english(text) + 1 else text


def _english(text: str) -> int:
    """How many of the words are among the most frequent English ones."""
    return sum(word.lower() in _COMMON for word in _WORD.findall(text))


def _wordy(text: str) -> int:
    """How many more frequent words than scraps of one or two letters that are no words."""
    words = [word.lower() for word in _WORD.findall(text)]
    scraps = sum(len(word) < 3 and word not in _COMMON for word in words)
    return sum(word in _COMMON for word in words) - scraps


def _in_order(text: str) -> int:
    """How often two frequent words stand in their usual order: reversed words beside reversed text."""
    return len(_IN_ORDER.findall(text))
