"""The paper a plot is drawn on: its axes, its legend, and what is said of a point under the mouse."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import isfinite, nan
from textwrap import fill
from typing import TYPE_CHECKING, Any

from lance_graph.cli.batch.listing import clean
from lance_graph.evaluation.report.figures import shown
from lance_graph.evaluation.report.model import Estimate, Plot
from lance_graph.evaluation.report.plots.style import FONT_SIZE
from lance_graph.evaluation.report.points import Point, y_unit

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

HINT = "hint-"
LABEL = "label-"
LETTER = 0.62 * FONT_SIZE


@dataclass
class Sheet:
    """One plot, its matplotlib figure, ``width`` in pixels, and hints by the id of what they tell."""

    plot: Plot
    figure: "Figure"
    width: int
    hints: dict[str, str] = field(default_factory=dict)

    def axes(self, height: float) -> "Axes":
        """Axes on paper of that height, with the plot's labels."""
        self.figure.set_size_inches(self.width / 72, height / 72)
        axes = self.figure.add_subplot()
        axes.set_xlabel(wrapped(self.plot.x_label, self.width * 0.8))
        axes.set_ylabel(wrapped(self.plot.y_label, height * 0.8))
        return axes

    def hint(self, artist: "Artist", *parts: str) -> None:
        """Say this when the mouse rests on the artist."""
        name = f"{HINT}{len(self.hints)}"
        artist.set_gid(name)
        self.hints[name] = clean(", ".join(part for part in parts if part))

    def words(self, point: Point) -> str:
        """A point's y as the tables write it."""
        return shown(Estimate(point.y, point.low, point.high, unit=y_unit(self.plot))).line

    def legend(self, handles: Sequence[Any], names: Sequence[str]) -> None:
        """Name the series above the plot, if there are several."""
        if len(names) < 2:
            return
        texts = [wrapped(name, self.width * 0.8) for name in names]
        widest = max(len(line) for text in texts for line in text.split("\n"))
        columns = max(1, int(self.width / ((widest + 5) * LETTER)))
        self.figure.legend(handles, texts, loc="outside upper left", ncols=min(columns, len(names)))


def wrapped(text: str, pixels: float) -> str:
    """``text`` on as many lines as fit into so many pixels."""
    # matplotlib hides what starts with an underscore from legends.
    text = f" {text}" if text.startswith("_") else text
    return fill(clean(text), max(8, int(pixels / LETTER)), drop_whitespace=not text[:1].isspace())


def finite(values: Sequence[float]) -> list[float]:
    """``values`` with NaN for what has no place on paper."""
    return [value if isfinite(value) else nan for value in values]


def errors(places: Sequence[Point], axis: str = "y") -> list[list[float]] | None:
    """Lengths of the error bars down and up; None if no point has bounds."""
    bounds = [_bounds(point, axis) for point in places]
    if all(low is None and high is None for _, low, high in bounds):
        return None
    return [
        [_length(value, low) for value, low, _ in bounds],
        [_length(high, value) for value, _, high in bounds],
    ]


def _bounds(point: Point, axis: str) -> tuple[float, float | None, float | None]:
    if axis == "x":
        return point.x, point.x_low, point.x_high
    return point.y, point.low, point.high


def _length(high: float | None, low: float | None) -> float:
    if high is None or low is None or not isfinite(high - low):
        return 0.0
    return max(0.0, high - low)
