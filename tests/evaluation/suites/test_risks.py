"""Risk before and after a rewrite."""

import pytest

from lance_graph.evaluation.suites import SUITES
from tests.evaluation.suites.made import FACTS, OFFLINE, PIPELINE, figure, record, rows, table


def test_pipeline_has_risk_before_and_after():
    report = SUITES["pipeline"].summarise(PIPELINE, OFFLINE)
    found = rows(table(report, "Risk before and after"))
    before, after, change = (
        figure(found["Lance"][name]) for name in ("Before", "After", "After − before")
    )
    assert (before.value, after.value) == (pytest.approx(0.55), pytest.approx(0.15))
    assert change.value == pytest.approx(-0.4)
    blocked = figure(found["Hard blocking"]["Before"])
    assert (blocked.value, blocked.count, blocked.missing) == (0.2, 1, 1)
    (bars,) = [plot for plot in report.plots if plot.kind == "bars"]
    assert [series.name for series in bars.series] == ["before", "after"]
    assert bars.series[0].labels == ("Animal abuse", "Self-harm") and bars.series[0].y == (0.2, 0.9)
    (histogram,) = [plot for plot in report.plots if plot.kind == "histogram"]
    assert histogram.series[0].x == (0.0, 2.0)


def test_rewriting_without_degrees_draws_no_risk():
    records = [record("lance-nf", 1, outcome="rewritten", iterations=1)]
    report = SUITES["table2"].summarise(records, FACTS)
    assert [plot.kind for plot in report.plots] == ["scatter", "histogram"]
    assert not [one for one in report.tables if one.title == "Risk before and after"]


def test_an_answer_without_degrees_is_missing_from_risk_before_and_after():
    failed = record("lance", 3, outcome="failed", failure="TimeoutError")
    report = SUITES["pipeline"].summarise([*PIPELINE, failed], OFFLINE)
    before = figure(rows(table(report, "Risk before and after"))["Lance"]["Before"])
    assert (before.count, before.missing) == (2, 1)
