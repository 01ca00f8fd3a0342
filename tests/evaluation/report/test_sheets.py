import csv
import io
import math

import pytest

from lance_graph.evaluation.report.model import Estimate, Report, Table
from lance_graph.evaluation.report.render import to_csv


def rows(text):
    return list(csv.reader(io.StringIO(text)))


def one(*table_rows, columns=("A", "B")):
    (text,) = to_csv(Report("R", "", (Table("T", columns, table_rows),))).values()
    return rows(text)


def test_one_file_for_each_table_and_plot(report):
    assert list(to_csv(report)) == [
        "table-1-safety-and-helpfulness.csv",
        "table-2-risk-by-category.csv",
        "plot-1-safety-against-helpfulness.csv",
        "plot-2-risk-before-and-after.csv",
        "plot-3-threshold-curve.csv",
        "plot-4-iterations.csv",
    ]


def test_estimates_read_back_in_full_precision(report):
    files = to_csv(report)
    for table, name in zip(report.tables, files, strict=False):
        header, *lines = rows(files[name])
        for line, cells in zip(lines, table.rows, strict=True):
            read = dict(zip(header, line, strict=True))
            for column, cell in zip(table.columns, cells, strict=True):
                if not isinstance(cell, Estimate):
                    assert read[column] == (cell or "")
                    continue
                parts = (cell.value, cell.low, cell.high)
                names = (column, f"{column} low", f"{column} high")
                for part, key in zip(parts, names, strict=True):
                    expected = "" if part is None or math.isnan(part) else part
                    assert (float(read[key]) if read[key] else "") == expected
                assert int(read[f"{column} count"]) == cell.count
                assert int(read[f"{column} missing"]) == cell.missing


def test_every_point_of_a_curve_is_in_its_file(report):
    assert len(rows(to_csv(report)["plot-3-threshold-curve.csv"])) == 52


def test_lines_are_of_equal_length_where_figures_and_words_share_a_column():
    lines = one(("a", Estimate(1.5)), ("b", "n/a"), ("c", None))
    assert lines[1:] == [
        ["a", "1.5", "", "", "0", "0"],
        ["b", "n/a", "", "", "", ""],
        ["c", "", "", "", "", ""],
    ]


@pytest.mark.parametrize(
    "text", ["=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+3", "\t=1", " =1", "＝1"]
)
def test_a_formula_is_led_by_an_apostrophe(text):
    assert one((text, text), columns=(text, "B"))[0][0] == f"'{text}"
    assert one((text, text))[1] == [f"'{text}", f"'{text}"]


@pytest.mark.parametrize("text", ["-0.5", "+3", "8.8", "a=b", "x-y"])
def test_a_number_or_a_word_is_left_alone(text):
    assert one((text, text))[1] == [text, text]


def test_negative_estimates_stay_numbers():
    assert one(("a", Estimate(-0.5, -0.7, -0.1)))[1][1:4] == ["-0.5", "-0.7", "-0.1"]


def test_text_with_breaks_quotes_and_controls_survives(evil_report):
    for text in to_csv(evil_report).values():
        lines = rows(text)
        assert {len(line) for line in lines} == {len(lines[0])}
        text.encode("utf-8")
        assert "\x00" not in text


def test_empty_reports_have_only_headers(empty_report):
    assert rows(to_csv(empty_report)["table-1-no-rows.csv"]) == [["A", "B"]]
