"""A report as data: tables with estimates, and series for plots."""

from dataclasses import dataclass, field
from typing import Literal

from lance_graph.cli.batch.rows import Row


@dataclass(frozen=True)
class Estimate:
    """A figure with its uncertainty: ``low`` and ``high`` bound the confidence interval.

    ``value`` is NaN where nothing could be estimated; ``count`` is how many values it rests on,
    ``missing`` how many could not be had. ``unit`` says how it is shown: a share as per cent.
    """

    value: float
    low: float | None = None
    high: float | None = None
    count: int = 0
    missing: int = 0
    unit: Literal["number", "share", "seconds", "count"] = "number"


Cell = Estimate | str | None


@dataclass(frozen=True)
class Table:
    """``rows`` have as many cells as ``columns``; the first cell names the row."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Series:
    """A line, a set of points or bars; ``low`` and ``high`` are bounds of ``y``, point by point.

    ``labels`` names the points: categories of bars, methods in a scatter plot. ``x_low`` and
    ``x_high`` are bounds of ``x``. A histogram is given by bins (their middles or edges in ``x``,
    counts in ``y``), or by its values in ``x`` alone.
    """

    name: str
    x: tuple[float, ...] = ()
    y: tuple[float, ...] = ()
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()
    labels: tuple[str, ...] = ()
    x_low: tuple[float, ...] = ()
    x_high: tuple[float, ...] = ()


@dataclass(frozen=True)
class Plot:
    """What to draw; ``kind`` says how."""

    title: str
    kind: Literal["scatter", "line", "bars", "histogram"]
    x_label: str
    y_label: str
    series: tuple[Series, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Report:
    """What a suite found, and on what: ``facts`` are lines such as models, data, seeds, versions.

    ``rows`` are the answers themselves, for the HTML page alone.
    """

    title: str
    summary: str
    tables: tuple[Table, ...]
    plots: tuple[Plot, ...] = ()
    facts: dict[str, str] = field(default_factory=dict)
    rows: tuple[Row, ...] = ()
