"""Table 1: Lance against five baselines on one backbone, 500 prompts of BeaverTails-Evaluation."""

from lance_graph.evaluation import published
from lance_graph.evaluation.report.model import Report, Table
from lance_graph.evaluation.suites import judged
from lance_graph.evaluation.suites.results import Results, base
from lance_graph.evaluation.suites.suite import Facts, Suite

HEADING = "Table 1: safety, helpfulness, naturalness"


def _build(results: Results, facts: Facts) -> Report:
    backbone = facts.get("backbone")
    if backbone:
        heading = f"{HEADING} on {published.BACKBONES.get(backbone, backbone)}"
        return judged.report(
            heading, results, facts, lambda method: published.table1(base(method), backbone)
        )
    # Beside which of its three backbones a target belongs only the user can say.
    rows: tuple[Table, ...] = (judged.published_table("Table 1 as published", published.TABLE1),)
    return judged.report(HEADING, results, facts, more=rows)


SUITE = Suite(
    name="table1",
    description="Lance against Vanilla, RepE, SysPrompt, SelfRefine, Instruct and guardrails",
    methods=(
        "vanilla",
        "rep-e",
        "sys-prompt",
        "self-refine",
        "instruct",
        "hard-block",
        "guard",
        "lance",
    ),
    scorers=judged.SCORERS,
    needs_judge=True,
    build=_build,
)
