"""The page of `lance-graph report` in a real browser: its table, its keyboard, and what does not run."""

import pytest

from lance_graph.cli.batch.page import to_page
from lance_graph.cli.batch.reading import read_batch
from tests.cli.test_report import EVIL, record

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
COUNT = 250


@pytest.fixture
def url(write_rows, tmp_path):
    rows = [record(n, before=n / 1000, after=0.3 - n / 1000) for n in range(1, COUNT)]
    rows.append(record(COUNT, "rewritten", 0.4, prompt=EVIL, response=EVIL + "long " * 100))
    path = tmp_path / "page.html"
    path.write_text(to_page(read_batch(write_rows(*rows)), "in.jsonl"), encoding="utf-8")
    return path.as_uri()


@pytest.fixture
def page(chromium, url):
    page = chromium.new_page(viewport={"width": 1280, "height": 900})
    page.asked, page.wrong = [], []
    page.on("request", lambda request: page.asked.append(request.url))
    page.on("pageerror", lambda error: page.wrong.append(str(error)))
    page.goto(url)
    yield page
    assert page.asked == [url] and page.wrong == []
    page.close()


def names(page):
    return page.locator("table.rows tbody th").all_inner_texts()


def test_rows_are_searched_sorted_filtered_and_paged(page):
    status = page.locator("output")
    assert status.inner_text() == f"{COUNT} of {COUNT} rows, page 1 of 3"
    assert names(page)[0] == "1" and len(names(page)) == 100  # the highest degree after
    page.get_by_label("Search").fill("PROMPT 77")
    playwright.expect(status).to_have_text(f"2 of {COUNT} rows, page 1 of 1")
    assert names(page) == ["77", "177"]
    page.get_by_label("Search").fill("")
    page.get_by_label("Order").select_option("alarm")
    playwright.expect(status).to_have_text(f"1 of {COUNT} rows, page 1 of 1")
    page.get_by_label("Order").select_option("at")
    page.get_by_role("button", name="On").click()
    assert names(page)[0] == "101"
    page.get_by_label("Outcome").select_option("rewritten")
    assert names(page) == [str(COUNT)]


def test_the_keyboard_alone_sorts_opens_and_follows(page):
    page.get_by_role("button", name="Before").press("Enter")
    head = page.locator("th[data-by=before]")
    assert head.get_attribute("aria-sort") == "descending" and names(page)[0] == str(COUNT)
    page.get_by_role("button", name="Before").press("Space")
    assert head.get_attribute("aria-sort") == "ascending" and names(page)[0] == "1"
    page.locator(".starts a").last.press("Enter")
    assert page.evaluate("() => document.activeElement.id") == f"row-{COUNT}"
    summary = page.locator(f"#row-{COUNT} summary")
    summary.press("Enter")
    assert page.locator(f"#row-{COUNT} details").get_attribute("open") is not None


def test_what_calls_itself_a_script_is_text(page):
    page.get_by_label("Search").fill("onerror")
    playwright.expect(page.locator("output")).to_have_text(f"1 of {COUNT} rows, page 1 of 1")
    assert page.title() == "LANCE: in.jsonl" and page.locator("main img, main script").count() == 0
    assert EVIL in page.locator(f"#row-{COUNT} td.text").first.inner_text()


def test_even_unescaped_it_would_not_run(chromium, url, tmp_path):
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    (tmp_path / "page.html").write_text(text.replace("<main", f"{EVIL}<main"), encoding="utf-8")
    page = chromium.new_page()
    page.goto(url)
    assert page.title() == "LANCE: in.jsonl" and page.locator("img").count() == 1
    page.close()


def test_without_a_script_every_row_stands_there(chromium, url):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(url)
    assert page.locator("table.rows tbody tr").count() == COUNT
    assert page.locator("table.rows tbody tr").last.is_visible()
    assert not page.locator(".controls").is_visible()
    context.close()


@pytest.mark.parametrize("width", [390, 1600])
def test_the_page_itself_does_not_scroll_sideways(chromium, url, width):
    page = chromium.new_page(viewport={"width": width, "height": 800})
    page.goto(url)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width
    page.close()
