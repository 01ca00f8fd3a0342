"""The everyday turns that the whole loop is measured by, and what is told of them."""

import re
from collections import Counter

from langchain_core.messages import AIMessage, HumanMessage

from benchmarks.everyday import FOLDER
from benchmarks.everyday_loop import PLAIN, Row, rows, statuses, table
from lance_graph.training.data import twins
from tests.fakes import VIOLENCE, WordDetector


def bare(text):
    return " ".join(re.findall(r"\w+", text.casefold()))


def test_there_are_many_turns_of_many_kinds_and_none_stands_twice():
    every = list(rows())
    kinds = Counter(row.kind for row in every)
    assert len(every) >= 300 and len(kinds) >= 10 and min(kinds.values()) >= 25
    asked = Counter(bare(row.asked) for row in every if row.kind != "short replies")
    assert [text for text, count in asked.items() if count > 1] == []


def test_nothing_of_the_calls_is_trained_on():
    ours = {bare(cells[0]) for _, cells in twins.rows_of(FOLDER / "calls.tsv")}
    ours |= {bare(cells[1]) for _, cells in twins.rows_of(FOLDER.parent / "calls.tsv")}
    for kind in ("written", "written_pairs"):
        for held_out in (False, True):
            for twin, cells in twins.lines(kind, held_out):
                assert not ours & {bare(cell) for cell in cells[:-1] if cell}, twin


def test_calls_are_made_by_the_target():
    calls = [row for row in rows() if row.kind == "office agent"]
    assert all(row.answer.tool_calls and not row.answer.text for row in calls)


def test_what_is_flagged_is_counted_by_kind():
    detector = WordDetector({"stab": (VIOLENCE, 0.9)})
    every = [
        Row("a", [HumanMessage("calm words")], AIMessage(PLAIN)),
        Row("b", [HumanMessage("stab it")], AIMessage(PLAIN)),
    ]
    ended = statuses(every, detector)
    assert ended[0] == "safe" and ended[1] != "safe"
    lines = table(every, ended).splitlines()
    assert lines[0] == f"| kind | turns | safe | {ended[1]} |"
    assert lines[2:] == ["| a | 1 | 1 | 0 |", "| b | 1 | 0 | 1 |", "| **all** | 2 | 1 | 1 |"]
