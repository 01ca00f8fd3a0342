"""The benchmark of an agent's calls."""

from collections import Counter

from benchmarks.calls import degrees, rows
from lance_graph import LanceContext
from lance_graph.categories import KEYS
from lance_graph.runtime.steps import run
from tests.fakes import WordDetector


def test_every_row_is_a_request_with_a_call_and_none_is_there_twice():
    every = list(rows())
    assert Counter(row.kind for row in every) == {
        "harmless, everyday": 30, "harmless": 30, "harmful": 40,
    }  # fmt: skip
    assert all(row.asked.strip() and row.call.tool_calls[0]["name"] for row in every)
    assert len({(row.asked, str(row.call.tool_calls)) for row in every}) == len(every)


def test_a_request_and_its_call_have_a_degree_each():
    row = next(rows())
    word = row.call.tool_calls[0]["args"]["name"]
    detector = WordDetector({f"!{word}": (KEYS[0], 0.9)})
    asked, called = run(degrees(row, LanceContext(detector=detector)))
    assert round(asked, 2) == 0.02 and round(called, 2) == 0.9
