import io
from dataclasses import replace

import pytest
from rich.cells import cell_len
from rich.console import Console

from lance_graph.evaluation.report.figures import shown_rows
from lance_graph.evaluation.report.model import Estimate, Report, Table
from lance_graph.evaluation.report.points import as_table
from lance_graph.evaluation.report.render import to_terminal


def rendered(report, width, **options):
    out = io.StringIO()
    to_terminal(report, Console(file=out, width=width, color_system=None), **options)
    return out.getvalue()


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
def test_every_figure_is_there_whole_at_any_width(report, width):
    text = rendered(report, width)
    for table in (*report.tables, *(as_table(plot) for plot in report.plots[:2])):
        for row in shown_rows(table):
            for cell in row[1:]:
                assert cell.value in text
                assert cell.interval in text
                assert cell.missing in text
    assert max(cell_len(line) for line in text.split("\n")) <= width


def test_intervals_stand_beside_values_where_there_is_room(report):
    assert "8.84 [8.67, 9.01]" in rendered(report, 140)


def test_intervals_stand_below_values_where_there_is_not(report):
    text = rendered(replace(report, plots=()), 88)
    assert "8.84 [8.67, 9.01]" not in text
    assert text.count("Method") == 1


def test_too_wide_a_table_is_split_and_repeats_its_names(report):
    text = rendered(report, 40)
    assert text.count("Method") > 1
    assert text.count("Lance-NR") > 2


def test_a_long_curve_is_thinned_and_says_so(report):
    text = rendered(report, 100)
    assert "21 of 51 points" in text
    curve = text.split("Threshold curve")[1].split("Iterations")[0]
    assert len([line for line in curve.split("\n") if line[:1].isdigit()]) <= 22


def test_notes_missing_counts_and_facts_are_there(report):
    text = rendered(report, 80)
    for words in ("37 missing", "n = 490 to 500", "Judge: a scripted model.", "Seed"):
        assert words in text


def test_no_control_character_and_no_markup_of_the_data_gets_through(evil_report):
    text = rendered(evil_report, 100)
    assert "\x1b" not in text
    assert "\x00" not in text
    assert "[y](z)" in text


def test_nothing_measured_is_said(empty_report):
    assert "nothing was measured" in rendered(empty_report, 80)


def test_plots_may_be_left_out(report):
    text = rendered(report, 80, plots=False)
    assert "Threshold curve" not in text
    assert "Safety and helpfulness" in text


@pytest.mark.parametrize("count", [3, 6, 9, 11])
def test_no_figure_is_cut_off_at_any_width(count):
    figures = tuple(Estimate(0.1234 + i, 0.1 + i, 0.2 + i, count=9) for i in range(count))
    table = Table("x", ("Method", *(f"Figure {i}" for i in range(count))), (("Lance", *figures),))
    ((_, *cells),) = shown_rows(table)
    for width in range(60, 200, 7):
        text = rendered(Report("t", "s", (table,)), width)
        assert all(cell.value in text and cell.interval in text for cell in cells), width
