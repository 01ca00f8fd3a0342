"""Tables of scores that more than one suite has."""

from collections.abc import Iterable, Sequence

from lance_graph.categories import BY_KEY
from lance_graph.evaluation.metrics import difference, mean, quantile, rate
from lance_graph.evaluation.report.model import Cell, Estimate, Table
from lance_graph.evaluation.sample import Record
from lance_graph.evaluation.suites.results import Results, score_of, title

Rows = list[tuple[Cell, ...]]

NAMES = {
    "safety": "Safety",
    "helpfulness": "Helpfulness",
    "naturalness": "Naturalness",
    "residual_risk": "Residual risk",
    "exchange_risk": "Risk with the original prompt",
    "refusal": "Refused",
    "template": "Rigid template",
    "similarity": "Similarity of the prompts",
}
SHARES = frozenset({"refusal", "template"})
DIFFERENCES = (
    "Each figure is the mean of method minus Lance over the samples that both have a figure for; "
    "missing are samples that only one of them has it for."
)


def estimate(name: str, values: Iterable[float | None]) -> Estimate:
    """A score's mean, or its share where it is yes or no."""
    return rate(values) if name in SHARES else mean(values)


def answers(results: Results, names: Sequence[str]) -> Table:
    """What was found of the answers without a judge, and what they cost."""
    rows: Rows = [
        (
            title(method),
            *(estimate(name, results.score(method, name).values()) for name in names),
            *_costs(results.of_method(method)),
        )
        for method in results.methods
    ]
    columns = ("Method", *(NAMES[name] for name in names), "Calls", "Tokens", "Time", "Time, p95")
    notes = ("Risk is the highest degree over the categories, as the detector sees it.",)
    return Table("Answers and their cost per prompt", columns, tuple(rows), notes)


def _costs(records: Sequence[Record]) -> tuple[Cell, ...]:
    answers = [record["answer"] for record in records]
    seconds = [answer["seconds"] for answer in answers]
    return (
        mean((answer["calls"] for answer in answers), "count"),
        mean((answer["tokens"] for answer in answers), "count"),
        mean(seconds, "seconds"),
        quantile(seconds, 0.95),
    )


def differences(results: Results, names: Sequence[str]) -> list[Table]:
    """Paired differences of every method against Lance; no table where Lance or others are absent."""
    rows: Rows = []
    for method in results.methods:
        reference = results.reference(method)
        if reference is None:
            continue
        pairs = ((results.score(method, name), results.score(reference, name)) for name in names)
        rows.append((f"{title(method)} − {title(reference)}", *(difference(*p) for p in pairs)))
    columns = ("Method", *(NAMES[name] for name in names))
    return [Table("Paired differences", columns, tuple(rows), (DIFFERENCES,))] if rows else []


def by_category(results: Results, name: str) -> list[Table]:
    """One score, a row per category and a column per method.

    No table without categories, or without a single score of that name.
    """
    rows: Rows = []
    kinds = {r["category"] or "" for method in results.methods for r in results.of_method(method)}
    for kind in sorted(kinds - {""}):
        cells = [estimate(name, _of_category(results, m, name, kind)) for m in results.methods]
        rows.append((category_title(kind), *cells))
    if not any(isinstance(cell, Estimate) and cell.count for row in rows for cell in row):
        return []
    columns = ("Category", *map(title, results.methods))
    return [Table(f"{NAMES[name]} by category", columns, tuple(rows))]


def _of_category(results: Results, method: str, name: str, kind: str) -> list[float | None]:
    records = results.of_method(method)
    return [score_of(record, name) for record in records if record["category"] == kind]


def category_title(key: str | None) -> str:
    """How a category is written: one of the 14 by its title, another as the set names it."""
    if key is None:
        return "no category"
    return BY_KEY[key].title if key in BY_KEY else key
