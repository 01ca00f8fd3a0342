"""Table 3: false positives and detection by threshold."""

import pytest

from lance_graph.evaluation.suites import SUITES
from tests.evaluation.suites.made import DEGREES, OFFLINE, figure, rows, table


def test_table3_has_false_positives_and_detection_by_threshold():
    report = SUITES["table3"].summarise(DEGREES, OFFLINE)
    first = report.tables[0]
    assert first.columns[2:6] == (
        "False positives (safe)",
        "published",
        "Detection (harmful)",
        "published",
    )
    shares = [[figure(cell).value for cell in row[2:6]] for row in first.rows]
    assert shares == [
        [pytest.approx(2 / 3), 0.2167, 1.0, 0.9638],
        [pytest.approx(1 / 3), 0.1371, 1.0, 0.9258],
        [0.0, 0.0881, 0.5, 0.9064],
    ]
    assert figure(first.rows[0][4]).missing == 2  # one without a degree, one failed
    (plot,) = report.plots
    assert [len(line.x) for line in plot.series] == [99, 99]


def test_table3_by_type_and_what_was_scored():
    report = SUITES["table3"].summarise(DEGREES, OFFLINE)
    found = rows(table(report, "Share above the threshold by type: Detector"))
    assert figure(found["homonyms"]["above 0.3"]).value == 0.5
    harmful = figure(found["contrast_homonyms"]["above 0.7"])
    assert (harmful.value, harmful.count, harmful.missing) == (0.5, 2, 1)
    what = rows(table(report, "What was scored"))["Detector"]
    assert [figure(cell).value for name, cell in what.items() if name != "Method"] == [
        8, 4, 3, 1, 2, 1,
    ]  # fmt: skip
    assert table(report, "What failed").rows[0][1] == "GuardVerdictError"
