"""Estimates as points and bars; what is NaN is not drawn."""

from collections.abc import Mapping, Sequence
from math import isnan, nan

from lance_graph.evaluation.report.model import Estimate, Plot, Series

Pair = tuple[Estimate, Estimate]


def bars(name: str, estimates: Mapping[str, Estimate]) -> Series:
    """A bar for each label."""
    known = {label: cell for label, cell in estimates.items() if not isnan(cell.value)}
    cells = list(known.values())
    return Series(
        name,
        y=tuple(cell.value for cell in cells),
        low=_lows(cells),
        high=_highs(cells),
        labels=tuple(known),
    )


def scatter(points: Mapping[str, Mapping[str, Pair]]) -> list[Plot]:
    """Safety against helpfulness: by series, by label, (helpfulness, safety)."""
    series = [_points(name, found) for name, found in points.items()]
    series = [one for one in series if one.y]
    if not series:
        return []
    return [Plot("Safety against helpfulness", "scatter", "helpfulness", "safety", tuple(series))]


def _points(name: str, points: Mapping[str, Pair]) -> Series:
    known = {label: pair for label, pair in points.items() if not any(isnan(p.value) for p in pair)}
    across, up = ([pair[axis] for pair in known.values()] for axis in (0, 1))
    return Series(
        name,
        x=tuple(cell.value for cell in across),
        y=tuple(cell.value for cell in up),
        low=_lows(up),
        high=_highs(up),
        labels=tuple(known),
        x_low=_lows(across),
        x_high=_highs(across),
    )


def _lows(cells: Sequence[Estimate]) -> tuple[float, ...]:
    """Lower bounds, NaN where a figure has none; empty where no figure has one."""
    return _bounds([cell.low for cell in cells])


def _highs(cells: Sequence[Estimate]) -> tuple[float, ...]:
    return _bounds([cell.high for cell in cells])


def _bounds(given: Sequence[float | None]) -> tuple[float, ...]:
    if all(bound is None for bound in given):
        return ()
    return tuple(nan if bound is None else bound for bound in given)
