"""A report as Markdown: GitHub's tables, and the plots' figures folded away below them."""

import re
from collections.abc import Iterable

from lance_graph.evaluation.report.figures import figure_columns, notes, paragraphs, shown_rows
from lance_graph.evaluation.report.model import Report, Table
from lance_graph.evaluation.report.points import as_table

_SPECIAL = re.compile(r"([\\`*_\[\]|~$#])")
# What would start a list, a quotation or a rule at the beginning of a line.
_OPENING = re.compile(r"^(\d*)([-+=]|(?<=\d)[.)])(?=\s|$)")


def to_markdown(report: Report) -> str:
    """The report as one Markdown document; all text of models and data is shown as it is."""
    blocks = [f"# {_line(report.title)}", *map(_block, paragraphs(report.summary))]
    for table in report.tables:
        blocks += [f"## {_line(table.title)}", *_table(table)]
    if report.plots:
        blocks.append("## Figures of the plots")
    for plot in report.plots:
        summary = f"<details><summary>{_line(plot.title)}</summary>"
        blocks += [summary, *_table(as_table(plot)), "</details>"]
    if report.facts:
        blocks.append("## How this was measured")
        blocks.append(_lines(f"- **{_line(k)}:** {_line(v)}" for k, v in report.facts.items()))
    return "\n\n".join(blocks) + "\n"


def _table(table: Table) -> list[str]:
    if not table.rows:
        return ["Nothing was measured.", *_notes(table)]
    lines = [
        _row(map(_line, table.columns)),
        _row("---:" if is_figure else "---" for is_figure in figure_columns(table)),
        *(_row(_line(cell.line) for cell in row) for row in shown_rows(table)),
    ]
    return [_lines(lines), *_notes(table)]


def _notes(table: Table) -> list[str]:
    lines = notes(table)
    return [_lines(f"- {_block(line)}" for line in lines)] if lines else []


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _lines(lines: Iterable[str]) -> str:
    return "\n".join(lines)


def _line(text: str) -> str:
    """Plain text on one line, with everything escaped that Markdown or HTML would act on."""
    text = " ".join(" ".join(paragraphs(text)).split())
    text = _SPECIAL.sub(r"\\\1", text.replace("&", "&amp;"))
    text = text.replace("<", "&lt;").replace(">", "&gt;")
    return text


def _block(text: str) -> str:
    """The same at the beginning of a line."""
    return _OPENING.sub(r"\1\\\2", _line(text))
