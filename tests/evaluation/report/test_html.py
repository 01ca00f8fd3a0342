import re
import shutil
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from lance_graph.cli.batch.listing import clean, policy
from lance_graph.cli.batch.ranking import false_alarms
from lance_graph.cli.batch.rows import Row
from lance_graph.evaluation.report.answers import rows_of
from lance_graph.evaluation.report.figures import shown_rows
from lance_graph.evaluation.report.plots.bars import OPACITY
from lance_graph.evaluation.report.points import as_table
from lance_graph.evaluation.report.render import to_html

pytest.importorskip("matplotlib", reason="the evaluate extra is not installed")
VOID = {"meta", "link", "br", "hr", "img", "input"}


class Page(HTMLParser):
    """Tags with attributes, text, and whether every tag that opens closes in turn."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open, self.tags, self.words = [], [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("style", "script"):
            self.words.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())

    def of(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


def test_every_figure_of_tables_and_plots_is_there(report):
    text = Page(to_html(report)).text
    for table in (*report.tables, *map(as_table, report.plots)):
        for row in shown_rows(table):
            for cell in row[1:]:
                for part in (cell.value, cell.interval, cell.missing):
                    assert part.replace("-", "\N{MINUS SIGN}") in text
            assert row[0].value in text


def test_title_summary_notes_and_facts_are_there(report):
    text = Page(to_html(report)).text
    for words in (
        "Four methods answered.",
        "No language model took part.",
        "Seed",
        "scripted model.",
    ):
        assert words in text


@pytest.mark.parametrize("name", ["report", "evil_report", "empty_report"])
def test_pages_need_nothing_from_outside(name, request):
    text = to_html(request.getfixturevalue(name))
    page = Page(text)
    assert {"script", "link", "img", "iframe", "object", "base"}.isdisjoint(t for t, _ in page.tags)
    for _, attributes in page.tags:
        for key in ("src", "href", "xlink:href", "data", "action", "srcset"):
            assert attributes.get(key, "#").startswith("#")
        assert not any(key.startswith("on") for key in attributes)
    styles = re.findall("<style>(.*?)</style>", text, re.DOTALL)
    assert len(styles) == 1
    assert "@import" not in styles[0]
    assert "url(" not in styles[0]
    assert re.findall(r"url\((?!#)", text) == []
    policy = [m["content"] for m in page.of("meta") if "http-equiv" in m]
    assert policy == ["default-src 'none'; style-src 'unsafe-inline'"]


def test_text_of_the_data_is_shown_as_it_is(evil_report):
    text = to_html(evil_report)
    assert "<script" not in text
    assert Page(text).text.count(" ".join(clean(evil_report.title).split())) > 5
    text.encode("utf-8")


def test_ids_are_unique_and_every_link_is_met(report):
    page = Page(to_html(report))
    ids = [attributes["id"] for _, attributes in page.tags if attributes.get("id")]
    assert len(ids) == len(set(ids))
    assert {a["href"][1:] for a in page.of("a")} <= set(ids)


def test_screen_readers_find_names_headings_and_scopes(report):
    page = Page(to_html(report))
    assert page.of("html") == [{"lang": "en"}]
    assert all(svg["role"] == "img" and svg["aria-label"] for svg in page.of("svg"))
    assert all("scope" in cell for cell in page.of("th"))
    assert len(page.of("h1")) == 1
    assert len(page.of("caption")) == len(page.of("table"))
    regions = [d for d in page.of("div") if d.get("role") == "region"]
    assert all(region["aria-label"] and region["tabindex"] == "0" for region in regions)


def test_rows_are_the_table_of_lance_graph_report_with_its_script_alone(report):
    rows = (Row("a", "rewritten", "</script><img>", "b", "c", group="lance"), Row("d", "safe"))
    page = Page(to_html(replace(report, rows=rows)))
    assert len(page.of("script")) == 1 and not page.of("img")
    assert "</script><img>" in page.text and "Likely false alarms" in page.text
    (allowed,) = [m["content"] for m in page.of("meta") if "http-equiv" in m]
    assert allowed == policy(with_script=True)
    ids = [attributes["id"] for _, attributes in page.tags if attributes.get("id")]
    assert len(ids) == len(set(ids)) and {"rows", "row-1", "row-2"} <= set(ids)


def test_records_are_rows_and_a_detector_alone_would_stop_what_is_above_its_threshold():
    answer = {"response": None, "outcome": "scored", "refined_prompt": None, "iterations": 0,
              "initial_risk": None, "risk": {"self_harm": 0.6}, "failure": None}  # fmt: skip
    record = {"method": "detector", "id": "1", "prompt": "p", "harmful": False, "answer": answer}
    low = record | {"id": "2", "answer": answer | {"risk": {"self_harm": 0.2}}}
    failed = record | {
        "id": "3",
        "answer": answer | {"outcome": "failed", "failure": "Error", "risk": None},
    }
    high, quiet, lost = rows_of([record, low, failed])
    assert high.would_stop and high.before == high.after and not quiet.would_stop
    assert lost.unjudged and lost.note == "Error" and lost.after is None
    assert false_alarms([high, quiet, lost]) == [0]


def test_missing_counts_and_numbers_of_values_are_shown(report):
    page = Page(to_html(report))
    assert "(37 missing)" in page.text
    assert "n = 490" in [cell.get("title") for cell in page.of("td")]


def test_nothing_measured_is_said(empty_report):
    page = Page(to_html(empty_report))
    assert page.text.count("Nothing was measured.") == 1 + len(empty_report.plots)
    assert page.of("svg") == []


def test_the_same_report_gives_the_same_page(report):
    assert to_html(report) == to_html(report)


def schemes():
    """The colours of the light page, the dark one and the printed one."""
    from lance_graph.evaluation.report.html import _style

    found = [
        dict(re.findall(r"--([\w-]+):\s*(#\w+)", part)) for part in _style().split(":root {")[1:]
    ]
    return dict(zip(("light", "dark", "print"), found, strict=True))


def luminance(colour):
    colour = colour.lstrip("#")
    digits = "".join(2 * digit for digit in colour) if len(colour) == 3 else colour
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first, second):
    low, high = sorted(map(luminance, (first, second)))
    return (high + 0.05) / (low + 0.05)


def seen_through(colour, paper):
    """A bar's colour, through which a little of the paper is seen."""
    paper = paper if len(paper) == 7 else "#" + "".join(2 * digit for digit in paper[1:])
    both = [(int(colour[at : at + 2], 16), int(paper[at : at + 2], 16)) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(OPACITY * a + (1 - OPACITY) * b):02x}" for a, b in both)


