import math

import pytest

from lance_graph.cli.batch.listing import clean
from lance_graph.evaluation.report.figures import about, shown, shown_rows
from lance_graph.evaluation.report.model import Estimate, Table


@pytest.mark.parametrize(
    ("cell", "line"),
    [
        (Estimate(8.412, 8.2, 8.61, count=500), "8.41 [8.20, 8.61]"),
        (Estimate(0.634, 0.5812, 0.689, unit="share"), "63.4% [58.1, 68.9]"),
        (Estimate(1.372, 1.2, 1.5, unit="seconds"), "1.37 s [1.20, 1.50]"),
        (Estimate(0.0123, 0.012, 0.0131, unit="seconds"), "12.3 ms [12.0, 13.1]"),
        (Estimate(21480, unit="count"), "21,480"),
        (Estimate(3, unit="count"), "3"),
        (Estimate(2.4, 2.0, 3.0, unit="count"), "2.40 [2.00, 3.00]"),
        (Estimate(0.00042), "0.00042"),
        (Estimate(-0.00001, -0.2, 0.2), "0.000 [-0.200, 0.200]"),
        (Estimate(8.4, missing=3), "8.40 (3 missing)"),
        (Estimate(math.nan), "–"),
        (Estimate(math.nan, math.nan, math.nan, missing=500), "– (500 missing)"),
        (Estimate(0.5, math.nan, 0.7), "0.500 [–, 0.700]"),
        (Estimate(math.inf, -math.inf, None), "∞ [-∞, –]"),
        (None, "–"),
        ("", "–"),
        ("8.8", "8.8"),
    ],
)
def test_a_cell_in_words(cell, line):
    assert shown(cell).line == line


@pytest.mark.parametrize("unit", ["number", "share", "seconds", "count"])
@pytest.mark.parametrize("value", [0.0, -0.0, math.nan, math.inf, -math.inf, 1e-12, 1e12, -3.5])
def test_every_value_has_words_in_every_unit(unit, value):
    assert shown(Estimate(value, value, value, unit=unit)).value


def test_figures_of_one_column_have_as_many_decimals():
    column = [Estimate(value) for value in (-4.7, -0.9, 0.31234)]
    table = Table("T", ("A", "B"), tuple(("row", cell) for cell in column))
    assert [row[1].value for row in shown_rows(table)] == ["-4.70", "-0.90", "0.31"]


def test_a_fast_method_next_to_slow_ones_is_not_rounded_to_nothing():
    table = Table(
        "T", ("A",), ((Estimate(2.93, unit="seconds"),), (Estimate(0.0034, unit="seconds"),))
    )
    assert [row[0].value for row in shown_rows(table)] == ["2.9300 s", "0.0034 s"]


def test_a_row_of_another_length_is_named():
    with pytest.raises(ValueError, match=r"'T' has 2 columns, but its row \('x',\) has 1 cells"):
        shown_rows(Table("T", ("A", "B"), (("x",),)))


def test_the_note_says_on_how_many_values_figures_rest():
    rows = (("a", Estimate(1, 0, 2, count=480)), ("b", Estimate(1, count=1500)))
    table = Table("T", ("A", "B"), rows)
    assert about(table) == "Brackets hold confidence intervals. n = 480 to 1,500."
    assert about(Table("T", ("A", "B"), (("a", "b"),))) == ""


def test_clean_keeps_letters_of_all_scripts_and_drops_what_steers_a_terminal():
    assert clean("通义 é\ttab\nline") == "通义 é\ttab\nline"
    assert clean("a\x1b[31m\x00\u202eb\ud800") == "a�[31m��b�"
