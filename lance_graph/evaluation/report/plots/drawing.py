"""A plot on paper of a given width: matplotlib draws it, as SVG."""

import io
from collections.abc import Callable
from typing import TYPE_CHECKING

from lance_graph.cli.batch.listing import clean
from lance_graph.evaluation.report.model import Plot
from lance_graph.evaluation.report.plots import bars, lines, scatter
from lance_graph.evaluation.report.plots.inline import inline
from lance_graph.evaluation.report.plots.sheet import Sheet
from lance_graph.evaluation.report.plots.style import settings
from lance_graph.evaluation.report.points import counted

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_KINDS: dict[str, Callable[[Sheet], None]] = {
    "scatter": scatter.draw,
    "line": lines.draw,
    "bars": bars.draw,
    "histogram": bars.draw_histogram,
}


def draw(plot: Plot, width: int, prefix: str) -> str:
    """The plot as an ``<svg>`` element, ``width`` pixels wide, the same bytes each time.

    All its ids start with ``prefix``. Colours are CSS variables (``--ink``, ``--series-1``…) with
    those of light paper to fall back on. ImportError names the extra if matplotlib is missing;
    ValueError if the plot is of an unknown kind, or its series are of uneven lengths.
    """
    if plot.kind not in _KINDS:
        raise ValueError(f"no plot of kind {plot.kind!r}; there are {', '.join(_KINDS)}")
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError(
            "plots need matplotlib: pip install 'langgraph-lance[evaluate]' "
            "(the terminal, Markdown and CSV reports do without)"
        ) from error
    with settings():
        figure = Figure(layout="constrained")

        sheet = Sheet(counted(plot), figure, width)
        _KINDS[plot.kind](sheet)
        return inline(_svg(figure), prefix, sheet.hints, title=clean(plot.title))


def _svg(figure: "Figure") -> str:
    out = io.StringIO()
    figure.savefig(out, format="svg", metadata={"Date": None})
    return out.getvalue()
