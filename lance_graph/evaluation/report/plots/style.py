"""Colours and settings of plots. Colours of the light page are drawn, then become CSS variables."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

INK = "#1b2430"
MUTED = "#5b6675"
GRID = "#e3e7ed"
PANEL = "#fefefe"
# After Okabe and Ito: told apart by colour-blind people too, and dark enough for white paper.
SERIES = ("#0069a8", "#c75000", "#00805d", "#a3457f", "#8a22d6", "#6b2a10")
# The same on dark paper.
DARK_SERIES = ("#56b4e9", "#f29b4b", "#3cc9a0", "#e28fc2", "#8a63f2", "#f0e95a")
MARKERS = ("o", "s", "D", "^", "v", "P", "X")
DASHES = ("-", "--", "-.", ":")
FONT_SIZE = 12

VARIABLES = {
    INK: "ink",
    MUTED: "muted",
    GRID: "grid",
    PANEL: "panel",
    **{colour: f"series-{number}" for number, colour in enumerate(SERIES, 1)},
}

_SETTINGS: dict[Any, Any] = {
    "svg.fonttype": "none",  # text stays text: small, searchable, in the page's own font
    "svg.hashsalt": "lance-graph",
    "text.parse_math": False,  # a dollar in a model's name is a dollar
    "font.family": ["DejaVu Sans"],
    "font.size": FONT_SIZE,
    "figure.dpi": 72,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "axes.edgecolor": MUTED,
    "axes.labelcolor": MUTED,
    "axes.labelsize": FONT_SIZE,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.8,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.unicode_minus": True,
    "axes.formatter.useoffset": False,
    "grid.color": GRID,
    "grid.linewidth": 1,
    "text.color": INK,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.major.pad": 6,
    "ytick.major.pad": 5,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "legend.frameon": False,
    "legend.handlelength": 1.6,
    "legend.borderaxespad": 0.2,
    "lines.linewidth": 2,
    "lines.markersize": 7,
}


def colour(number: int) -> str:
    """The colour of a series, counted from 0."""
    return SERIES[number % len(SERIES)]


def marker(number: int) -> str:
    """The shape of a series' points: no series is told by its colour alone."""
    return MARKERS[number % len(MARKERS)]


def dashes(number: int) -> str:
    """The pattern of a series' line."""
    return DASHES[number % len(DASHES)]


@contextmanager
def settings() -> Iterator[None]:
    """The defaults of matplotlib with these settings, whatever a user's matplotlibrc says."""
    import matplotlib

    with matplotlib.rc_context(), warnings.catch_warnings():
        # The reader's browser draws the letters; the font that matplotlib measures with need not.
        warnings.filterwarnings("ignore", message=r"Glyph .* missing from font")
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_SETTINGS)
        yield
