import math

import pytest

from lance_graph.evaluation.report.figures import shown_rows
from lance_graph.evaluation.report.model import Plot, Series
from lance_graph.evaluation.report.points import as_table, counted, points


def plot(kind, *series):
    return Plot("P", kind, "x", "y", series)


def words(table):
    return [[cell.line for cell in row] for row in shown_rows(table)]


@pytest.mark.parametrize("name", ["x", "low", "high", "labels", "x_low", "x_high"])
def test_uneven_lengths_are_named(name):
    values = ("a",) if name == "labels" else (1.0,)
    with pytest.raises(ValueError, match=rf"'S' has 2 values of y but 1 of {name}"):
        points(Series("S", y=(1.0, 2.0), **{name: values}))


def test_x_counts_from_zero_where_it_is_not_given():
    assert [point.x for point in points(Series("S", y=(5.0, 6.0)))] == [0.0, 1.0]


def test_lines_share_rows_by_x():
    table = as_table(
        plot("line", Series("a", x=(0.3, 0.7), y=(0.9, 0.2)), Series("b", x=(0.5,), y=(0.4,)))
    )
    assert table.columns == ("x", "a", "b")
    assert words(table) == [["0.3", "0.900", "–"], ["0.5", "–", "0.400"], ["0.7", "0.200", "–"]]


def test_a_curve_that_goes_straight_up_keeps_all_its_points():
    table = as_table(plot("line", Series("ROC", x=(0.0, 0.0, 1.0), y=(0.0, 0.5, 1.0))))
    assert words(table) == [
        ["0", "0.00"],
        ["0", "0.50"],
        ["1", "1.00"],
    ]


def test_bars_keep_the_order_of_their_labels():
    table = as_table(plot("bars", Series("s", y=(1.0, 2.0), labels=("z", "a"))))
    assert words(table) == [["z", "1"], ["a", "2"]]


def test_a_scatter_names_each_point_and_shows_both_intervals():
    series = Series(
        "", x=(1.5,), y=(2.5,), low=(2.0,), high=(3.0,), x_low=(1.0,), x_high=(2.0,), labels=("m",)
    )
    assert words(as_table(plot("scatter", series))) == [
        ["m", "1.50 [1.00, 2.00]", "2.50 [2.00, 3.00]"]
    ]


def test_whole_numbers_get_a_bin_each():
    table = as_table(plot("histogram", Series("s", x=(0.0, 1.0, 1.0, 3.0))))
    assert words(table) == [["0", "1"], ["1", "2"], ["2", "0"], ["3", "1"]]


def test_raw_values_of_all_series_are_counted_in_shared_bins():
    first = Series("a", x=tuple(at / 10 for at in range(40)))
    second = Series("b", x=(0.05, math.nan, 3.85))
    bins = counted(plot("histogram", first, second)).series
    assert bins[0].labels == bins[1].labels
    assert (sum(bins[0].y), sum(bins[1].y)) == (40, 2)


def test_edges_of_bins_may_be_given():
    (series,) = counted(plot("histogram", Series("s", x=(0.0, 0.5, 1.0), y=(3.0, 4.0)))).series
    assert (series.x, series.labels) == ((0.25, 0.75), ("0 to 0.5", "0.5 to 1"))
