"""A report in a terminal: a table each, as wide as the window allows, plots as their figures."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

from lance_graph.cli.batch.listing import clean
from lance_graph.evaluation.report.figures import (
    Shown,
    figure_columns,
    notes,
    paragraphs,
    shown_rows,
)
from lance_graph.evaluation.report.model import Report, Table
from lance_graph.evaluation.report.points import as_table

# A column of text takes no more than this; where rows have two lines anyway it may be narrower.
TEXT, STACKED_TEXT = 30, 20
MOST_POINTS = 21
GAP = 2


def to_terminal(report: Report, console: Console, *, plots: bool = True) -> None:
    """Print the report. Too wide a table puts its intervals below the values, then is split.

    Of a plot with many points some are shown, evenly picked; CSV and HTML hold them all. Without
    ``plots`` only the tables are printed.
    """
    console.print(Text(clean(report.title), style="bold"))
    for paragraph in paragraphs(report.summary):
        console.print(Text(paragraph))
    for table in report.tables:
        _show(table, console)
    for plot in report.plots if plots else ():
        _show(_thinned(as_table(plot)), console)
    if report.facts:
        _show_facts(report.facts, console)


def _show(table: Table, console: Console) -> None:
    console.print()
    console.print(Text(clean(table.title), style="bold"))
    if not table.rows:
        console.print(Text("nothing was measured", style="dim"))
    else:
        for number, grid in enumerate(_grids(table, console.width)):
            console.print(*([""] if number else []), grid, sep="\n")
    for note in notes(table):
        console.print(Text(note, style="dim"))


def _grids(table: Table, width: int) -> list[Grid]:
    """The table in one piece if it fits with one line a row, or with two; else in several pieces."""
    columns = _columns(table)
    for stacked in (False, True):
        if _total(columns, stacked) <= width:
            return [_grid(columns, stacked)]
    return [_grid(piece, True) for piece in _pieces(columns, width)]


def _pieces(columns: Sequence["_Column"], width: int) -> list[list["_Column"]]:
    """As few pieces as fit, each with the first column, of nearly as many columns each."""
    name, *others = columns
    for count in range(2, len(others) + 1):
        ends = [round(len(others) * at / count) for at in range(count + 1)]
        pieces = [[name, *others[start:end]] for start, end in pairwise(ends)]
        if all(_total(piece, True) <= width for piece in pieces):
            return pieces
    return [[name, column] for column in others] or [[name]]


def _total(columns: Sequence["_Column"], stacked: bool) -> int:
    """Characters of a table: its columns, and a divider between any two of them."""
    return sum(column.width(stacked) for column in columns) - GAP + len(columns) - 1


@dataclass(frozen=True)
class _Column:
    heading: str
    cells: list[Shown]
    is_figure: bool

    def width(self, stacked: bool) -> int:
        """The least it needs: headings break between words, long text and names where they must."""
        lines = [line for cell in self.cells for line in _text(cell, stacked).plain.split("\n")]
        needed = max(map(cell_len, lines))
        if not self.is_figure:
            needed = min(needed, STACKED_TEXT if stacked else TEXT)
        return max([needed, *map(cell_len, self.heading.split())]) + GAP


def _columns(table: Table) -> list[_Column]:
    cells = zip(*shown_rows(table), strict=True)
    headings = map(clean, table.columns)
    parts = zip(headings, cells, figure_columns(table), strict=True)
    return [_Column(heading, list(column), is_figure) for heading, column, is_figure in parts]


def _grid(columns: Sequence[_Column], stacked: bool) -> Grid:
    grid = Grid(box=box.SIMPLE_HEAD, padding=(0, GAP, 0, 0), pad_edge=False, show_edge=False)
    for column in columns:
        grid.add_column(
            Text(column.heading),
            justify="right" if column.is_figure else "left",
            min_width=column.width(stacked) - GAP if column.is_figure else None,
            overflow="fold",
        )
    for row in zip(*(column.cells for column in columns), strict=True):
        grid.add_row(*(_text(cell, stacked) for cell in row))
    return grid


def _text(cell: Shown, stacked: bool) -> Text:
    missing = f"({cell.missing})" if cell.missing else ""
    gap = "\n" if stacked else " "
    text = Text(cell.value)
    for part in filter(None, (cell.interval, missing)):
        text.append(gap).append(part, style="dim")
    return text


def _thinned(table: Table) -> Table:
    count = len(table.rows)
    if count <= MOST_POINTS:
        return table
    picked = [round(at * (count - 1) / (MOST_POINTS - 1)) for at in range(MOST_POINTS)]
    note = f"{MOST_POINTS} of {count} points; CSV and HTML hold them all."
    rows = tuple(table.rows[at] for at in picked)
    return replace(table, rows=rows, notes=(*table.notes, note))


def _show_facts(facts: dict[str, str], console: Console) -> None:
    console.print()
    console.print(Text("How this was measured", style="bold"))
    grid = Grid.grid(padding=(0, GAP))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for name, value in facts.items():
        grid.add_row(Text(clean(name)), Text(clean(value)))
    console.print(grid)
