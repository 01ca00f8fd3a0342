"""How a figure is written for people: the same words in the terminal, in Markdown and in HTML."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import floor, isfinite, isinf, isnan, log10

from lance_graph.cli.batch.listing import clean
from lance_graph.evaluation.report.model import Cell, Estimate, Table

DASH = "–"


@dataclass(frozen=True)
class Style:
    """How figures are written: multiplied, rounded, with a unit."""

    factor: float
    decimals: int
    suffix: str = ""


@dataclass(frozen=True)
class Shown:
    """A cell in words: ``interval`` and ``missing`` are empty where there is nothing to say."""

    value: str
    interval: str = ""
    missing: str = ""

    @property
    def line(self) -> str:
        """Everything on one line, such as ``8.41 [8.20, 8.61] (3 missing)``."""
        missing = f"({self.missing})" if self.missing else ""
        return " ".join(part for part in (self.value, self.interval, missing) if part)


def shown(cell: Cell) -> Shown:
    """What a person reads in a cell; a dash where there is no figure, never a zero."""
    return _shown(cell, _styles([cell]))


def shown_rows(table: Table) -> list[list[Shown]]:
    """The cells of a table in words; a column's figures have as many decimals each.

    ValueError if a row has more or fewer cells than there are columns.
    """
    styles = [_styles(column) for column in _by_column(table)]
    return [
        [_shown(cell, style) for cell, style in zip(row, styles, strict=True)] for row in table.rows
    ]


def figure_columns(table: Table) -> list[bool]:
    """For each column, whether it holds figures."""
    return [any(isinstance(cell, Estimate) for cell in column) for column in _by_column(table)]


def about(table: Table) -> str:
    """What brackets mean in the table, and how many values its figures rest on."""
    estimates = [cell for row in table.rows for cell in row if isinstance(cell, Estimate)]
    words = []
    if any(shown(cell).interval for cell in estimates):
        words.append("Brackets hold confidence intervals.")
    counts = sorted({cell.count for cell in estimates if cell.count})
    if len(counts) == 1:
        words.append(f"n = {counts[0]:,}.")
    elif counts:
        words.append(f"n = {counts[0]:,} to {counts[-1]:,}.")
    return " ".join(words)


def notes(table: Table) -> tuple[str, ...]:
    """The table's own notes, after what is to be known of its figures."""
    first = about(table)
    return (*([first] if first else []), *(clean(note) for note in table.notes))


def paragraphs(text: str) -> list[str]:
    """The paragraphs of plain text, each on one line."""
    blocks = re.split(r"\n\s*\n", clean(text))
    return [" ".join(block.split()) for block in blocks if block.strip()]


def _by_column(table: Table) -> list[list[Cell]]:
    for row in table.rows:
        if len(row) != len(table.columns):
            raise ValueError(
                f"table {table.title!r} has {len(table.columns)} columns, "
                f"but its row {row[:1]} has {len(row)} cells"
            )
    return [[row[at] for row in table.rows] for at in range(len(table.columns))]


def _shown(cell: Cell, styles: Mapping[str, Style]) -> Shown:
    if cell is None:
        return Shown(DASH)
    if isinstance(cell, str):
        return Shown(clean(cell) or DASH)
    missing = f"{cell.missing:,} missing" if cell.missing else ""
    if isnan(cell.value):
        return Shown(DASH, missing=missing)
    style = styles[cell.unit]
    interval = ""
    if _is_bound(cell.low) or _is_bound(cell.high):
        interval = f"[{_digits(cell.low, style)}, {_digits(cell.high, style)}]"
    return Shown(_digits(cell.value, style) + style.suffix, interval, missing)


def _is_bound(bound: float | None) -> bool:
    return bound is not None and not isnan(bound)


def _digits(value: float | None, style: Style) -> str:
    if value is None or isnan(value):
        return DASH
    if isinf(value):
        return "∞" if value > 0 else "-∞"
    digits = f"{value * style.factor:,.{style.decimals}f}"
    # What rounds to nothing has no sign.
    return digits if re.search("[1-9]", digits) else digits.lstrip("-")


def _styles(cells: Sequence[Cell]) -> dict[str, Style]:
    """How figures of each unit are written where these stand together."""
    estimates = [cell for cell in cells if isinstance(cell, Estimate)]
    units = {estimate.unit for estimate in estimates}
    return {unit: _style(unit, [e for e in estimates if e.unit == unit]) for unit in units}


def _style(unit: str, estimates: Sequence[Estimate]) -> Style:
    if unit == "share":
        return Style(100, 1, "%")
    values = _sizes(estimate.value for estimate in estimates)
    if unit == "seconds":
        return _of_seconds(values)
    bounds = _sizes(bound for estimate in estimates for bound in (estimate.low, estimate.high))
    largest = max([*values, *bounds], default=0.0)
    if largest >= 1000 or (unit == "count" and all(map(_is_whole, estimates))):
        return Style(1, 0)
    if 0 < largest < 0.01:
        return Style(1, min(6, _first_decimal(largest) + 1))
    return Style(1, 2 if largest >= 1 else 3)


def _of_seconds(sizes: Sequence[float]) -> Style:
    if max(sizes, default=0.0) < 0.1:
        return Style(1000, 1, " ms")
    smallest = min(size for size in sizes if size > 0)
    return Style(1, min(4, max(2, _first_decimal(smallest) + 1)), " s")


def _sizes(figures: Iterable[float | None]) -> list[float]:
    return [abs(figure) for figure in figures if figure is not None and isfinite(figure)]


def _first_decimal(size: float) -> int:
    """Place of the first decimal that is not zero: 3 for 0.0042."""
    return -floor(log10(size))


def _is_whole(estimate: Estimate) -> bool:
    """Whether it is a count itself, and no mean of counts."""
    figures = (estimate.value, estimate.low, estimate.high)
    return all(figure is None or not figure % 1 > 0 for figure in figures)
