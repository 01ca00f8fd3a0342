"""The report of Tables 1, 2 and 4: three judged scores a method, published figures beside them."""

from collections.abc import Callable

from lance_graph.evaluation.metrics import mean
from lance_graph.evaluation.published import JUDGED, SOURCE, Published
from lance_graph.evaluation.report.model import Cell, Estimate, Plot, Report, Table
from lance_graph.evaluation.suites import iterations, missing, plots, risks, tables
from lance_graph.evaluation.suites.results import Results, title
from lance_graph.evaluation.suites.suite import Facts

Lookup = Callable[[str], Published | None]
"""From a method's key to the paper's row of it."""

SCORERS = ("risk", "refusal", "similarity")
UNJUDGED = ("residual_risk", "exchange_risk", "refusal", "template", "similarity")


def report(
    heading: str,
    results: Results,
    facts: Facts,
    published: Lookup = lambda method: None,
    more: tuple[Table, ...] = (),
) -> Report:
    """Judged scores, paired differences, categories, costs and what is missing; ``more`` follows."""
    found = [
        scores(heading, results, published),
        *more,
        *tables.differences(results, JUDGED),
        tables.answers(results, UNJUDGED),
        *iterations.tables(results),
        *risks.tables(results),
        *missing.completeness(results, (*JUDGED, *UNJUDGED)),
        *(table for name in JUDGED for table in tables.by_category(results, name)),
    ]
    drawn = [
        *_scatter(results, published),
        *risks.plots(results),
        *iterations.plots(results),
    ]
    judge = facts.get("judge")
    by = f"judged from 1 to 10 by {judge}" if judge else "no judge is named"
    summary = f"{results.samples} prompts, {len(results.methods)} methods; {by}."
    return Report(heading, summary, tuple(found), tuple(drawn))


def scores(heading: str, results: Results, published: Lookup) -> Table:
    """Safety, helpfulness and naturalness; the paper's figures beside them where it has any."""
    rows = {method: published(method) for method in results.methods}
    beside = any(rows.values())
    columns = ["Method"]
    for name in JUDGED:
        columns += [tables.NAMES[name], *(["published"] if beside else [])]
    cells = [
        (
            title(method),
            *(cell for name in JUDGED for cell in _pair(results, method, name, row, beside)),
        )
        for method, row in rows.items()
    ]
    notes = ["Scores from 1 to 10, means over the answers that have one."]
    if beside:
        notes.append(
            f"Published: {SOURCE}; judge DeepSeek-V3, with prompts and a sample of its own."
        )
    return Table(heading, tuple(columns), tuple(cells), tuple(notes))


def published_table(heading: str, rows: tuple[Published, ...]) -> Table:
    """The paper's rows alone."""
    cells = tuple(
        (" on ".join(filter(None, (row.row, row.backbone))), *map(row.estimate, JUDGED))
        for row in rows
    )
    columns = ("Published", *(tables.NAMES[name] for name in JUDGED))
    return Table(heading, columns, cells, (f"From {SOURCE}.",))


def _pair(
    results: Results, method: str, name: str, row: Published | None, beside: bool
) -> tuple[Cell, ...]:
    measured = mean(results.score(method, name).values())
    return (measured, row.estimate(name) if row else None) if beside else (measured,)


def _scatter(results: Results, published: Lookup) -> list[Plot]:
    points: dict[str, dict[str, plots.Pair]] = {"measured": {}, "published": {}}
    for method in results.methods:
        helpfulness, safety = (
            mean(results.score(method, name).values()) for name in ("helpfulness", "safety")
        )
        points["measured"][title(method)] = (helpfulness, safety)
        row = published(method)
        if row:
            figures = row.figures
            points["published"][title(method)] = (
                Estimate(figures["helpfulness"]),
                Estimate(figures["safety"]),
            )
    return plots.scatter(points)
