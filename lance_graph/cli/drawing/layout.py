"""Where everything of the picture stands: layers by grandalf, then ports, curves and words.

Coordinates are pixels, x to the right and y down.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import hypot
from typing import Any

from langchain_core.runnables.graph import Graph

LETTER, HEIGHT, GAP, LAYER, MARGIN = 7.9, 40.0, 26.0, 140.0, 16.0
INSET, PORT, WIDEST_PORT = 16.0, 20.0, 130.0
WIDEST_WORDS, WORD_LETTER, WORD_GAP = 14, 6.6, 8.0
LINE, STEEP = 15.0, 0.72
Point = tuple[float, float]


@dataclass(frozen=True)
class Box:
    """A node; ``x`` and ``y`` are its middle."""

    name: str
    text: str
    x: float
    y: float
    width: float
    is_end: bool


@dataclass(frozen=True)
class Line:
    """An edge through ``points``, from border to border.

    ``words`` are lines of text, the last of them at ``place``: its left end, or its right end where
    they stand ``leftward``.
    """

    source: str
    target: str
    points: tuple[Point, ...]
    conditional: bool
    words: tuple[str, ...]
    place: Point
    leftward: bool


@dataclass(frozen=True)
class Picture:
    """Boxes and lines on a paper of ``width`` by ``height``."""

    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]
    width: float
    height: float


def lay_out(graph: Graph) -> Picture:
    """The picture of a graph; ImportError where grandalf is missing."""
    found = [_placed(graph, sign) for sign in (1, -1)]
    boxes, routes = min(found, key=lambda one: sum(map(_length, one[1].values())))
    ports = _ports(boxes, routes)
    lines = []
    for edge, (key, route) in zip(graph.edges, routes.items(), strict=True):
        first, last = ports[key, 0], ports[key, 1]
        points = (first.point, *route[1:-1], last.point)
        lower, before = (last, points[-2]) if last.point[1] > first.point[1] else (first, points[1])
        leftward = lower.words_leftward(before[0])
        place = lower.point[0] + (-WORD_GAP if leftward else WORD_GAP), lower.point[1] - 16
        words = tuple(_broken(str(edge.data or "")))
        lines.append(Line(*key, points, edge.conditional, words, place, leftward))
    return _framed(list(boxes.values()), lines)


def curves(points: Sequence[Point]) -> list[tuple[Point, Point, Point]]:
    """Bézier curves through ``points`` that leave and meet each of them upright."""
    found = []
    for (x0, y0), (x1, y1) in pairwise(points):
        reach = round(STEEP * (y1 - y0), 1)
        found.append(((x0, y0 + reach), (x1, y1 - reach), (x1, y1)))
    return found


def _placed(graph: Graph, sign: int) -> tuple[dict[str, Box], dict[tuple[str, str], list[Point]]]:
    """The boxes, and by source and target the middles that each edge goes through.

    ``sign`` turns the order around in which grandalf looks at what it could place either way.
    """
    from grandalf.graphs import Edge, Vertex
    from grandalf.graphs import Graph as Layered
    from grandalf.layouts import SugiyamaLayout

    class Node(_Numbered, Vertex):  # type: ignore[misc]
        """grandalf's vertex."""

    class Way(_Numbered, Edge):  # type: ignore[misc]
        """grandalf's edge."""

    vertices = {name: Node(sign * number, name) for number, name in enumerate(graph.nodes)}
    for name, vertex in vertices.items():
        vertex.view = _View(_width(name, graph), HEIGHT)
    edges = [
        Way(sign * number, vertices[edge.source], vertices[edge.target])
        for number, edge in enumerate(graph.edges)
    ]
    for edge in edges:
        edge.view = _Path()
    layered = Layered(list(vertices.values()), edges)
    layout = SugiyamaLayout(layered.C[0])
    layout.xspace, layout.yspace = GAP, LAYER - HEIGHT
    root = next(vertex for name, vertex in vertices.items() if name == "__start__")
    layout.init_all(roots=[root], optimize=True)
    layout.draw(20)
    boxes = {}
    for name, vertex in vertices.items():
        (x, y), width = vertex.view.xy, vertex.view.w
        boxes[name] = Box(name, _text(name), x, y, width, name.startswith("__"))
    routes = {(edge.v[0].data, edge.v[1].data): list(edge.view.points) for edge in edges}
    return boxes, routes


class _Numbered:
    """What grandalf puts into sets: by its number, not its address, so that a drawing is always alike."""

    def __init__(self, number: int, *of_grandalf: Any) -> None:
        self.number = number
        super().__init__(*of_grandalf)

    def __hash__(self) -> int:
        return self.number


