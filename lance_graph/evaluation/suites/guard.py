"""Guard benchmarks: prompts, or prompt-response pairs, classified as harmful or not."""

from lance_graph.evaluation.report.model import Report
from lance_graph.evaluation.suites import detection
from lance_graph.evaluation.suites.results import Results
from lance_graph.evaluation.suites.suite import Facts, Suite


def _build(results: Results, facts: Facts) -> Report:
    tables = (
        detection.ranking_table(results),
        detection.at_thresholds("False positives and detection", results, published=False),
        *detection.by_kind(results),
        *detection.what_was_scored(results),
    )
    summary = f"{results.samples} samples, classified by {len(results.methods)} detectors."
    plots = tuple(detection.curve_plots(results))
    return Report("Guard: harmful or not", summary, tables, plots)


SUITE = Suite(
    name="guard",
    description="Prompt or response classification: F1, AUROC, AUPRC and latency of detectors",
    methods=("detector",),
    scorers=(),
    needs_judge=False,
    build=_build,
)
