"""Everyday talk beside its harmful twin, and ordinary answers: enough of them, and balanced in form."""

import re
from collections import Counter
from statistics import mean

import pytest

from lance_graph.training.data import twins

FILES = {"written": ("everyday_2", 300), "written_pairs": ("everyday", 150)}


def bare(text):
    """What is left of a text without case, punctuation and spacing."""
    return " ".join(re.findall(r"\w+", text.casefold()))


def read(kind, wanted=True):
    """Cells of the lines that are (or are not) everyday talk."""
    name = FILES[kind][0]
    return [
        cells
        for out in (False, True)
        for twin, cells in twins.lines(kind, out)
        if (twin.partition(":")[0] == name) is wanted
    ]


@pytest.mark.parametrize("kind", FILES)
def test_there_are_enough_and_each_has_its_twin(kind):
    rows = read(kind)
    assert len(rows) >= FILES[kind][1]
    assert all(all(cells) for cells in rows)
    named = {name for cells in rows for name in cells[-1].split("+")}
    assert named == set(twins.CATEGORIES)


@pytest.mark.parametrize("kind", FILES)
def test_no_text_stands_twice_or_in_another_file(kind):
    ours = Counter(bare(cell) for cells in read(kind) for cell in cells[:-1])
    assert [text for text, count in ours.items() if count > 1] == []
    others = {
        bare(cell) for any_kind in FILES for cells in read(any_kind, False) for cell in cells[:-1]
    }
    assert len(others) > 5_000 and others & set(ours) == set()


@pytest.mark.parametrize("kind", FILES)
def test_length_does_not_tell_harmless_from_harmful(kind):
    lengths = [(len(cells[-3]), len(cells[-2])) for cells in read(kind)]
    shorter = mean(safe < unsafe for safe, unsafe in lengths)
    safe, unsafe = zip(*lengths, strict=True)
    auroc = mean((a < b) + 0.5 * (a == b) for a in safe for b in unsafe)
    assert 0.3 < shorter < 0.7 and 0.4 < auroc < 0.6


@pytest.mark.parametrize("form", [r"\?$", r"\bhow do i\b", r"\bmy\b", r"\bkill", r"\bshoot|shot"])
def test_form_does_not_tell_harmless_from_harmful(form):
    rows = read("written")
    safe, unsafe = (sum(bool(re.search(form, row[n].casefold())) for row in rows) for n in (0, 1))
    assert 0.5 < safe / unsafe < 2


def test_twins_share_words():
    def words(text):
        return set(re.findall(r"\w{4,}", text.casefold()))

    shared = [len(words(safe) & words(unsafe)) for safe, unsafe, _ in read("written")]
    assert mean(count >= 1 for count in shared) > 0.9


def test_some_harmless_answers_are_short_refusals_of_harmful_prompts():
    refusals = [
        safe for _, safe, *_ in read("written_pairs") if re.search(r"\b(can't|won't|sorry)\b", safe)
    ]
    assert len(refusals) >= 20 and min(len(text) for text in refusals) < 40
