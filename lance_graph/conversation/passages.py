"""The passages of what a tool brought, or of any other content, and the content without some of them.

Content keeps its form: a list of blocks stays one, with its images and files; JSON stays JSON, in
which a passage is a part of one text, or, where that is not enough, a whole row.
"""

import json
import re
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from lance_graph.conversation.blocks import MOST_LEVELS, Piece, Place, words_of
from lance_graph.conversation.editing import GONE, data_of, edited

OMITTED = "[…]"
MOST_PASSAGES = 200
Content = str | list[Any]
See = Callable[[str], str]
"""Is told each passage in order, and says what stands in its place."""
_BOUNDARY = re.compile(r"(?<=[.!?。！？])\s+|\n+")


def passages_of(content: Content, *, by_row: bool = False) -> list[str]:
    """Sentences, lines or JSON's texts (``by_row``: rows) in order; several together beyond 200."""
    parts = _parts_of(content, by_row)
    size = _size(parts)
    return [" ".join(parts[i : i + size]) for i in range(0, len(parts), size)]


def without(content: Content, bad: AbstractSet[Any], *, by_row: bool = False) -> Content | None:
    """``content`` in which `OMITTED` stands for each of the ``bad`` among its `passages_of`.

    None where no other passage is left.
    """
    parts = _parts_of(content, by_row)
    size, place = _size(parts), 0
    groups = passages_of(content, by_row=by_row)
    if all(group in bad for group in groups):
        return None

    def see(part: str) -> str:
        nonlocal place
        group, place = groups[place // size], place + 1
        return OMITTED if group in bad else part

    changed = _through(content, see, by_row)
    return None if changed is GONE else changed


def replaced_by(content: Content, notice: str) -> Content:
    """A ``notice`` in the place of all words; images and other data stay beside it."""
    if isinstance(content, str):
        return notice
    data = [kept for block in content if (kept := data_of(block)) and not words_of(kept)]
    return [{"type": "text", "text": notice}, *data] if data else notice


def _parts_of(content: Content, by_row: bool) -> list[str]:
    parts: list[str] = []

    def see(part: str) -> str:
        parts.append(part)
        return part

    _through(content, see, by_row)
    return parts


def _size(parts: Sequence[str]) -> int:
    return -(-len(parts) // MOST_PASSAGES) or 1


def _through(content: Content, see: See, by_row: bool) -> Any:
    """``content`` with what ``see`` puts in the place of each passage."""
    if isinstance(content, str):
        return _in_text(content, see, by_row)

    def change(place: Place, pieces: Sequence[Piece]) -> Any:
        value = place.value
        words = [piece.text for piece in pieces if piece.kind == "words"]
        if words == [value]:
            return _in_text(value, see, by_row)
        # what is encoded, or an address, cannot be changed in part
        seen = [_in_text(text, see, by_row) for text in words]
        return value if seen == words else GONE

    return edited(content, change)


def _in_text(text: str, see: See, by_row: bool) -> str:
    value = _json(text)
    if isinstance(value, dict | list):
        changed = _in_json(value, see, by_row)
        return text if changed == value else json.dumps(changed, ensure_ascii=False)
    parts = [part for part in _BOUNDARY.split(text) if part.strip()]
    seen = [see(part) for part in parts]
    return text if seen == parts else "\n".join(seen)


def _in_json(value: Any, see: See, by_row: bool) -> Any:
    if isinstance(value, dict):
        return {name: _in_json(inner, see, by_row) for name, inner in value.items()}
    if isinstance(value, list):
        return [
            _in_row(item, see) if by_row and isinstance(item, dict | list)
            else _in_json(item, see, by_row)
            for item in value
        ]  # fmt: skip
    return _in_text(value, see, by_row) if isinstance(value, str) and _says(value) else value


def _in_row(row: Any, see: See) -> Any:
    text = json.dumps(row, ensure_ascii=False)
    return row if (seen := see(text)) == text else seen


def _says(text: str) -> bool:
    return any(character.isalpha() for character in text)


def _json(text: str) -> Any:
    """The value of a JSON text, where it is one and can be walked through; else None."""
    if text.lstrip()[:1] not in ("{", "["):
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if _is_shallow(value, MOST_LEVELS) else None


def _is_shallow(value: Any, levels: int) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return levels > 0 and all(_is_shallow(one, levels - 1) for one in inner)
