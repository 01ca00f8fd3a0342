"""A report as CSV: one file per table, and one per plot with the figures it draws."""

import csv
import io
import re
from math import isnan

from lance_graph.cli.batch.listing import clean
from lance_graph.evaluation.report.figures import figure_columns
from lance_graph.evaluation.report.model import Cell, Estimate, Report, Table
from lance_graph.evaluation.report.points import as_table

PARTS = ("low", "high", "count", "missing")
# What a spreadsheet takes for a formula (OWASP, "CSV Injection").
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def to_csv(report: Report) -> dict[str, str]:
    """File name -> text: ``table-1-….csv`` for each table, ``plot-1-….csv`` for each plot.

    A column of estimates becomes five: its value, ``low``, ``high``, ``count``, ``missing``, as
    plain numbers in full precision (shares between 0 and 1, times in seconds). Empty is undefined.
    Text that a spreadsheet would run as a formula is led by an apostrophe.
    """
    tables = [("table", number, table) for number, table in enumerate(report.tables, 1)]
    plots = [("plot", number, as_table(plot)) for number, plot in enumerate(report.plots, 1)]
    return {
        f"{kind}-{number}{_slug(table.title)}.csv": _sheet(table)
        for kind, number, table in [*tables, *plots]
    }


def _sheet(table: Table) -> str:
    wide = figure_columns(table)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    header = []
    for name, is_wide in zip(table.columns, wide, strict=True):
        header += [_text(name), *(_text(f"{name} {part}".strip()) for part in PARTS if is_wide)]
    writer.writerow(header)
    for row in table.rows:
        writer.writerow(
            [
                text
                for cell, is_wide in zip(row, wide, strict=True)
                for text in (_five(cell) if is_wide else [_text(cell)])
            ]
        )
    return out.getvalue()


def _five(cell: Cell) -> list[str]:
    if isinstance(cell, Estimate):
        bounds = [_number(cell.low), _number(cell.high)]
        return [_number(cell.value), *bounds, str(cell.count), str(cell.missing)]
    return [_text(cell), "", "", "", ""]


def _number(value: float | None) -> str:
    return "" if value is None or isnan(value) else repr(float(value))


def _text(cell: Cell) -> str:
    text = clean(cell) if isinstance(cell, str) else ""
    if text.lstrip(" ").startswith(FORMULA_STARTS) and not re.fullmatch(r"[+-]?[\d.]+%?", text):
        return f"'{text}"
    return text


def _slug(title: str) -> str:
    words = re.findall("[a-z0-9]+", title.lower())
    return "".join(f"-{word}" for word in words)[:60]
