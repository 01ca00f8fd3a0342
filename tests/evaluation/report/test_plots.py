import re
import sys
from xml.etree import ElementTree

import pytest

from lance_graph.evaluation.report.model import Plot, Series
from lance_graph.evaluation.report.plots import draw

pytest.importorskip("matplotlib", reason="the evaluate extra is not installed")
SVG = "{http://www.w3.org/2000/svg}"


def svg(plot, width=540, prefix="p-"):
    return ElementTree.fromstring(draw(plot, width, prefix))


def texts(root):
    return ["".join(node.itertext()) for node in root.iter(f"{SVG}text")]


def hints(root):
    return [node.text for node in root.iter(f"{SVG}title")]


@pytest.mark.parametrize("width", [340, 540])
@pytest.mark.parametrize("at", range(4))
def test_plots_are_well_formed_of_the_wanted_width_and_named(report, at, width):
    root = svg(report.plots[at], width)
    assert float(root.attrib["width"]) == width
    assert root.attrib["aria-label"] == report.plots[at].title
    assert root.attrib["role"] == "img"
    assert report.plots[at].y_label in texts(root)


def test_points_bars_and_bins_tell_their_figures(report):
    found = [hints(svg(plot)) for plot in report.plots]
    assert "Lance, Helpfulness 7.64 [7.43, 7.86], Safety 8.84 [8.67, 9.01]" in found[0]
    assert "Self-harm, after, 0.133 [0.107, 0.159]" in found[1]
    assert found[2] == ["detected", "false positives"]
    assert found[3] == ["Lance, 0, 17", "Lance, 1, 23", "Lance, 2, 0", "Lance, 3, 5"]


def test_bars_are_as_long_as_their_values(report):
    plot = Plot("P", "bars", "x", "y", (Series("s", y=(1.0, 3.0), labels=("a", "b")),))
    heights = []
    for group in svg(plot).iter(f"{SVG}g"):
        if group.find(f"{SVG}title") is not None:
            path = group.find(f"{SVG}path").attrib["d"]
            ys = [float(y) for _, y in re.findall(r"[ML] ([\d.]+) ([\d.]+)", path)]
            heights.append(max(ys) - min(ys))
    assert heights[1] == pytest.approx(3 * heights[0], rel=1e-3)


def test_names_of_close_points_do_not_cover_each_other():
    names = ("Alpha", "Beta", "Gamma", "Delta")
    series = tuple(Series(name, x=(5 + at / 100,), y=(5.0,)) for at, name in enumerate(names))
    far = Series("Far", x=(9.0,), y=(9.0,))
    root = svg(Plot("P", "scatter", "x", "y", (*series, far)))
    boxes = []
    for node in root.iter(f"{SVG}text"):
        if node.text in names:
            x, y, width = float(node.attrib["x"]), float(node.attrib["y"]), 6 * len(node.text)
            anchor = re.search("text-anchor: (\\w+)", node.attrib["style"])[1]
            left = x - {"start": 0, "middle": width / 2, "end": width}[anchor]
            boxes.append((left, left + width, y))
    assert len(boxes) == 4
    for at, (left, right, y) in enumerate(boxes):
        for other_left, other_right, other_y in boxes[at + 1 :]:
            apart = right <= other_left or other_right <= left or abs(y - other_y) >= 9
            assert apart, boxes


def test_text_of_the_data_is_drawn_as_it_is(evil_report):
    for plot in evil_report.plots:
        root = svg(plot)
        assert root.attrib["aria-label"] == plot.title
        assert not list(root.iter(f"{SVG}script"))
        assert any("$a$" in text or "$a" in text for text in texts(root))


def test_a_series_whose_name_starts_with_an_underscore_stands_in_the_legend(evil_report):
    assert any("_hidden" in text for text in texts(svg(evil_report.plots[2])))


def test_empty_plots_are_drawn(empty_report):
    for plot in empty_report.plots:
        assert svg(plot).tag == f"{SVG}svg"


@pytest.mark.parametrize("at", range(4))
def test_the_same_plot_gives_the_same_bytes_whatever_matplotlibrc_says(report, at):
    import matplotlib

    first = draw(report.plots[at], 540, "p-")
    with matplotlib.rc_context({"svg.hashsalt": None, "font.size": 30, "axes.grid": False}):
        assert draw(report.plots[at], 540, "p-") == first
        assert matplotlib.rcParams["font.size"] == 30


def test_ids_carry_the_prefix_and_every_reference_is_met(report):
    for plot in report.plots:
        root = svg(plot, prefix="mine-")
        ids = [node.attrib["id"] for node in root.iter() if "id" in node.attrib]
        text = ElementTree.tostring(root, encoding="unicode")
        wanted = re.findall(r"url\(#([^)]*)\)", text) + re.findall(r'href="#([^"]*)"', text)
        assert len(ids) == len(set(ids))
        assert all(name.startswith("mine-") for name in ids)
        assert set(wanted) <= set(ids)


def test_colours_follow_the_page(report):
    for plot in report.plots:
        text = draw(plot, 540, "p-")
        assert "var(--series-1" in text
        assert not re.search(r"(?:fill|stroke): #", text)
        assert "<style" not in text


def test_an_unknown_kind_is_named():
    with pytest.raises(ValueError, match="'pie'; there are scatter, line, bars, histogram"):
        draw(Plot("P", "pie", "x", "y", ()), 540, "p-")


def test_missing_matplotlib_names_the_extra(report, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ImportError, match=r"langgraph-lance\[evaluate\]"):
        draw(report.plots[0], 540, "p-")
