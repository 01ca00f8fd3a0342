"""Points with error bars both ways, and their names next to them."""

from math import isfinite
from typing import TYPE_CHECKING

from lance_graph.evaluation.report.figures import shown
from lance_graph.evaluation.report.model import Estimate
from lance_graph.evaluation.report.plots.labels import place
from lance_graph.evaluation.report.plots.sheet import Sheet, errors
from lance_graph.evaluation.report.plots.style import colour, marker
from lance_graph.evaluation.report.points import Point, point_name, points

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

MOST_NAMED = 40


def draw(sheet: Sheet) -> None:
    """Draw each series in its own colour and shape; points are named while there are few."""
    axes = sheet.axes(max(290, sheet.width * 0.72))
    axes.margins(0.12)
    handles, names, named = [], [], []
    single = all(len(series.y) <= 1 for series in sheet.plot.series)
    for number, series in enumerate(sheet.plot.series):
        places = [p for p in points(series) if isfinite(p.x) and isfinite(p.y)]
        # Points that carry their names need no colours to be told apart.
        look = 0 if single else number
        for point in places:
            artist = _point(axes, point, look)
            name = point_name(sheet.plot, series, point)
            x = shown(Estimate(point.x, point.x_low, point.x_high)).line
            labels = (sheet.plot.x_label, sheet.plot.y_label)
            sheet.hint(artist, name, f"{labels[0]} {x}", f"{labels[1]} {sheet.words(point)}")
            named.append((point, point.label or (series.name if single else "")))
        handles += axes.plot([], [], marker(look), color=colour(look))
        names.append(series.name)
    if not single:
        sheet.legend(handles, names)
    if len(named) <= MOST_NAMED:
        place(sheet, axes, [(point, name) for point, name in named if name])


def _point(axes: "Axes", point: Point, number: int) -> "Artist":
    """Draw a point over its error bars, which are pale: a point is where it is sure."""
    axes.errorbar(
        point.x,
        point.y,
        xerr=errors([point], "x"),
        yerr=errors([point]),
        fmt="none",
        ecolor=colour(number),
        elinewidth=1.2,
        alpha=0.55,
    )
    (dot,) = axes.plot(point.x, point.y, marker(number), color=colour(number))
    return dot
