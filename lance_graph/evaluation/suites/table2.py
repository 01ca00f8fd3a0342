"""Table 2: the ablation, without refinement and without fine-grained guidance."""

from lance_graph.evaluation import published
from lance_graph.evaluation.report.model import Report
from lance_graph.evaluation.suites import judged
from lance_graph.evaluation.suites.results import Results, base
from lance_graph.evaluation.suites.suite import Facts, Suite


def _build(results: Results, facts: Facts) -> Report:
    return judged.report(
        "Table 2: ablation (published: Llama3-8B)",
        results,
        facts,
        lambda method: published.table2(base(method)),
    )


SUITE = Suite(
    name="table2",
    description="Ablation: Lance without refinement, without fine-grained guidance, and whole",
    methods=("lance-nr", "lance-nf", "lance"),
    scorers=judged.SCORERS,
    needs_judge=True,
    build=_build,
)
