"""A report as one HTML page that needs nothing else: no network, no other file.

A report with rows has the table of `lance-graph report`, and its script; any other page has none.
"""

from importlib.resources import files
from math import isfinite
from typing import TYPE_CHECKING, Any

from lance_graph.cli.batch import listing
from lance_graph.cli.batch.listing import clean
from lance_graph.evaluation.report.figures import (
    Shown,
    figure_columns,
    notes,
    paragraphs,
    shown_rows,
)
from lance_graph.evaluation.report.model import Cell, Estimate, Plot, Report, Table
from lance_graph.evaluation.report.plots import draw
from lance_graph.evaluation.report.plots.style import DARK_SERIES, SERIES
from lance_graph.evaluation.report.points import as_table, counted, points

if TYPE_CHECKING:
    from markupsafe import Markup

# Paper for a column of a wide page, and for a phone held upright.
WIDE, NARROW = 540, 340


def to_html(report: Report) -> str:
    """The report as a page, in the light or the dark as the reader's system is.

    All text is escaped. ImportError names the extra ``evaluate`` if the package that is needed for
    plots (matplotlib, for a report with plots) or for the page (jinja2) is missing.
    """
    try:
        environment = listing.environment()
    except ImportError as error:
        raise ImportError(
            "the HTML report needs jinja2: pip install 'langgraph-lance[evaluate]'"
        ) from error
    environment.filters["clean"] = clean
    template = environment.from_string(_resource("page.html.jinja"))
    page = template.render(
        report=report,
        summary=paragraphs(report.summary),
        style=_markup(_style(with_rows=bool(report.rows))),
        policy=listing.policy(with_script=bool(report.rows)),
        script=_markup(listing.script()) if report.rows else "",
        list=listing.listing(report.rows),
        tables=[_table(table, f"table-{at}") for at, table in enumerate(report.tables, 1)],
        plots=[_plot(plot, f"plot-{at}") for at, plot in enumerate(report.plots, 1)],
    )
    return clean(page) + "\n"


def _table(table: Table, anchor: str) -> dict[str, Any]:
    return {
        "anchor": anchor,
        "title": clean(table.title),
        "columns": list(zip(map(clean, table.columns), figure_columns(table), strict=True)),
        "rows": [
            [_cell(cell, words) for cell, words in zip(row, line, strict=True)]
            for row, line in zip(table.rows, shown_rows(table), strict=True)
        ],
        "notes": notes(table),
    }


def _cell(cell: Cell, words: Shown) -> dict[str, str]:
    if not isinstance(cell, Estimate):
        return {"value": words.value, "interval": "", "missing": "", "hint": ""}
    return {
        "value": _minus(words.value),
        "interval": _minus(words.interval),
        "missing": words.missing,
        "hint": f"n = {cell.count:,}" if cell.count else "",
    }


def _plot(plot: Plot, anchor: str) -> dict[str, Any]:
    data = as_table(plot)
    drawings = {
        size: _markup(draw(plot, width, f"{anchor}-{size}-"))
        for size, width in (("wide", WIDE), ("narrow", NARROW))
        if _is_measured(plot)
    }
    return {
        "anchor": anchor,
        "title": clean(plot.title),
        "drawings": drawings,
        "notes": [clean(note) for note in plot.notes],
        "data": _table(data, f"{anchor}-data"),
    }


def _is_measured(plot: Plot) -> bool:
    """Whether there is a point to draw; points without a figure are only listed."""
    places = [point for series in counted(plot).series for point in points(series)]
    return any(isfinite(point.x) and isfinite(point.y) for point in places)


def _style(with_rows: bool = False) -> str:
    light, dark = (
        "".join(f"--series-{number}:{colour};" for number, colour in enumerate(colours, 1))
        for colours in (SERIES, DARK_SERIES)
    )
    style = listing.style("page.css", *(["rows.css"] if with_rows else []))
    return style.replace("/*light series*/", light).replace("/*dark series*/", dark)


def _minus(text: str) -> str:
    return text.replace("-", "\N{MINUS SIGN}")


def _markup(text: str) -> "Markup":
    from markupsafe import Markup

    return Markup(text)


def _resource(name: str) -> str:
    return files("lance_graph.evaluation.report").joinpath(name).read_text(encoding="utf-8")
