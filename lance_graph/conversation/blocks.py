"""Content blocks of every kind, known in one place: what in them is words, and what is media.

A provider passes on blocks that neither LangChain nor LANCE has ever heard of, so a block is not
read by its type: every string that it holds, at any depth, is words, the names of unknown fields
included, unless it stands where data or structure belongs and looks like it
(`lance_graph.conversation.opaque`). What says that it is text, or turns out to be text when it is
decoded, is read as what it says.
"""

import tomllib
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from importlib.resources import files
from typing import Any, Literal, get_args, get_type_hints

from langchain_core.messages import content

from lance_graph.conversation import opaque

MEDIA = ("image", "image_url", "audio", "input_audio", "video", "file", "media")
"""Types of blocks of an answer that may be delivered beside its text."""
MOST_LEVELS = 200
MOST_VALUES = 200_000
_FIELDS = ("structure", "payload", "address", "others")
_MIME = frozenset(["media_type", "mime_type", "mimeType"])


_LONG = 20_000  # characters of a payload that is not looked through twice
_REMEMBERED = 1_000
_data: dict[bytes, None] = {}  # digests of long payloads, with their media types, that were data


@dataclass(frozen=True)
class Piece:
    """A string of a block: ``words``, or ``data`` that no detector of texts can judge.

    ``is_text`` is true for the text that providers may join with the text of the next block.
    """

    kind: Literal["words", "data"]
    text: str
    is_text: bool = False


@dataclass(frozen=True)
class Place:
    """A value of a block: the field it stands in, and what is said of it around it."""

    value: Any
    field: str | None
    level: int
    mime_type: str = ""
    is_raw: bool = False


def pieces_of(block: Any, *, strict: bool = False) -> Iterator[Piece]:
    """The strings of a block or any other JSON value, in order, but for structure such as ids.

    With ``strict`` addresses and names of files are words too: they come from a model and go to a
    person. ValueError for what nests deeper than `MOST_LEVELS` or holds more than `MOST_VALUES`.
    """
    todo, count = [Place(block, None, 0)], 0
    while todo:
        place, count = todo.pop(), count + 1
        if place.level > MOST_LEVELS:
            raise ValueError(f"a content block nests more than {MOST_LEVELS} levels; flatten it")
        if count > MOST_VALUES:
            raise ValueError(f"a content block holds more than {MOST_VALUES:,} values; send fewer")
        if isinstance(place.value, Mapping):
            todo += reversed([*_inside(place.value, place)])
        elif isinstance(place.value, list | tuple | AbstractSet):
            inner = [Place(item, place.field, place.level + 1, place.mime_type, place.is_raw)
                     for item in place.value]  # fmt: skip
            todo += reversed(inner)
        else:
            yield from read(place, strict)


def words_of(block: Any, *, strict: bool = False) -> list[str]:
    """What there is to judge in a block, in order; the arguments are those of `pieces_of`."""
    return [piece.text for piece in pieces_of(block, strict=strict) if piece.kind == "words"]


def is_unread(block: Any) -> bool:
    """Whether a block holds something besides words, or nothing that is known."""
    if isinstance(block, str):
        return False
    kinds = {piece.kind for piece in pieces_of(block)}
    return (
        "data" in kinds
        or block.get("type") in known("unread")
        or not (kinds or block.get("type") == "text")
    )


def media_of(block: Any) -> dict[str, Any] | None:
    """What of a block may be delivered: its media, and no field that media do not need; or None.

    What is kept is data, or a word of a short list, or `words_of` gives it with ``strict``.
    """
    if not isinstance(block, dict) or block.get("type") not in MEDIA:
        return None
    kept = _media_fields(block)
    return kept if any(pieces_of(kept, strict=True)) else None


def _media_fields(block: dict[str, Any], level: int = 0) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for field, value in block.items():
        if field not in known("delivered"):
            continue
        if isinstance(value, dict) and level < 2 and (inner := _media_fields(value, level + 1)):
            kept[field] = inner
        elif isinstance(value, str) and may_stand(field, value):
            kept[field] = value
    return kept


def may_stand(field: str, value: str) -> bool:
    """Whether a string of a model may stand in a field of a delivered block, judged or not."""
    if field in ("type", "source_type"):
        return value in known("types")
    if field in _MIME:
        return value in _known_media_types()
    if field == "format":
        return f"audio/{value}" in _known_media_types()
    return field != "detail" or value in known("detail")


