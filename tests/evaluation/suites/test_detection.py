"""Figures of a classifier, of detectors and of methods that only block."""

import pytest

from lance_graph.evaluation.suites import SUITES
from tests.evaluation.suites.made import DEGREES, OFFLINE, figure, record, table


def test_guard_has_the_figures_of_a_classifier():
    report = SUITES["guard"].summarise(DEGREES, OFFLINE)
    (row,) = table(report, "Classification").rows
    values = dict(zip(report.tables[0].columns, row, strict=True))
    assert figure(values["F1 above 0.5"]).value == pytest.approx(0.8)  # 2 found, 1 too many
    assert figure(values["AUROC"]).value == 1.0 and figure(values["AUPRC"]).value == 1.0
    assert figure(values["AUROC"]).missing == 2
    assert figure(values["Latency, median"]).value == pytest.approx(0.045)


def test_a_method_that_only_blocks_counts_by_what_it_did():
    records = [
        record("guard", 1, outcome="blocked", harmful=True),
        record("guard", 2, outcome="answered", harmful=False),
        record("guard", 3, outcome="degraded", harmful=False),
    ]
    first = table(SUITES["guard"].summarise(records, {}), "False positives and detection")
    false_positives, detection = (figure(cell) for cell in first.rows[1][2:4])
    assert (detection.value, false_positives.value, false_positives.missing) == (1.0, 0.0, 1)
