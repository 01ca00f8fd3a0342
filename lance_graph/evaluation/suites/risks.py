"""Risk before and after, by category."""

from collections.abc import Iterable
from dataclasses import replace

from lance_graph.evaluation.metrics import difference, mean
from lance_graph.evaluation.report.model import Estimate, Plot, Table
from lance_graph.evaluation.sample import Record
from lance_graph.evaluation.suites.plots import bars
from lance_graph.evaluation.suites.results import Results, Values, highest, title
from lance_graph.evaluation.suites.tables import Rows, category_title

UNIT = "The highest degree over the categories, of the samples that have one before and after."


def tables(results: Results) -> list[Table]:
    """Risk before and after, a row for each method that scored both; plots have the categories."""
    rows: Rows = []
    for method in results.methods:
        before, after = _risks(results.records[method].items())
        if any(before[key] is not None and after[key] is not None for key in after):
            rows.append((title(method), *_both(before, after), difference(after, before)))
    columns = ("Method", "Before", "After", "After − before")
    notes = (UNIT, "A prompt that was blocked has no risk after: it is missing.")
    return [Table("Risk before and after", columns, tuple(rows), notes)] if rows else []


def plots(results: Results) -> list[Plot]:
    """Risk before and after by category, for each method that rewrites and scored both."""
    rewriting = [
        method
        for method in results.methods
        if any(record["answer"]["iterations"] for record in results.of_method(method))
    ]
    drawn = (_plot(results, method) for method in rewriting)
    return [plot for plot in drawn if any(series.y for series in plot.series)]


def _plot(results: Results, method: str) -> Plot:
    kinds: dict[str, list[tuple[str, Record]]] = {}
    for key, record in sorted(results.records[method].items()):
        kinds.setdefault(category_title(record["category"]), []).append((key, record))
    risks = {kind: _both(*_risks(kinds[kind])) for kind in sorted(kinds)}
    series = tuple(
        bars(name, {kind: pair[place] for kind, pair in risks.items()})
        for place, name in enumerate(("before", "after"))
    )
    heading = f"Risk before and after by category: {title(method)}"
    return Plot(heading, "bars", "category", "mean risk", series, (UNIT,))


def _both(before: Values, after: Values) -> tuple[Estimate, Estimate]:
    """Means before and after of the samples that have both; all others are missing."""
    paired = [key for key in after if before[key] is not None and after[key] is not None]
    left_out = len(after) - len(paired)
    means = (mean(values[key] for key in paired) for values in (before, after))
    first, last = (replace(found, missing=left_out) for found in means)
    return first, last


def _risks(records: Iterable[tuple[str, Record]]) -> tuple[Values, Values]:
    """Highest degrees before and after."""
    answers = {key: record["answer"] for key, record in records}
    return (
        {key: highest(answer["initial_risk"]) for key, answer in answers.items()},
        {key: highest(answer["risk"]) for key, answer in answers.items()},
    )