@cache
def _known_media_types() -> frozenset[str]:
    from mimetypes import MimeTypes

    known = MimeTypes(filenames=()).types_map
    more = {
        f"audio/{name}" for name in ("wav", "mp3", "flac", "opus", "pcm16", "aac", "ogg", "webm")
    }
    return frozenset(
        {kind for kinds in known for kind in kinds.values()} | more | opaque.LONG_TYPES
    )


@cache
def known(what: str) -> frozenset[str]:
    """Names in a list of ``blocks.toml``; LangChain's own as well among ``fields`` and ``types``."""
    table = tomllib.loads((files("lance_graph.conversation") / "blocks.toml").read_text("utf-8"))
    kinds = [kind for kind in vars(content).values() if hasattr(kind, "__required_keys__")]
    if what == "fields":
        names = {name for kind in kinds for name in get_type_hints(kind)}
        return frozenset(names.union(*(table[n].split() for n in _FIELDS)))
    names = set(table[what].split())
    if what == "types":
        names |= {name for kind in kinds for name in get_args(get_type_hints(kind).get("type"))}
    return frozenset(names)


def _inside(block: Mapping[Any, Any], place: Place) -> Iterator[Place]:
    """The fields of ``block``, each preceded by its name where that is nobody's."""
    for _, name, field in fields_of(block, place):
        if name is not None:
            yield name
        yield field


def fields_of(block: Mapping[Any, Any], place: Place) -> Iterator[tuple[Any, Place | None, Place]]:
    """Every key of ``block``, the place of its name where that is nobody's, and that of its value."""
    mime_type = next((v for f in _MIME if isinstance(v := block.get(f), str)), place.mime_type)
    is_raw = "text" in (block.get("type"), block.get("source_type"))
    level = place.level + 1
    for name, value in block.items():
        field = str(name)
        unknown = None if field in known("fields") else Place(field, None, level)
        yield name, unknown, Place(value, field, level, mime_type, is_raw)


def read(place: Place, strict: bool) -> Iterator[Piece]:
    """What a value that holds no others gives to judge."""
    value, field = place.value, place.field
    if value is None or isinstance(value, bool | int | float):
        return
    if isinstance(value, bytes | bytearray):
        yield from _decoded(bytes(value), place)
        return
    text = value if isinstance(value, str) else str(value)
    if not text.strip() or _is_structure(field, text, strict):
        return
    if len(text) < _LONG or place.is_raw or field not in known("payload") | known("address"):
        yield from _examined(text, place, strict)
        return
    digest = blake2b(
        text.encode(errors="surrogatepass"), key=place.mime_type.encode(errors="surrogatepass")[:64]
    ).digest()
    if digest not in _data:
        pieces = [*_examined(text, place, strict)]
        if pieces != [Piece("data", "")]:
            yield from pieces
            return
        _data[digest] = None
        if len(_data) > _REMEMBERED:
            _data.clear()
    yield Piece("data", "")


def _examined(text: str, place: Place, strict: bool) -> Iterator[Piece]:
    """What a text that is no structure gives to judge."""
    field = place.field
    if (
        field in known("payload") | known("address")
        and (parts := opaque.in_data_url(text)) is not None
    ):
        yield from _in_data_url(text, parts, place)
    elif field in known("address") and opaque.is_url(text):
        yield Piece("data", text)
        phrases = opaque.words_in_url(text)
        yield from (Piece("words", words) for words in ([text] if strict else []) + phrases)
    elif field in known("payload") and (found := opaque.in_base64(text)) is not None:
        said = opaque.as_text(found)
        if place.is_raw:
            yield Piece("words", text)
        if said is not None or not place.is_raw:
            yield from _decoded(found, place)
    else:
        yield Piece("words", text, is_text=place.level <= 1 and field in (None, "text"))


def _is_structure(field: str | None, text: str, strict: bool) -> bool:
    if field in _MIME:
        return opaque.is_mime_type(text)
    if field == "type" and text in known("types"):
        return True
    if strict and field in ("file_id", "fileId", "filename"):
        return False
    return field in known("structure") and opaque.is_token(text)


def _in_data_url(text: str, parts: tuple[str, bytes | None, str], place: Place) -> Iterator[Piece]:
    mime_type, found, odd = parts
    if odd:
        yield Piece("words", odd)
    if found is None:
        yield Piece("words", text)
    else:
        yield from _decoded(found, Place(None, place.field, place.level, mime_type))


def _decoded(found: bytes, place: Place) -> Iterator[Piece]:
    """The words that bytes are, or are said to be; else data."""
    said = opaque.as_text(found)
    if said is None and opaque.is_textual(place.mime_type):
        said = opaque.as_any_text(found)
    if said is None:
        yield Piece("data", "")
    elif said.strip():
        yield Piece("words", said)
