"""Table 4: Lance against models behind an API, each asked as it is (``vanilla@MODEL``)."""

from lance_graph.evaluation import published
from lance_graph.evaluation.published import Published
from lance_graph.evaluation.report.model import Report
from lance_graph.evaluation.suites import judged
from lance_graph.evaluation.suites.results import Results, base, model
from lance_graph.evaluation.suites.suite import Facts, Suite


def _row(method: str) -> Published | None:
    if base(method) == "lance":
        return published.table4("lance")
    return published.table4(model(method)) if base(method) == "vanilla" else None


def _build(results: Results, facts: Facts) -> Report:
    return judged.report("Table 4: models behind an API", results, facts, _row)


SUITE = Suite(
    name="table4",
    description="Lance against models behind an API, one row for each model that is named",
    methods=("vanilla", "lance"),
    scorers=judged.SCORERS,
    needs_judge=True,
    build=_build,
)