class _View:
    """What grandalf asks of a vertex: its size, and a place for its middle."""

    def __init__(self, width: float, height: float) -> None:
        self.w, self.h = width, height
        self.xy = (0.0, 0.0)


class _Path:
    """What grandalf asks of an edge: a place for its way."""

    points: Sequence[Point] = ()

    def setpath(self, points: Sequence[Point]) -> None:
        self.points = points


@dataclass(frozen=True)
class _Port:
    """Where an edge leaves or meets a box: the ``place`` th of ``count`` on that side."""

    point: Point
    place: int
    count: int
    paired: bool
    """Whether the same two boxes have an edge the other way, which runs beside it."""

    def words_leftward(self, before: float) -> bool:
        """Whether words belong left of the edge, which comes from ``before``: where no line runs."""
        if self.paired:
            return self.point[0] > before
        if self.count > 1:
            return self.place < self.count / 2
        return self.point[0] < before


def _length(route: Sequence[Point]) -> float:
    return sum(hypot(x1 - x0, y1 - y0) for (x0, y0), (x1, y1) in pairwise(route))


def _ports(
    boxes: Mapping[str, Box], routes: Mapping[tuple[str, str], list[Point]]
) -> dict[tuple[tuple[str, str], int], _Port]:
    """Where each edge leaves (0) and meets (1) its boxes: side by side, in the order of their ways."""
    sides: dict[tuple[str, bool], list[Any]] = defaultdict(list)
    for key, route in routes.items():
        upward = route[0][1] > route[-1][1]
        to_the_left = (route[0][0] < route[-1][0]) == upward
        for end, (at, towards) in enumerate(((0, 1), (-1, -2))):
            below = route[towards][1] > route[at][1]
            sides[key[end], below].append((route[towards][0], upward == to_the_left, key, end))
    found = {}
    for (name, below), ends in sides.items():
        box, count = boxes[name], len(ends)
        y = box.y + (HEIGHT / 2 if below else -HEIGHT / 2)
        step = min((box.width - 2 * INSET) / max(count - 1, 1), WIDEST_PORT)
        for place, (*_, key, end) in enumerate(sorted(ends)):
            x = box.x + (place - (count - 1) / 2) * step
            found[key, end] = _Port((x, y), place, count, key[::-1] in routes)
    return found


def _framed(boxes: Sequence[Box], lines: Sequence[Line]) -> Picture:
    """Everything moved into the paper."""
    xs = [box.x + sign * box.width / 2 for box in boxes for sign in (-1, 1)]
    xs += [point[0] for line in lines for point in line.points]
    for line in lines:
        longest = WORD_LETTER * max(map(len, line.words), default=0)
        xs.append(line.place[0] + (-longest if line.leftward else longest))
    ys = [box.y + sign * HEIGHT / 2 for box in boxes for sign in (-1, 1)]
    dx, dy = MARGIN - min(xs), MARGIN - min(ys)

    def moved(point: Point) -> Point:
        return round(point[0] + dx, 1), round(point[1] + dy, 1)

    def box_moved(box: Box) -> Box:
        x, y = moved((box.x, box.y))
        return replace(box, x=x, y=y)

    return Picture(
        tuple(map(box_moved, boxes)),
        tuple(
            replace(line, points=tuple(map(moved, line.points)), place=moved(line.place))
            for line in lines
        ),
        round(max(xs) + dx + MARGIN, 1),
        round(max(ys) + dy + MARGIN, 1),
    )


def _text(name: str) -> str:
    return name.strip("_") if name.startswith("__") else name


def _width(name: str, graph: Graph) -> float:
    """Enough for its name, for its edges side by side, and for words between two of them."""
    edges = [edge for edge in graph.edges if name in (edge.source, edge.target)]
    left_for = {edge.target for edge in edges if edge.source == name}
    paired = [edge for edge in edges if edge.target == name and edge.source in left_for]
    words = [line for edge in paired for line in _broken(str(edge.data or ""))]
    between = WORD_LETTER * max(map(len, words), default=0) + 2 * WORD_GAP
    return round(max(len(_text(name)) * LETTER, len(edges) * PORT, between) + 2 * INSET, 1)


def _broken(words: str) -> list[str]:
    """Words in short lines."""
    lines: list[str] = []
    for word in words.split():
        if lines and len(lines[-1]) + len(word) < WIDEST_WORDS:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines
