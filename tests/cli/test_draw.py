"""`lance-graph draw`."""

import re
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from lance_graph.cli.drawing.branches import with_words
from lance_graph.cli.drawing.colours import COLOURS, KINDS
from lance_graph.cli.drawing.layout import HEIGHT, lay_out
from lance_graph.cli.drawing.svg import about
from lance_graph.graph import build_graph

ROOT = Path(__file__).parents[2]
SVG = "{http://www.w3.org/2000/svg}"
BOXES = (
    "open_turn",
    "score_risk",
    "rewrite_mild",
    "rewrite_severe",
    "generate_response",
    "ask_again",
    "fall_back",
    "review",
    "deliver",
)


@pytest.fixture(scope="module")
def graph():
    return with_words(build_graph().compile(name="lance").get_graph())


@pytest.mark.parametrize("form", [(), ("--format", "ascii"), ("--format", "svg")])
def test_every_box_is_drawn(lance, form):
    result = lance("draw", *form)
    assert result.exit_code == 0
    assert all(box in result.stdout for box in BOXES)


def test_mermaid_is_the_default_and_says_when_a_branch_is_taken(lance):
    text = lance("draw").stdout
    assert "graph TD;" in text and "budget spent, or failure" in text


def test_every_conditional_edge_has_its_words_and_no_other(graph):
    assert [edge for edge in graph.edges if edge.conditional != bool(edge.data)] == []
    assert sum(edge.conditional for edge in graph.edges) > 5


def test_boxes_and_words_do_not_lie_on_each_other(graph):
    picture = lay_out(graph)
    areas = [
        (b.x - b.width / 2, b.y - HEIGHT / 2, b.x + b.width / 2, b.y + HEIGHT / 2)
        for b in picture.boxes
    ]
    for line in picture.lines:
        if line.words:
            (x, y), width = line.place, 6 * max(map(len, line.words))
            left = x - width if line.leftward else x
            areas.append((left, y - 15 * len(line.words), left + width, y))
    for at, (left, top, right, bottom) in enumerate(areas):
        assert left >= 0 and top >= 0 and right <= picture.width and bottom <= picture.height
        for other in areas[at + 1 :]:
            apart = left >= other[2] or right <= other[0] or top >= other[3] or bottom <= other[1]
            assert apart, (areas[at], other)


def test_lines_go_from_border_to_border(graph):
    picture = lay_out(graph)
    boxes = {box.name: box for box in picture.boxes}
    for line in picture.lines:
        for name, (x, y) in ((line.source, line.points[0]), (line.target, line.points[-1])):
            box = boxes[name]
            assert abs(x - box.x) <= box.width / 2 and abs(abs(y - box.y) - HEIGHT / 2) < 0.2


def test_the_svg_asks_for_nothing_and_speaks_to_a_screen_reader(lance):
    text = lance("draw", "--format", "svg").stdout
    root = ElementTree.fromstring(text)
    assert root.get("role") == "img"
    spoken = [root.find(f"{SVG}{name}") for name in ("title", "desc")]
    assert root.get("aria-labelledby").split() == [one.get("id") for one in spoken]
    assert "score_risk leads to open_turn (resumed after a crash)" in spoken[1].text
    assert not re.findall(r"https?://(?!www\.w3\.org/2000/svg)|<script|@import|url\((?!#)", text)
    assert "prefers-color-scheme:dark" in text


def test_a_box_says_what_its_file_does():
    assert about("deliver").startswith("nodes/deliver.py: write the answer")
    assert all((ROOT / "lance_graph" / about(box).split(":")[0]).is_file() for box in BOXES)


def test_the_picture_in_the_docs_is_what_is_drawn_today(lance):
    drawn = lance("draw", "--format", "svg").stdout
    told = "docs/graph.svg is out of date: lance-graph draw --format svg --output docs/graph.svg"
    assert (ROOT / "docs" / "graph.svg").read_text(encoding="utf-8") == drawn, told


@pytest.mark.parametrize("scheme", COLOURS)
def test_words_stand_out_as_wcag_asks(scheme):
    colours = COLOURS[scheme]
    for paper in ("plain", *set(KINDS.values())):
        assert contrast(colours["ink"], colours[paper]) >= 4.5
    assert contrast(colours["muted"], colours["paper"]) >= 4.5
    assert contrast(colours["line"], colours["paper"]) >= 3


def contrast(first, second):
    low, high = sorted(map(luminance, (first, second)))
    return (high + 0.05) / (low + 0.05)


def luminance(colour):
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_a_png_is_a_picture_light_and_dark(lance, tmp_path):
    image = pytest.importorskip("PIL.Image", reason="the evaluate extra is not installed")
    light, dark = tmp_path / "light.png", tmp_path / "dark.png"
    assert lance("draw", "--format", "png", "--output", light).exit_code == 0
    assert lance("draw", "--format", "png", "--dark", "--output", dark).exit_code == 0
    for path, paper in ((light, (255, 255, 255)), (dark, (15, 19, 24))):
        with image.open(path) as picture:
            assert picture.width > 1_500 and picture.convert("RGB").getpixel((2, 2)) == paper
            assert len(picture.convert("RGB").getcolors(100_000)) > 50
            assert "score_risk leads to" in picture.text["Description"]


@pytest.mark.parametrize(
    ("form", "missing", "remedy"),
    [
        ("ascii", "grandalf", "pip install grandalf"),
        ("svg", "grandalf", "pip install grandalf"),
        ("png", "matplotlib", "pip install 'langgraph-lance[evaluate]'"),
    ],
)
def test_a_missing_package_is_named_with_the_remedy(lance, monkeypatch, form, missing, remedy):
    for name in [
        name for name in sys.modules if name.startswith("langchain_core.runnables.graph_a")
    ]:
        monkeypatch.delitem(sys.modules, name)
    for name in ("", ".graphs", ".layouts", ".routing", ".figure", ".backends.backend_agg"):
        monkeypatch.setitem(sys.modules, f"{missing}{name}", None)
    result = lance("draw", "--format", form)
    assert result.exit_code == 1
    assert remedy in result.stderr and result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--format", "jpeg"), "mermaid"),
        (("--format", "svg", "--dark"), "--format png"),
        (("--format", "svg", "--output", "/nowhere/graph.svg"), "/nowhere/graph.svg"),
    ],
)
def test_what_cannot_be_done_is_said(lance, args, said):
    result = lance("draw", *args)
    assert result.exit_code in (1, 2) and said in result.stderr