@pytest.mark.parametrize("scheme", ["light", "dark", "print"])
def test_text_and_lines_stand_out_as_wcag_asks(scheme):
    colours = schemes()[scheme]
    for paper in ("page", "panel"):
        for text in ("ink", "muted", "accent"):
            assert contrast(colours[text], colours[paper]) >= 4.5
        for number in range(1, 7):
            drawn = colours[f"series-{number}"]
            assert contrast(drawn, colours[paper]) >= 3
            assert contrast(seen_through(drawn, colours[paper]), colours[paper]) >= 3


@pytest.mark.parametrize("module", ["jinja2", "matplotlib.figure"])
def test_a_missing_package_names_the_extra(report, monkeypatch, module):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ImportError, match=r"langgraph-lance\[evaluate\]"):
        to_html(report)


def test_a_report_without_plots_needs_no_matplotlib(report, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    assert Page(to_html(replace(report, plots=()))).of("table")


def test_importing_the_renderings_loads_nothing_heavy():
    code = (
        "import sys; import lance_graph.evaluation.report.render;"
        "heavy = {'matplotlib', 'jinja2', 'numpy', 'torch'} & set(sys.modules); assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def browser():
    for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"):
        if found := shutil.which(name):
            return found
    pytest.skip("no chromium or chrome is installed")


@pytest.mark.parametrize("width", [520, 1280])
def test_a_browser_lays_the_page_out_without_sideways_scrolling(report, tmp_path, width):
    chromium = browser()
    page = tmp_path / "report.html"
    # The page forbids scripts; the copy that is measured lets one in.
    measure = (
        "<script>document.title = document.documentElement.scrollWidth <= innerWidth"
        " ? 'fits' : 'scrolls'</script>"
    )
    text = to_html(report)
    policy = re.search("<meta http-equiv[^>]*>", text)[0]
    page.write_text(text.replace(policy, "").replace("</body>", f"{measure}</body>"), "utf-8")
    done = subprocess.run(
        [
            chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
            "--no-first-run", "--disable-background-networking", "--disable-component-update",
            "--disable-sync", f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom",
            f"--window-size={width},900", page.as_uri(),
        ],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    assert "<title>fits</title>" in done.stdout
    assert "Lance-NR" in done.stdout
