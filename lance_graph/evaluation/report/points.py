"""The points of a plot's series, checked, and the same points as a table."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import isnan
from typing import Literal, TypeVar

from lance_graph.evaluation.report.model import Cell, Estimate, Plot, Series, Table

MOST_BINS = 30

T = TypeVar("T")


@dataclass(frozen=True)
class Point:
    """One point of a series; bounds that were not given are None."""

    label: str
    x: float
    y: float
    low: float | None
    high: float | None
    x_low: float | None
    x_high: float | None


def points(series: Series) -> list[Point]:
    """The points of a series; ``x`` counts from 0 where it is not given.

    ValueError if its tuples are of different lengths.
    """
    count = len(series.y)
    for name in ("x", "low", "high", "labels", "x_low", "x_high"):
        given = len(getattr(series, name))
        if given not in {0, count}:
            raise ValueError(
                f"series {series.name!r} has {count} values of y but {given} of {name}: "
                "give as many, or none"
            )
    return [
        Point(
            label=_at(series.labels, index, ""),
            x=_at(series.x, index, float(index)),
            y=series.y[index],
            low=_at(series.low, index, None),
            high=_at(series.high, index, None),
            x_low=_at(series.x_low, index, None),
            x_high=_at(series.x_high, index, None),
        )
        for index in range(count)
    ]


def counted(plot: Plot) -> Plot:
    """The plot, a histogram with bins in its series: values in ``x`` without ``y`` are counted.

    Bins are shared by all series; whole numbers of a small range get a bin each. A series with one
    more ``x`` than ``y`` gives the edges of its bins.
    """
    if plot.kind != "histogram":
        return plot
    raw = [value for series in plot.series if not series.y for value in series.x]
    values = [value for value in raw if not isnan(value)]
    edges = _edges(values) if values else []
    return replace(plot, series=tuple(_binned(series, edges) for series in plot.series))


def as_table(plot: Plot) -> Table:
    """The plot's figures: a row per label or x, a column per series; a scatter's points one by one."""
    plot = counted(plot)
    if plot.kind == "scatter":
        return _scatter_table(plot)
    unit = y_unit(plot)
    rows: dict[tuple[str, int], dict[int, Cell]] = {}
    for column, series in enumerate(plot.series):
        seen: Counter[str] = Counter()
        for point in points(series):
            key = point.label or f"{point.x:g}"
            # A curve may go straight up: the same x twice is two rows.
            cells = rows.setdefault((key, seen[key]), {})
            cells[column] = Estimate(point.y, point.low, point.high, unit=unit)
            seen[key] += 1
    keys = list(rows) if _is_labelled(plot) else sorted(rows, key=_by_x)
    names = [series.name or plot.y_label for series in plot.series]
    return Table(
        title=plot.title,
        columns=(plot.x_label, *([plot.y_label] if len(names) == 1 else names)),
        rows=tuple((key[0], *(rows[key].get(at) for at in range(len(names)))) for key in keys),
        notes=plot.notes if len(names) == 1 else (f"Figures: {plot.y_label}.", *plot.notes),
    )


def y_unit(plot: Plot) -> Literal["count", "number"]:
    """How values of ``y`` are written: a plot of whole numbers counts something."""
    values = [y for series in plot.series for y in series.y if not isnan(y)]
    return "count" if all(y % 1 == 0 for y in values) else "number"


def point_name(plot: Plot, series: Series, point: Point) -> str:
    """What to write next to a point of a scatter plot."""
    if not point.label or point.label == series.name or len(plot.series) == 1:
        return point.label or series.name
    return f"{series.name}: {point.label}" if series.name else point.label


def _scatter_table(plot: Plot) -> Table:
    rows = [
        (
            point_name(plot, series, point),
            Estimate(point.x, point.x_low, point.x_high),
            Estimate(point.y, point.low, point.high, unit=y_unit(plot)),
        )
        for series in plot.series
        for point in points(series)
    ]
    return Table(plot.title, ("", plot.x_label, plot.y_label), tuple(rows), plot.notes)


def _by_x(key: tuple[str, int]) -> tuple[float, int]:
    return float(key[0]), key[1]


def _is_labelled(plot: Plot) -> bool:
    return any(series.labels for series in plot.series)


def _binned(series: Series, edges: Sequence[float]) -> Series:
    if series.y and len(series.x) == len(series.y) + 1:
        return _of_bins(series, series.x, series.y)
    if series.y:
        return series
    from numpy import histogram

    values = [value for value in series.x if not isnan(value)]
    counts = histogram(values, bins=list(edges))[0].tolist() if edges else []
    return _of_bins(series, edges, [float(count) for count in counts])


def _of_bins(series: Series, edges: Sequence[float], counts: Sequence[float]) -> Series:
    """Bins around whole numbers are called by them, others by both edges."""
    spans = list(pairwise(edges))
    whole = all(high - low == 1 and low % 1 == 0.5 for low, high in spans)
    return replace(
        series,
        x=tuple((low + high) / 2 for low, high in spans),
        y=tuple(counts),
        labels=tuple(
            f"{(low + high) / 2:g}" if whole else f"{low:.3g} to {high:.3g}" for low, high in spans
        ),
    )


def _edges(values: Sequence[float]) -> list[float]:
    from numpy import histogram_bin_edges

    low, high = min(values), max(values)
    if high - low < MOST_BINS and all(value == int(value) for value in values):
        return [low - 0.5 + step for step in range(int(high - low) + 2)]
    edges = histogram_bin_edges(values, "auto")
    if len(edges) > MOST_BINS + 1:
        edges = histogram_bin_edges(values, MOST_BINS)
    return [float(edge) for edge in edges]


def _at(values: Sequence[T], index: int, otherwise: T) -> T:
    return values[index] if values else otherwise
