"""A long prompt as passages: what it asks for, and the document that it brings along.

The passages of a text lie in it one after the other; what stands between them is white space. So
those that are hazardous can be replaced and all the rest stays word for word.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from lance_graph.conversation.passages import MOST_PASSAGES, OMITTED
from lance_graph.gradients import Clause

LONG = 1_000
"""Characters of the shortest text that is taken for more than one request."""
LONGEST_PASSAGE = 600
"""Characters: about the half of a window of the embedded detector."""
Place = tuple[int, int]
"""Where a passage stands in a text: its first character, and the one after its last."""
_BLANK_LINES = re.compile(r"\n(?:[^\S\n]*\n)+")
_BOUNDARY = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])\s*|\n+")
_ENDS_AS_TASK = ("?", "？", ":", "：")
_ENDS = (*_ENDS_AS_TASK, ".", "!", "。", "！")
_ORDER = re.compile(
    r"\W{0,3}(?:(?:please|now|then|and|first|finally|hi|hello|hey|ok|okay|so)\b[,:]? ){0,3}"
    r"(?:(?:can|could|would|will) you|how|what|why|tell|show|give|write|draft|compose|list|explain|describe|"
    r"summari[sz]e|translate|rewrite|rephrase|paraphrase|edit|proofread|correct|improve|shorten|expand|"
    r"fix|debug|review|check|analy[sz]e|assess|evaluate|compare|classify|categori[sz]e|extract|find|"
    r"identify|convert|make|create|generate|continue|complete|answer|reply|respond|help|teach|provide|"
    r"suggest|recommend|outline|calculate|solve|act as|imagine|pretend|ignore|"
    r"i (?:want|need|would like)|i'd like|let's|let us|tl;?dr)\b",
    re.IGNORECASE,
)


class Passage(NamedTuple):
    """What is to be repaired of a text, from ``start`` to ``end``, and what is wrong with it.

    ``asks`` says that it is the task, or a part of it, and not of a document.
    """

    start: int
    end: int
    asks: bool
    gradient: list[Clause]


def places_of(text: str) -> list[Place]:
    """The passages of a text of more than `LONG` characters; none where it is one passage, or short.

    Paragraphs, and of long ones a few sentences; at most 200, beyond that several together.
    """
    if len(text) <= LONG:
        return []
    places = list(_places(text))
    first, *middle = places if len(places) > 1 else [(0, 0)]
    if not middle:
        return []
    last = middle.pop()
    size = -(-len(middle) // MOST_PASSAGES) or 1
    joined = [middle[i : i + size] for i in range(0, len(middle), size)]
    return [first, *((group[0][0], group[-1][1]) for group in joined), last]


def tasks_of(text: str, places: Sequence[Place]) -> set[Place]:
    """Those of ``places`` that ask for something: the first and the last, or else any other."""
    ends = {place for place in (places[0], places[-1]) if asks(text[slice(*place)])}
    return ends or {place for place in places if asks(text[slice(*place)])}


def asks(passage: str) -> bool:
    """Whether a passage reads like a request: by its end in any language, by its start in English."""
    said = passage.rstrip(" \t\n\"'”’)*_")
    return said.endswith(_ENDS_AS_TASK) or bool(_ORDER.match(said))


def replaced(text: str, passages: Mapping[Place, str]) -> str:
    """``text`` with other words in some places; omissions with nothing between them become one."""
    parts: list[str] = []
    end = 0
    for place in sorted(passages):
        between, words = text[end : place[0]], passages[place]
        end = place[1]
        is_again = bool(parts) and parts[-1] == words == OMITTED and not between.strip()
        parts += [] if is_again else [between, words]
    return "".join([*parts, text[end:]])


def _places(text: str) -> Iterator[Place]:
    """Paragraphs, cut where they are too long; the lines that a text begins and ends with stand alone."""
    paragraphs = [*_between(text, 0, len(text), _BLANK_LINES)]
    if not paragraphs:
        return
    (start, _), (_, end) = paragraphs[0], paragraphs[-1]
    cuts = {cut for cut in (_first_line(text, start), _last_line(text, end)) if start < cut < end}
    for first, last in paragraphs:
        inner = sorted(cut for cut in cuts if first < cut < last)
        for a, b in zip([first, *inner], [*inner, last], strict=True):
            for place in _stripped(text, a, b):
                yield from _shorter(text, place)


def _first_line(text: str, start: int) -> int:
    """Where the first line ends, if it is a sentence; else 0."""
    end = text.find("\n", start)
    return end if end > 0 and text[start:end].rstrip().endswith(_ENDS) else 0


def _last_line(text: str, end: int) -> int:
    """Where the last line begins, if it follows a whole sentence; else 0."""
    begin = text.rfind("\n", 0, end)
    before = text[max(0, begin - 3) : max(0, begin)].rstrip()
    return begin if before.endswith((*_ENDS, "`", "}", ")")) else 0


def _shorter(text: str, place: Place) -> Iterator[Place]:
    """A paragraph in parts of whole sentences or lines, each of at most 600 characters where it can."""
    start, end = place
    if end - start <= LONGEST_PASSAGE:
        yield place
        return
    stops = [b for a, b in _between(text, start, end, _BOUNDARY)]
    while end - start > LONGEST_PASSAGE:
        fits = bisect_right(stops, start + LONGEST_PASSAGE) - 1
        stop = stops[fits] if fits >= 0 and stops[fits] > start else 0
        if not stop:
            space = text.rfind(" ", start + 1, start + LONGEST_PASSAGE)
            stop = space if space > start else start + LONGEST_PASSAGE
        yield from _stripped(text, start, stop)
        start = stop
    yield from _stripped(text, start, end)


def _between(text: str, start: int, end: int, boundary: re.Pattern[str]) -> Iterator[Place]:
    """The stretches of ``text[start:end]`` between boundaries, without the white space around them."""
    for found in boundary.finditer(text, start, end):
        yield from _stripped(text, start, found.start())
        start = found.end()
    yield from _stripped(text, start, end)


def _stripped(text: str, start: int, end: int) -> Iterator[Place]:
    """The place without white space at its ends; nothing where that is all."""
    words = text[start:end]
    if words.strip():
        yield start + len(words) - len(words.lstrip()), end - len(words) + len(words.rstrip())
