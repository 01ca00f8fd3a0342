"""Plots as inline SVG that follows its page's colours (needs the ``evaluate`` extra: matplotlib)."""

from lance_graph.evaluation.report.plots.drawing import draw

__all__ = ["draw"]
