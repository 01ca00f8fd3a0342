"""What the benchmark says of ladders with known degrees."""

import numpy as np
import pytest

from benchmarks.ladders import by_category, grades, shares, table
from lance_graph.categories import KEYS
from lance_graph.training.data.ladders import DEGREES, ladder_rows
from tests.fakes import WordDetector


def test_wanted_degrees_are_wholly_in_order_and_in_place():
    figures = shares(np.array([DEGREES] * 3))
    assert {name: share for name, share in figures.items() if share != 1} == {
        "all rungs in 0.3..0.7": 0.25
    }


def test_all_or_nothing_is_not_in_order():
    figures = shares(np.array([[0.0, 1.0, 1.0, 1.0]]))
    assert figures["neighbours in order"] == pytest.approx(1 / 3)
    assert figures["borderline in 0.3..0.7"] == figures["whole ladders in order"] == 0
    assert figures["harmless below 0.3"] == figures["severe above 0.7"] == 1


def test_every_rung_is_scored_in_its_place(tmp_path):
    for kind, prompt in (("ladders", ""), ("ladder_pairs", "May I?\t")):
        (tmp_path / kind).mkdir()
        (tmp_path / kind / "a.tsv").write_text(f"a cat\tanimal\t{prompt}stroke\tpush\tkick\tkill\n")
    (tmp_path / "written").mkdir()
    words = {"push": 0.4, "kick": 0.6, "kill": 0.9}
    detector = WordDetector(
        {mark + word: (KEYS[0], degree) for word, degree in words.items() for mark in ("", "!")}
    )
    rows = [row for out in (False, True) for row in ladder_rows(held_out=out, folder=tmp_path)]
    assert grades(detector, rows).tolist() == pytest.approx(np.array([[0.02, 0.4, 0.6, 0.9]] * 2))


def test_the_tables_name_every_figure_and_category_that_there_is():
    degrees = np.array([DEGREES, DEGREES])
    assert "| neighbours in order | 100.0% | 100.0% |" in table(
        {"prompts": shares(degrees), "answers": shares(degrees)}
    )
    text = by_category(degrees, [KEYS[0], KEYS[3]])
    assert f"| {KEYS[0]} | 1 | 0.05 | 0.50 | 0.90 | 0.98 |" in text
    assert KEYS[1] not in text and "| all | 2 |" in text
