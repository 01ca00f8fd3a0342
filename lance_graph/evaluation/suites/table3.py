"""Table 3: the detector alone on an over-refusal set, by threshold and type."""

from lance_graph.evaluation.report.model import Report
from lance_graph.evaluation.suites import detection
from lance_graph.evaluation.suites.results import Results
from lance_graph.evaluation.suites.suite import Facts, Suite

HEADING = "Table 3: false positives and detection by threshold"


def _build(results: Results, facts: Facts) -> Report:
    tables = (
        detection.at_thresholds(HEADING, results, published=True),
        detection.ranking_table(results),
        *detection.by_kind(results),
        *detection.what_was_scored(results),
    )
    summary = f"{results.samples} samples, scored by detectors alone."
    return Report(HEADING, summary, tables, tuple(detection.curve_plots(results)))


SUITE = Suite(
    name="table3",
    description="The detector on an over-refusal set such as XSTest: the whole threshold curve",
    methods=("detector",),
    scorers=(),
    needs_judge=False,
    build=_build,
)
