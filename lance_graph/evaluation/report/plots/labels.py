"""Names next to points, where they hide least: the best of sixteen places each, one after another."""

from collections.abc import Sequence
from math import isfinite
from typing import TYPE_CHECKING

from lance_graph.evaluation.report.plots.sheet import LABEL, Sheet, wrapped
from lance_graph.evaluation.report.plots.style import FONT_SIZE, INK
from lance_graph.evaluation.report.points import Point

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.text import Annotation
    from matplotlib.transforms import Bbox

# Direction of the name from its point, best first; the text is aligned to end or start there.
_DIRECTIONS = ((1, 1), (1, -1), (-1, 1), (-1, -1), (0, 1), (0, -1), (1, 0), (-1, 0))
_NEAR, _FAR = 6, 16
_ALIGN_X = {1: "left", 0: "center", -1: "right"}
_ALIGN_Y = {1: "bottom", 0: "center", -1: "top"}
_WHISKER_WEIGHT = 0.5
_OUTSIDE_WEIGHT = 3.0
_FAR_COST = 12.0
_DOT = 5.0


def place(sheet: Sheet, axes: "Axes", named: Sequence[tuple[Point, str]]) -> None:
    """Write each name where it covers least of points, error bars and the names before it."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.transforms import Bbox

    FigureCanvasAgg(sheet.figure)
    sheet.figure.draw_without_rendering()
    dots, whiskers = [], []
    for point, _ in named:
        x, y = axes.transData.transform((point.x, point.y))
        dots.append(Bbox.from_extents(x - _DOT, y - _DOT, x + _DOT, y + _DOT))
        whiskers += [_box(axes, point, "x"), _box(axes, point, "y")]
    written: list[Bbox] = []
    for number, (point, name) in enumerate(named):
        label = axes.annotate(
            wrapped(name, sheet.width * 0.4),
            (point.x, point.y),
            textcoords="offset points",
            xytext=(0, 0),
            fontsize=FONT_SIZE,
            color=INK,
            gid=f"{LABEL}{number}",
        )
        # A name beyond the axes must not make the layout shrink them: places were measured.
        label.set_in_layout(False)
        costs = []
        for distance in (_NEAR, _FAR):
            for rank, direction in enumerate(_DIRECTIONS):
                box = _moved(label, direction, distance)
                cost = rank * 0.5 + (_FAR_COST if distance == _FAR else 0)
                cost += sum(_shared(box, other) for other in (*dots, *written))
                cost += _WHISKER_WEIGHT * sum(_shared(box, other) for other in whiskers)
                cost += _OUTSIDE_WEIGHT * (_area(box) - _shared(box, axes.bbox))
                costs.append((cost, distance, direction))
        _, distance, direction = min(costs, key=lambda entry: entry[0])
        written.append(_moved(label, direction, distance))


def _moved(label: "Annotation", direction: tuple[int, int], distance: float) -> "Bbox":
    across, up = direction
    reach = distance if 0 in direction else distance * 0.7
    label.set(
        position=(across * reach, up * reach),
        horizontalalignment=_ALIGN_X[across],
        verticalalignment=_ALIGN_Y[up],
    )
    return label.get_window_extent()


def _box(axes: "Axes", point: Point, axis: str) -> "Bbox":
    """The strip that an error bar takes; nothing where a bound is not known."""
    from matplotlib.transforms import Bbox

    low, high = (point.x_low, point.x_high) if axis == "x" else (point.low, point.high)
    middle = point.x if axis == "x" else point.y
    ends = [end if end is not None and isfinite(end) else middle for end in (low, high)]
    places = [(end, point.y) if axis == "x" else (point.x, end) for end in ends]
    (x0, y0), (x1, y1) = axes.transData.transform(places)
    return Bbox.from_extents(x0 - 2, y0 - 2, x1 + 2, y1 + 2)


def _shared(box: "Bbox", other: "Bbox") -> float:
    across = min(box.x1, other.x1) - max(box.x0, other.x0)
    up = min(box.y1, other.y1) - max(box.y0, other.y0)
    return max(0.0, float(across)) * max(0.0, float(up))


def _area(box: "Bbox") -> float:
    return float(box.width * box.height)
