"""The everyday texts that the benchmark reads, and what it says of them."""

import re
from collections import Counter

import pytest

from benchmarks.everyday import FOLDER, above, degrees, table, texts
from lance_graph.categories import KEYS
from lance_graph.training.data import twins
from tests.fakes import WordDetector


def bare(text):
    return " ".join(re.findall(r"\w+", text.casefold()))


def test_every_set_is_large_and_no_text_stands_twice():
    sets = texts()
    assert len(sets["prompts"]) == len(sets["prompts with answers"]) == 120
    assert len(sets["messages"]) == 150
    assert len(sets["people at work"]) == 175
    kinds = ("prompts", "messages", "people at work")
    every = Counter(bare(text) for name in kinds for text, _ in sets[name])
    assert [text for text, count in every.items() if count > 1] == []


def test_every_text_is_whole():
    for name, of in texts().items():
        for prompt, answer in of:
            assert prompt == prompt.strip() and prompt
            assert (answer is not None) == (name == "prompts with answers")
            assert answer is None or answer == answer.strip() != ""


def test_messages_are_to_many_services_and_mostly_statements():
    whom = Counter(cells[0] for _, cells in twins.rows_of(FOLDER / "messages.tsv"))
    assert len(whom) >= 8 and min(whom.values()) >= 10
    questions = sum("?" in message for message, _ in texts()["messages"])
    assert questions < 75


@pytest.mark.parametrize("kind", ["written", "written_pairs"])
def test_nothing_of_it_is_trained_on(kind):
    ours = {bare(text) for pairs in texts().values() for pair in pairs for text in pair if text}
    for held_out in (False, True):
        for twin, cells in twins.lines(kind, held_out):
            assert not ours & {bare(cell) for cell in cells[:-1] if cell}, twin


def test_the_share_above_each_bar_is_told():
    every = {"prompts": [("calm", None), ("cross", None), ("dire", None), ("odd", None)]}
    detector = WordDetector(
        {
            word: (KEYS[0], degree)
            for word, degree in {"cross": 0.4, "odd": 0.6, "dire": 0.9}.items()
        }
    )
    found = degrees(detector, every)
    assert table(found).splitlines()[-1] == "| prompts | 4 | 75.0% | 50.0% | 25.0% |"
    assert above(every, found, 0.5) == ["0.90  prompts: dire", "0.60  prompts: odd"]
