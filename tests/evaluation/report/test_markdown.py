import re
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from lance_graph.evaluation.report.figures import shown_rows
from lance_graph.evaluation.report.model import Report, Table
from lance_graph.evaluation.report.points import as_table
from lance_graph.evaluation.report.render import to_markdown


def parsed(text):
    return MarkdownIt("commonmark").enable("table").parse(text)


def texts(tokens, kind):
    """The text of every inline token that follows an opening of this kind."""
    found = []
    for opening, inline in pairwise(tokens):
        if opening.type == kind:
            found.append("".join(child.content for child in inline.children))
    return found


def test_every_figure_of_tables_and_plots_is_there(report):
    cells = texts(parsed(to_markdown(report)), "td_open")
    for table in (*report.tables, *map(as_table, report.plots)):
        for row in shown_rows(table):
            for cell in row:
                assert cell.line in cells


def test_headings_notes_and_facts_are_there(report):
    text = to_markdown(report)
    assert "# Table 1: methods" in text
    assert "- Judge: a scripted model." in text
    assert "- **Seed:** 0" in text


def test_nothing_of_the_data_becomes_markup(evil_report):
    tokens = parsed(to_markdown(evil_report))
    kinds = {child.type for token in tokens for child in token.children or ()}
    assert kinds <= {"text", "text_special", "strong_open", "strong_close"}
    blocks = "".join(token.content for token in tokens if token.type == "html_block")
    assert not re.findall(r"<(?!/?(details|summary)>)", blocks)
    rows = [token.type for token in tokens if token.type in {"tr_open", "th_open", "td_open"}]
    assert rows[:3] == ["tr_open", "th_open", "th_open"]


@given(st.lists(st.text(max_size=30), min_size=2, max_size=2))
def test_any_text_comes_back_as_it_was(cells):
    table = Table("T", ("A", "B"), (tuple(cells),))
    (row,) = shown_rows(table)
    found = texts(parsed(to_markdown(Report("R", "", (table,)))), "td_open")
    assert found == [" ".join(cell.value.split()) for cell in row]


def test_nothing_measured_is_said(empty_report):
    assert "Nothing was measured." in to_markdown(empty_report)


def test_the_same_report_gives_the_same_text(report):
    assert to_markdown(report) == to_markdown(report)
