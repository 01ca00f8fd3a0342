"""What the whole pipeline does with any prompts, without a judge."""

from lance_graph.evaluation.metrics import rate
from lance_graph.evaluation.report.model import Report, Table
from lance_graph.evaluation.suites import iterations, judged, missing, risks, tables
from lance_graph.evaluation.suites.results import Results, title
from lance_graph.evaluation.suites.suite import Facts, Suite
from lance_graph.evaluation.suites.tables import Rows

OUTCOMES = {
    "answered": "answered as asked",
    "safe": "safe as asked",
    "rewritten": "rewritten, then answered",
    "fell_back": "fell back",
    "degraded": "degraded",
    "blocked": "blocked",
    "scored": "scored only",
    "failed": "failed",
}
PAIRED = ("residual_risk", "exchange_risk", "refusal", "template")


def _build(results: Results, facts: Facts) -> Report:
    found = (
        outcomes(results),
        tables.answers(results, judged.UNJUDGED),
        *tables.differences(results, PAIRED),
        *iterations.tables(results),
        *risks.tables(results),
        *missing.completeness(results, judged.UNJUDGED),
        *(t for name in PAIRED[:3] for t in tables.by_category(results, name)),
    )
    drawn = (*risks.plots(results), *iterations.plots(results))
    summary = f"{results.samples} prompts, {len(results.methods)} methods, no judge."
    return Report("Pipeline", summary, found, drawn)


def outcomes(results: Results) -> Table:
    """The share of each outcome that occurs; the shares of a row add up to one."""
    found = {
        method: [record["answer"]["outcome"] for record in results.of_method(method)]
        for method in results.methods
    }
    present = [name for name in OUTCOMES if any(name in names for names in found.values())]
    rows: Rows = [
        (title(method), *(rate(name == outcome for name in names) for outcome in present))
        for method, names in found.items()
    ]
    return Table("Outcomes", ("Method", *(OUTCOMES[name] for name in present)), tuple(rows))


SUITE = Suite(
    name="pipeline",
    description="Any prompts through Lance, guardrails and Lance-NR: outcomes, risk, similarity",
    methods=("lance-nr", "hard-block", "guard", "lance"),
    scorers=judged.SCORERS,
    needs_judge=False,
    build=_build,
)
