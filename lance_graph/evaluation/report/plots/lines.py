"""Lines, each with a band between its bounds; few points are marked."""

from math import nan

from lance_graph.evaluation.report.plots.sheet import Sheet, finite
from lance_graph.evaluation.report.plots.style import colour, dashes, marker
from lance_graph.evaluation.report.points import Point, points

MOST_MARKED = 25


def draw(sheet: Sheet) -> None:
    """Draw a line per series, in the order of its points; a gap where y is NaN."""
    axes = sheet.axes(max(260, sheet.width * 0.6))
    handles = []
    for number, series in enumerate(sheet.plot.series):
        places = points(series)
        x, y = finite([point.x for point in places]), finite([point.y for point in places])
        (line,) = axes.plot(x, y, dashes(number), color=colour(number))
        handles.append(line)
        sheet.hint(line, series.name or sheet.plot.y_label)
        if any(point.low is not None for point in places):
            low, high = _bounds(places)
            axes.fill_between(x, low, high, color=colour(number), alpha=0.16, linewidth=0)
        if len(places) <= MOST_MARKED:
            for point in places:
                (dot,) = axes.plot(*finite([point.x]), *finite([point.y]), marker(number))
                dot.set(color=colour(number), markersize=5)
                sheet.hint(
                    dot, series.name, f"{sheet.plot.x_label} {point.x:g}", sheet.words(point)
                )
    sheet.legend(handles, [series.name for series in sheet.plot.series])


def _bounds(places: list[Point]) -> tuple[list[float], list[float]]:
    return (
        finite([nan if point.low is None else point.low for point in places]),
        finite([nan if point.high is None else point.high for point in places]),
    )
