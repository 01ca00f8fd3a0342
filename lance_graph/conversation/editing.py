"""Blocks with some of their words changed or left out; their data stays.

A field that a block can do without is left off where its words have to go, a file gets a neutral
name. Anything else takes what it stands in along, up to the list that holds that.
"""

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from pathlib import PurePath
from typing import Any, Final

from lance_graph.conversation import opaque
from lance_graph.conversation.blocks import Piece, Place, fields_of, known, pieces_of, read

Change = Callable[[Place, Sequence[Piece]], Any]
"""What becomes of a value that holds words, which come with its place: a value, or `GONE`."""
GONE: Final = object()
"""In the place of a value that cannot stay."""
NAMELESS = "attachment"
_IDS = ("file_id", "fileId")


def edited(value: Any, change: Change) -> Any:
    """A copy of a block, or of any other JSON value, in which words are as ``change`` wants them.

    `GONE` where nothing can stay. What is too deep or too large for `pieces_of` is too deep here.
    """
    return _edited(Place(value, None, 0), change)


def data_of(block: Any) -> Any | None:
    """What of a block stays where its words go: the data that it carries, and structure; or None.

    An address that reads like words stays, and so does a file that is no text though it can be read
    as one: what `words_of` finds in them has to be judged where they stay.
    """
    if not isinstance(block, dict) or block.get("type") == "text":
        return None
    kept = edited(block, _data_alone)
    if kept is GONE:
        return None
    return kept if kept == block or _carries_data(kept) else None


def _edited(place: Place, change: Change) -> Any:
    value = place.value
    if isinstance(value, Mapping):
        return _with_fields(value, place, change)
    if isinstance(value, list | tuple | AbstractSet):
        inner = [Place(item, place.field, place.level + 1, place.mime_type, place.is_raw)
                 for item in value]  # fmt: skip
        kept = [item for item in (_edited(one, change) for one in inner) if item is not GONE]
        return kept if kept or not value else GONE
    pieces = [*read(place, strict=False)]
    return change(place, pieces) if any(piece.kind == "words" for piece in pieces) else value


def _with_fields(block: Mapping[Any, Any], place: Place, change: Change) -> Any:
    kept: dict[Any, Any] = {}
    for key, name, field in fields_of(block, place):
        if name is not None and _edited(name, change) != name.value:
            continue
        value = _edited(field, change)
        if value is not GONE:
            kept[key] = value
        elif key == "filename":
            kept[key] = NAMELESS + PurePath(str(field.value)).suffix[:6]
        elif name is None and key not in known("labels"):
            return GONE
    return kept


def _data_alone(place: Place, pieces: Sequence[Piece]) -> Any:
    return place.value if _is_data(place, pieces) else GONE


def _is_data(place: Place, pieces: Sequence[Piece]) -> bool:
    """Whether a value that can be read is data all the same: an address, or a file that is no text."""
    if pieces[0].kind == "data" and pieces[0].text == place.value:
        return True
    if pieces[0].text == place.value:
        return opaque.is_stored(str(place.value))
    given = opaque.in_data_url(place.value) if isinstance(place.value, str) else None
    kind = given[0] if given else place.mime_type
    return bool(kind) and not opaque.is_textual(kind)


def _carries_data(block: Mapping[Any, Any]) -> bool:
    """Whether a block, of whose words none is left, holds data, or says where they lie."""
    return any(pieces_of(block)) or _names_file(block)


def _names_file(block: Mapping[Any, Any]) -> bool:
    inner = [value for value in block.values() if isinstance(value, Mapping)]
    return any(block.get(name) for name in _IDS) or any(map(_names_file, inner))
