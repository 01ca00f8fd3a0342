"""The renderings of a report, one a file: `to_terminal`, `to_markdown`, `to_csv`, `to_html`."""

from lance_graph.evaluation.report.html import to_html
from lance_graph.evaluation.report.markdown import to_markdown
from lance_graph.evaluation.report.sheets import to_csv
from lance_graph.evaluation.report.terminal import to_terminal

__all__ = ["to_csv", "to_html", "to_markdown", "to_terminal"]
