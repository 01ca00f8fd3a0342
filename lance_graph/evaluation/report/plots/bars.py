"""Bars, grouped by series: upright for few short names, lying for many or long ones."""

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from lance_graph.evaluation.report.plots.sheet import Sheet, errors, finite, wrapped
from lance_graph.evaluation.report.plots.style import FONT_SIZE, INK, colour
from lance_graph.evaluation.report.points import points

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_UPRIGHT = 8
BAR = 13
GROUP_GAP = 13
FRAME = 78
GROUP_SHARE = 0.76
OPACITY = 0.86  # whiskers are seen inside the bars too


def draw(sheet: Sheet) -> None:
    """Draw a group of bars for each label, in the order in which labels first appear."""
    groups = {
        point.label or f"{point.x:g}": None
        for series in sheet.plot.series
        for point in points(series)
    }
    names = list(groups)
    room = sheet.width * 0.8 / max(1, len(names))
    upright = len(names) <= MOST_UPRIGHT and all(wide(name) <= room for name in names)
    if upright:
        _draw_upright(sheet, names)
    else:
        _draw_lying(sheet, names)


def draw_histogram(sheet: Sheet) -> None:
    """Draw counts per bin, upright; bins that touch where there is one series."""
    from matplotlib.ticker import MaxNLocator

    axes = sheet.axes(max(250, sheet.width * 0.58))
    several = len(sheet.plot.series) > 1
    handles = []
    for number, series in enumerate(sheet.plot.series):
        places = points(series)
        step = _step([point.x for point in places])
        width = step * (0.8 / len(sheet.plot.series) if several else 0.94)
        offset = (number - (len(sheet.plot.series) - 1) / 2) * width if several else 0.0
        bars = axes.bar(
            [point.x + offset for point in places],
            finite([point.y for point in places]),
            width,
            color=colour(number),
            alpha=OPACITY,
        )
        handles.append(bars)
        for bar, point in zip(bars, places, strict=True):
            sheet.hint(bar, series.name, point.label or f"{point.x:g}", sheet.words(point))
    axes.grid(visible=False, axis="x")
    if all(point.x % 1 == 0 for series in sheet.plot.series for point in points(series)):
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    sheet.legend(handles, [series.name for series in sheet.plot.series])


def wide(name: str) -> float:
    """Pixels that a name takes, about."""
    return len(name) * FONT_SIZE * 0.62


def _draw_upright(sheet: Sheet, names: list[str]) -> None:
    axes = sheet.axes(max(250, sheet.width * 0.58))
    _draw_groups(sheet, axes, names, upright=True)
    axes.set_xticks(range(len(names)), names)
    axes.grid(visible=False, axis="x")


def _draw_lying(sheet: Sheet, names: list[str]) -> None:
    lines = [wrapped(name, sheet.width * 0.36) for name in names]
    tallest = max((line.count("\n") + 1 for line in lines), default=1)
    group = max(len(sheet.plot.series) * BAR, tallest * FONT_SIZE * 1.2) + GROUP_GAP
    axes = sheet.axes(FRAME + len(names) * group)
    # The axis of values lies below, whatever it is called in a plot that may stand or lie.
    axes.set_xlabel(wrapped(sheet.plot.y_label, sheet.width * 0.6))
    axes.set_ylabel("")
    _draw_groups(sheet, axes, names, upright=False)
    axes.set_yticks(range(len(names)), lines)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.grid(visible=False, axis="y")


def _draw_groups(sheet: Sheet, axes: "Axes", names: list[str], *, upright: bool) -> None:
    series_count = max(1, len(sheet.plot.series))
    size = min(GROUP_SHARE / series_count, 0.5)
    handles = []
    for number, series in enumerate(sheet.plot.series):
        places = points(series)
        offset = (number - (series_count - 1) / 2) * size
        where = [names.index(point.label or f"{point.x:g}") + offset for point in places]
        heights = finite([point.y for point in places])
        whiskers = errors(places)
        style: dict[str, Any] = {
            "color": colour(number),
            "alpha": OPACITY,
            "ecolor": INK,
            "error_kw": {"elinewidth": 1.1},
        }
        if upright:
            bars = axes.bar(where, heights, size * 0.92, yerr=whiskers, **style)
        else:
            bars = axes.barh(where, heights, size * 0.92, xerr=whiskers, **style)
        handles.append(bars)
        for bar, point in zip(bars, places, strict=True):
            sheet.hint(bar, point.label or f"{point.x:g}", series.name, sheet.words(point))
    sheet.legend(handles, [series.name for series in sheet.plot.series])


def _step(middles: list[float]) -> float:
    ordered = sorted(set(middles))
    return min((b - a for a, b in pairwise(ordered)), default=1.0)
