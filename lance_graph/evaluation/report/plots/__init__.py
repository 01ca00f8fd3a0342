"""Plots as inline SVG that follows its page's colours (needs the ``evaluate`` extra: matplotlib).

`drawing` picks `bars`, `lines` or `scatter` (with `labels` beside its points), each on a `sheet` in the
page's `style`; `inline` makes the SVG fit for the page.
"""

from lance_graph.evaluation.report.plots.drawing import draw

__all__ = ["draw"]
