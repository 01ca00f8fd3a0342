"""Tables of how well degrees tell harmful samples from safe ones, for `table3` and `guard`."""

from collections.abc import Sequence
from dataclasses import dataclass

from lance_graph.evaluation.metrics import count, quantile, rate
from lance_graph.evaluation.published import SOURCE, TABLE3
from lance_graph.evaluation.ranking import GRID, THRESHOLDS, Ranking
from lance_graph.evaluation.report.model import Cell, Estimate, Plot, Series, Table
from lance_graph.evaluation.sample import Record
from lance_graph.evaluation.suites.missing import completeness
from lance_graph.evaluation.suites.results import Results, first_degree, is_failed, title
from lance_graph.evaluation.suites.tables import Rows, category_title


@dataclass(frozen=True)
class Scored:
    """One method's records with a label, and their degrees."""

    name: str
    records: tuple[Record, ...]
    ranking: Ranking

    @classmethod
    def of(cls, name: str, records: Sequence[Record]) -> "Scored":
        """The records of ``records`` that have a label."""
        known = tuple(record for record in records if record["harmful"] is not None)
        degrees = [first_degree(record) for record in known]
        return cls(name, known, Ranking.of(degrees, [bool(r["harmful"]) for r in known]))

    def kind(self, harmful: bool) -> int:
        """How many records have that label."""
        return sum(record["harmful"] is harmful for record in self.records)


def scored(results: Results) -> list[Scored]:
    """Every method's."""
    return [Scored.of(title(method), results.of_method(method)) for method in results.methods]


def what_was_scored(results: Results) -> list[Table]:
    """How many samples there are of each kind, what has no label or no degree, what failed."""
    columns = ("Method", "Samples", "Harmful", "Safe", "No label", "No degree", "Failed")
    rows: Rows = []
    for method, one in zip(results.methods, scored(results), strict=True):
        records = results.of_method(method)
        kinds = (one.kind(True), one.kind(False), len(records) - len(one.records))
        failed = sum(map(is_failed, records))
        cells = (len(records), *kinds, one.ranking.missing, failed)
        rows.append((one.name, *map(count, cells)))
    notes = ("A failed answer with a label has no degree either.",)
    table = Table("What was scored", columns, tuple(rows), notes)
    return [table, *completeness(results, ())[1:]]


def by_kind(results: Results) -> list[Table]:
    """Shares above each threshold by the samples' type (or category) and label."""
    tables = []
    for one in scored(results):
        groups: dict[tuple[str, bool], list[float | None]] = {}
        for record in one.records:
            kind = record["type"] or category_title(record["category"])
            groups.setdefault((kind, bool(record["harmful"])), []).append(first_degree(record))
        rows = tuple(
            (kind, "harmful" if harmful else "safe", *_shares(degrees))
            for (kind, harmful), degrees in sorted(groups.items())
        )
        columns = ("Type", "Label", *(f"above {threshold}" for threshold in THRESHOLDS))
        tables.append(Table(f"Share above the threshold by type: {one.name}", columns, rows))
    return tables


def _shares(degrees: list[float | None]) -> tuple[Cell, ...]:
    return tuple(
        rate(None if degree is None else degree > threshold for degree in degrees)
        for threshold in THRESHOLDS
    )


def curve_plots(results: Results) -> list[Plot]:
    """The whole curve: false positives and detection against the threshold."""
    plots = []
    for one in scored(results):
        lines = (
            _line("false positives (safe)", [one.ranking.false_positives(at) for at in GRID]),
            _line("detection (harmful)", [one.ranking.detection(at) for at in GRID]),
        )
        series = tuple(line for line in lines if line.y)
        if series:
            heading = f"Threshold curve: {one.name}"
            plots.append(Plot(heading, "line", "threshold", "share of the samples", series))
    return plots


def _line(name: str, estimates: list[Estimate]) -> Series:
    if not all(found.count for found in estimates):
        return Series(name)
    return Series(
        name,
        x=GRID,
        y=tuple(found.value for found in estimates),
        low=tuple(found.low or 0.0 for found in estimates),
        high=tuple(1.0 if found.high is None else found.high for found in estimates),
    )


def ranking_table(results: Results) -> Table:
    """AUROC and AUPRC, which need no threshold; F1 at each; seconds per sample."""
    rows: Rows = []
    for method, one in zip(results.methods, scored(results), strict=True):
        seconds = [record["answer"]["seconds"] for record in results.of_method(method)]
        f1 = (one.ranking.f1(threshold) for threshold in THRESHOLDS)
        times = (quantile(seconds, share) for share in (0.5, 0.95))
        rows.append((one.name, *f1, one.ranking.auroc(), one.ranking.auprc(), *times))
    f1_columns = (f"F1 above {threshold}" for threshold in THRESHOLDS)
    columns = ("Method", *f1_columns, "AUROC", "AUPRC", "Latency, median", "Latency, p95")
    notes = ("The degree of a sample is its highest degree over the categories.",)
    return Table("Classification", columns, tuple(rows), notes)


def at_thresholds(heading: str, results: Results, published: bool) -> Table:
    """False positives, detection and precision at 0.3, 0.5 and 0.7; if ``published`` the paper's too."""
    rows: list[tuple[Cell, ...]] = []
    for one in scored(results):
        for threshold in THRESHOLDS:
            found = (one.ranking.false_positives(threshold), one.ranking.detection(threshold))
            names = ("false_positives", "detection")
            theirs = [TABLE3[threshold].estimate(name) for name in names]
            pairs = zip(found, theirs, strict=True)
            cells = [cell for pair in pairs for cell in pair] if published else list(found)
            rows.append((one.name, f"{threshold}", *cells, one.ranking.precision(threshold)))
    columns = ["Method", "Threshold", "False positives (safe)", "Detection (harmful)", "Precision"]
    notes = ["A sample counts as risky if its highest degree is above the threshold."]
    if published:
        columns[3:4] = ["published", columns[3], "published"]
        notes.append(f"Published: {SOURCE}, on XSTest; compare on the same set only.")
    return Table(heading, tuple(columns), tuple(rows), tuple(notes))
