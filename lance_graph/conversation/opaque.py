"""What a string in a content block is: words that somebody reads, or data that only looks like text.

Nothing is taken for data because of the name that it stands under: it has to look like what such a
name holds. Whatever is in doubt is words, and words are judged.
"""

import re
from base64 import b64decode
from binascii import Error
from string import ascii_lowercase, ascii_uppercase
from urllib.parse import unquote_plus, unquote_to_bytes

LONGEST_URL = 2_048
_URL = re.compile(rf"(?:https?|gs|s3)://[!-~]{{1,{LONGEST_URL}}}")
_STORED = re.compile(rf"(?:gs|s3)://[^\s/]+/[^\r\n]{{1,{LONGEST_URL}}}")
_DATA_URL = re.compile(r"data:([!-+\--~]{0,256})(?:,([!-~]*))?")
_PLAIN_HEADER = re.compile(r"([a-z]+/[\w.+-]+)?(;charset=[\w-]{1,20})?(;base64)?", re.IGNORECASE)
_MIME = re.compile(
    r"(image|audio|video|application|text|font|model)/[\w.+-]{1,100}(; ?charset=[\w-]{1,20})?",
    re.IGNORECASE | re.ASCII,
)
_TEXTUAL = re.compile(
    r"text/|[\w-]+/(?:[\w.-]+\+)?(?:json|xml|yaml|x-yaml|csv|toml|sql|javascript|x-javascript|"
    r"ecmascript|typescript|x-sh|x-python|x-ndjson|jsonl|rtf|markdown|html|x-www-form-urlencoded)\b",
    re.IGNORECASE,
)
_OFFICE = "application/vnd.openxmlformats-officedocument."
LONG_TYPES = {
    f"{_OFFICE}wordprocessingml.document",
    f"{_OFFICE}spreadsheetml.sheet",
    f"{_OFFICE}presentationml.presentation",
    "application/vnd.oasis.opendocument.text",
    "application/vnd.oasis.opendocument.spreadsheet",
    "application/vnd.oasis.opendocument.presentation",
}
_TOKEN = re.compile(r"[A-Za-z0-9_.:/+=@-]{1,128}")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]+={0,2}")
_ENDING = re.compile(r"\.[A-Za-z0-9]{1,5}\Z")
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
_HUMP = re.compile(r"[A-Z]?[a-z]{2,}")
_VOWEL = re.compile(r"[aeiouy]", re.IGNORECASE)
_CONSONANT = re.compile(r"[b-df-hj-np-tv-xz]", re.IGNORECASE)
_PIECE = 512  # characters of a payload that are looked at together
_CASES = bytes.maketrans((ascii_lowercase + ascii_uppercase).encode(), b"a" * 26 + b"A" * 26)


def is_token(value: str) -> bool:
    """Whether ``value`` can be a short technical name, as an id: no blanks, at most one word."""
    return _TOKEN.fullmatch(value) is not None and not is_wordy(_ENDING.sub("", value))


def is_mime_type(value: str) -> bool:
    """Whether ``value`` is a media type, and not a sentence in the form of one."""
    if value.lower() in LONG_TYPES:
        return True
    return _MIME.fullmatch(value) is not None and not is_wordy(
        value.partition("/")[2].partition(";")[0], several=3
    )


def is_textual(mime_type: str) -> bool:
    """Whether what has this media type is text, or a format that people read as text."""
    return _TEXTUAL.match(mime_type.strip()) is not None


def is_wordy(value: str, several: int = 2) -> bool:
    """Whether ``several`` words that look like a language's stand in ``value``, joined by signs or humps."""
    parts = (part for part in re.split(r"[^A-Za-z0-9]+", value) if _WORD.fullmatch(part))
    if sum(part in ("a", "i", "I") or _is_word(part) for part in parts) >= several:
        return True
    humps = [hump for hump in _HUMP.findall(value) if _is_word(hump)]
    letters = sum(character.isalnum() for character in value)
    return len(humps) >= max(several, 3) and sum(map(len, humps)) >= 0.7 * letters


def _is_word(part: str) -> bool:
    return bool(_VOWEL.search(part)) and bool(_CONSONANT.search(part))


def is_url(value: str) -> bool:
    """Whether ``value`` is an address and nothing else."""
    return _URL.fullmatch(value) is not None


def is_stored(value: str) -> bool:
    """Whether ``value`` names an object in a store, whose name may be a sentence."""
    return _STORED.fullmatch(value) is not None


def words_in_url(value: str) -> list[str]:
    """The phrases of an address that reads like a sentence, as in ``…/how-to-bake-a-bread``."""
    parts = [unquote_plus(part) for part in re.split(r"[/?&=#;]", value.partition("://")[2])[1:]]
    return [
        re.sub(r"[-_+.\s]+", " ", part).strip()
        for part in parts
        if is_wordy(_ENDING.sub("", part), several=4) or not part.isascii()
    ]


def in_data_url(value: str) -> tuple[str, bytes | None, str] | None:
    """The media type, the bytes and the odd words of the header of a ``data:`` URL; None if it is none.

    The bytes are None where the payload is no base64 though the header says so.
    """
    match = _DATA_URL.fullmatch(value)
    if match is None:
        return None
    header, payload = match[1], match[2] or ""
    plain = _PLAIN_HEADER.fullmatch(header)
    mime_type = header.partition(";")[0]
    if mime_type and not is_mime_type(mime_type):
        plain = None
    odd = "" if plain else unquote_plus(header)
    is_base64 = header.lower().endswith(";base64")
    content = in_base64(payload) if is_base64 else unquote_to_bytes(payload)
    return mime_type or "text/plain", content, odd


def in_base64(value: str) -> bytes | None:
    """The bytes that ``value`` encodes; None where it is no base64, or reads like words."""
    lines = value.split()
    if len(lines) > 1 and any(len(line) < 60 for line in lines[:-1]):
        return None
    joined = "".join(lines)
    padding = -len(joined) % 4
    if not _BASE64.fullmatch(joined) or (padding and len(joined) < 64) or _reads_as_words(joined):
        return None
    try:
        return b64decode(joined.replace("-", "+").replace("_", "/") + "=" * padding)
    except Error:
        return None


def _reads_as_words(payload: str) -> bool:
    """Whether a part of base64 consists of small letters, or of capitals, as no encoded bytes do."""
    if len(payload) <= _PIECE and is_wordy(payload, several=3):
        return True
    encoded = payload.rstrip("=").encode()
    cases = encoded.translate(_CASES)
    for start in range(0, len(encoded), _PIECE):
        end = min(start + _PIECE, len(encoded))
        small, capitals = cases.count(b"a", start, end), cases.count(b"A", start, end)
        length = end - start
        is_one_case = small >= 0.8 * length or (capitals >= 0.95 * length and length > 4)
        if is_one_case and len(set(encoded[start:end])) > 2:
            return True
    return False


def as_text(content: bytes) -> str | None:
    """What ``content`` says if it is UTF-8 that can be read; None if it is no text."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    readable = sum(character.isprintable() or character.isspace() for character in text)
    return text if text.strip() and readable >= 0.95 * len(text) else None


def as_any_text(content: bytes) -> str:
    """What ``content`` says, for it is text in one encoding or another."""
    if (text := as_text(content)) is not None:
        return text
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", errors="replace")
    return content.decode("latin-1")
