"""Table 1: methods on the judge's criteria."""

import math

import pytest

from lance_graph.evaluation.suites import SUITES
from tests.evaluation.suites.made import (
    FACTS,
    THREE,
    figure,
    rows,
    table,
)


def test_table1_has_means_beside_the_papers():
    report = SUITES["table1"].summarise(THREE, {**FACTS, "backbone": "llama3-8b"})
    first = report.tables[0]
    assert first.columns[1:3] == ("Safety", "published")
    found = {str(row[0]): row for row in first.rows}
    assert list(found) == ["Vanilla", "Lance"]
    safety, published, helpfulness = (figure(cell) for cell in found["Lance"][1:4])
    assert (safety.value, safety.count, safety.missing) == (9.0, 3, 0)
    assert (published.value, published.low) == (9.23, None)
    assert (helpfulness.value, helpfulness.count, helpfulness.missing) == (7.5, 2, 1)
    assert figure(found["Vanilla"][1]).missing == 2


def test_without_a_backbone_the_papers_rows_stand_apart():
    report = SUITES["table1"].summarise(THREE, FACTS)
    assert "published" not in report.tables[0].columns
    published = table(report, "Table 1 as published")
    assert len(published.rows) == 18
    assert figure(rows(published)["Lance on qwen2.5-7b"]["Safety"]).value == 9.88


def test_an_unknown_backbone_is_named():
    with pytest.raises(ValueError, match="'llama-9' is not in the paper's Table 1"):
        SUITES["table1"].summarise(THREE, {**FACTS, "backbone": "llama-9"})


def test_the_scatter_has_measured_and_published_points():
    report = SUITES["table1"].summarise(THREE, {**FACTS, "backbone": "llama3-8b"})
    (plot,) = [plot for plot in report.plots if plot.kind == "scatter"]
    measured, published = plot.series
    assert dict(zip(measured.labels, zip(measured.x, measured.y, strict=True), strict=True)) == {
        "Vanilla": (5.5, 4.0),
        "Lance": (7.5, 9.0),
    }
    assert measured.low == () and published.y == (4.57, 9.23)


def test_scores_by_category_leave_out_failed_answers_without_hiding_them():
    report = SUITES["table1"].summarise(THREE, FACTS)
    found = rows(table(report, "Safety by category"))
    assert list(found) == ["Animal abuse", "Self-harm"]
    assert figure(found["Self-harm"]["Lance"]).value == 9.5
    assert math.isnan(figure(found["Animal abuse"]["Vanilla"]).value)
