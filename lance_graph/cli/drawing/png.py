"""The picture as PNG, drawn by matplotlib: it brings its own fonts, so that no machine leaves words out."""

from io import BytesIO
from typing import Any

from lance_graph.cli.drawing.colours import COLOURS, KINDS, Scheme
from lance_graph.cli.drawing.layout import HEIGHT, LINE, Box, Line, Picture, curves
from lance_graph.cli.drawing.svg import TITLE, described

SCALE = 2
"""Pixels of the file for one of the picture."""
POINT = 0.72
"""Points in a pixel, at 100 of them to the inch."""


def to_png(picture: Picture, scheme: Scheme = "light") -> bytes:
    """A PNG file; ImportError where matplotlib is missing."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    colours = COLOURS[scheme]
    size = (picture.width / 100, picture.height / 100)
    figure = Figure(figsize=size, dpi=100 * SCALE, facecolor=colours["paper"])
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, picture.width), ylim=(picture.height, 0))
    axes.axis("off")
    for line in picture.lines:
        _draw_line(axes, line, colours)
    for line in picture.lines:
        _draw_words(axes, line, colours)
    for box in picture.boxes:
        _draw_box(axes, box, colours)
    out = BytesIO()
    figure.savefig(out, format="png", metadata={"Title": TITLE, "Description": described(picture)})
    return out.getvalue()


def _draw_line(axes: Any, line: Line, colours: dict[str, str]) -> None:
    from matplotlib.patches import FancyArrowPatch
    from matplotlib.path import Path

    points = [line.points[0], *(point for curve in curves(line.points) for point in curve)]
    codes = [Path.MOVETO, *[Path.CURVE4] * (len(points) - 1)]
    way = FancyArrowPatch(
        path=Path(points, codes), arrowstyle="-", shrinkA=0, shrinkB=0, fill=False,
        linewidth=1.4 * POINT, color=colours["line"],
        linestyle=(0, (5, 4)) if line.conditional else "solid",
    )  # fmt: skip
    axes.add_patch(way)
    (x, y), down = points[-1], points[-1][1] > points[-2][1]
    back = -9 if down else 9
    axes.fill([x, x - 5, x + 5], [y, y + back, y + back], color=colours["line"], linewidth=0)


def _draw_words(axes: Any, line: Line, colours: dict[str, str]) -> None:
    from matplotlib.patheffects import withStroke

    (x, y), count = line.place, len(line.words)
    halo = [withStroke(linewidth=4 * POINT, foreground=colours["paper"])]
    for at, words in enumerate(line.words):
        axes.text(
            x, y - LINE * (count - 1 - at), words, fontsize=12 * POINT, color=colours["muted"],
            ha="right" if line.leftward else "left", va="baseline", family="DejaVu Sans",
            path_effects=halo, parse_math=False,
        )  # fmt: skip


def _draw_box(axes: Any, box: Box, colours: dict[str, str]) -> None:
    from matplotlib.patches import FancyBboxPatch

    corner = HEIGHT / 2 if box.is_end else 7
    axes.add_patch(
        FancyBboxPatch(
            (box.x - box.width / 2, box.y - HEIGHT / 2), box.width, HEIGHT,
            boxstyle=f"round,pad=0,rounding_size={corner}", linewidth=1.2 * POINT,
            facecolor=colours[KINDS.get(box.name, "plain")], edgecolor=colours["edge"], zorder=3,
        )
    )  # fmt: skip
    axes.text(
        box.x, box.y, box.text, fontsize=13 * POINT, color=colours["ink"], ha="center",
        va="center", family="DejaVu Sans Mono", zorder=4, parse_math=False,
    )  # fmt: skip
