"""What a reader must know of every report: who took part, and what the intervals are."""

from collections.abc import Mapping
from dataclasses import replace

from lance_graph.evaluation.metrics import CONFIDENCE, RESAMPLES, SEED
from lance_graph.evaluation.report.model import Report
from lance_graph.evaluation.suites.results import Results, base, model

INTERVALS = (
    f"{CONFIDENCE:.0%}: BCa bootstrap for means, percentile bootstrap for AUROC, AUPRC and F1 "
    f"({RESAMPLES:,} resamples, seed {SEED}), Wilson for shares, order statistics for quantiles"
)
_PARTS: Mapping[str, tuple[str, ...]] = {
    "target": (
        "vanilla",
        "sys-prompt",
        "self-refine",
        "lance-nr",
        "lance-nf",
        "lance",
        "hard-block",
        "guard",
    ),
    "refiner": ("lance", "lance-nf"),
}
"""Which methods ask the target and the refiner."""


def with_notes(report: Report, results: Results, facts: Mapping[str, str]) -> Report:
    """The report with the facts of the run; what was offline is said first."""
    offline = offline_note(results, facts)
    first, *others = report.tables
    if offline:
        first = replace(first, notes=(*first.notes, offline))
    summary = " ".join(filter(None, (report.summary, offline)))
    return replace(
        report, summary=summary, tables=(first, *others), facts={**facts, "intervals": INTERVALS}
    )


def offline_note(results: Results, facts: Mapping[str, str]) -> str:
    """Which parts were no language model; empty if all that took part were."""
    offline = [
        part
        for part, methods in _PARTS.items()
        if facts.get(part) == "offline"
        and any(base(key) in methods and not model(key) for key in results.methods)
    ]
    if not offline:
        return ""
    parts = " and ".join(offline)
    if len(offline) == 1:
        return f"No language model took part as {parts}: it is the offline one of this package."
    return f"No language model took part: {parts} are the offline ones of this package."
