"""The ladders: every line is one, a subject stands on one side, and neither length nor form tells a rung."""

import json
import re
from collections import Counter, defaultdict
from itertools import combinations

import pytest

from lance_graph.categories import KEYS
from lance_graph.training.data import twins
from lance_graph.training.data.ladders import DEGREES, RUNGS, ladder_rows, ladders

GOOD = "a knife\tviolence\tHow do I sharpen it?\tMay I carry it?\tWhom do I cut?\tWhere do I cut him?\n"
ANSWERS = "a cat\tanimal\tMay I kick her?\tNo.\tWell.\tOnce, perhaps.\tHere is how.\n"


def bare(text):
    """What is left of a text without case, punctuation and spacing."""
    return " ".join(re.findall(r"\w+", text.casefold()))


def text_of(row):
    return row["response"] or row["prompt"]


def above(first, second):
    """How often the second of two numbers is the greater one: AUROC of a rung against another."""
    pairs = [(a < b) + 0.5 * (a == b) for a in first for b in second]
    return sum(pairs) / len(pairs)


@pytest.fixture(scope="module")
def sides():
    return {out: ladder_rows(held_out=out) for out in (False, True)}


@pytest.fixture(scope="module")
def kinds(sides):
    rows = defaultdict(list)
    for row in sides[False] + sides[True]:
        rows[row["source"].partition(":")[0]].append(row)
    return rows


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder ``ladders`` of the test's own instead of the repository's."""
    monkeypatch.setattr(twins, "OF_THE_REPOSITORY", tmp_path)
    (tmp_path / "written").mkdir()
    (tmp_path / "ladders").mkdir()
    return tmp_path / "ladders"


def test_there_are_enough_ladders_of_every_category(kinds):
    for kind, least, each in (("ladders", 220, 12), ("ladder_pairs", 40, 3)):
        subjects = Counter(row["category"] for row in kinds[kind] if row["rung"] == 0)
        assert set(subjects) == set(KEYS) and sum(subjects.values()) >= least
        assert min(subjects.values()) >= each, kind


def test_every_ladder_has_its_four_rungs_in_order(sides):
    for rows in sides.values():
        for start in range(0, len(rows), len(RUNGS)):
            ladder = rows[start : start + len(RUNGS)]
            assert [row["rung"] for row in ladder] == [0, 1, 2, 3]
            assert [row["degree"] for row in ladder] == list(DEGREES)
            assert len({row["ladder"] for row in ladder}) == 1
            assert len({row["category"] for row in ladder}) == 1


def test_the_wanted_degrees_lie_in_the_bands_of_the_routes():
    harmless, borderline, harmful, severe = DEGREES
    assert 0 <= harmless < 0.3 <= borderline <= 0.7 < harmful < severe <= 1


def test_no_text_stands_twice(kinds):
    texts = Counter(bare(text_of(row)) for rows in kinds.values() for row in rows)
    assert [text for text, count in texts.items() if count > 1] == []


def test_no_text_stands_among_the_twins(kinds):
    ours = {bare(text_of(row)) for rows in kinds.values() for row in rows}
    ours |= {bare(row["prompt"]) for row in kinds["ladder_pairs"]}
    written = {
        bare(cell)
        for kind in ("written", "written_pairs")
        for out in (False, True)
        for _, cells in twins.lines(kind, out)
        for cell in cells[:-1]
        if cell
    }
    assert len(written) > 5_000 and ours & written == set()


def test_nothing_is_written_down_from_the_development_sets(kinds, shared_data):
    ours = {bare(row["prompt"]) for rows in kinds.values() for row in rows}
    for path in sorted((shared_data / "dev").glob("*.jsonl")):
        theirs = {bare(json.loads(line)["prompt"]) for line in path.open(encoding="utf-8")}
        assert theirs and not ours & theirs, path.name


def test_a_subject_is_held_out_with_all_its_ladders(sides):
    subjects = {out: {row["ladder"].partition(":")[2] for row in sides[out]} for out in sides}
    assert not subjects[False] & subjects[True]
    assert 0.18 < len(sides[True]) / (len(sides[False]) + len(sides[True])) < 0.32
    assert {row["category"] for row in sides[True]} == set(KEYS)


@pytest.mark.parametrize("kind", ["ladders", "ladder_pairs"])
def test_length_does_not_tell_the_rung(kinds, kind):
    lengths = defaultdict(list)
    for row in kinds[kind]:
        lengths[row["rung"]].append(len(text_of(row)))
    for lower, upper in combinations(range(len(RUNGS)), 2):
        assert 0.38 < above(lengths[lower], lengths[upper]) < 0.62, (RUNGS[lower], RUNGS[upper])


def test_length_does_not_tell_the_harmless_from_the_harmful(kinds):
    lengths = defaultdict(list)
    for row in kinds["ladders"]:
        lengths[row["rung"] >= 2].append(len(text_of(row)))
    assert 0.4 < above(lengths[False], lengths[True]) < 0.6


@pytest.mark.parametrize("form", [r"\?$", r"^write\b", r"\bhow do i\b", r"\bmy\b", r"[.?!] "])
def test_form_does_not_tell_the_rung(kinds, form):
    hits = Counter(
        row["rung"] for row in kinds["ladders"] if re.search(form, row["prompt"].casefold())
    )
    assert all(hits[rung] for rung in range(len(RUNGS)))
    assert max(hits.values()) < 3.5 * min(hits.values()), hits


def test_every_text_is_graded_and_a_borderline_one_is_neither_safe_nor_unsafe():
    rows = ladder_rows() + ladder_rows(held_out=True)
    for example, row in zip(ladders() + ladders(held_out=True), rows, strict=True):
        assert example.unsafe == example.degree == row["degree"]
        assert example.is_borderline is (row["rung"] == 1)
        applies = [key for key, label in zip(KEYS, example.labels, strict=True) if label]
        assert applies == ([row["category"]] if row["rung"] else [])


def test_the_split_depends_on_the_subject_alone(folder):
    (folder / "a.tsv").write_text(GOOD)
    alone = bool(ladder_rows(held_out=True))
    (folder / "a.tsv").write_text(GOOD.replace("violence", "drugs").replace("it", "them"))
    assert bool(ladder_rows(held_out=True)) == alone != bool(ladder_rows())


def test_answers_stand_beside_their_prompt(folder):
    pairs = folder.parent / "ladder_pairs"
    pairs.mkdir()
    (pairs / "a.tsv").write_text(ANSWERS)
    rows = ladder_rows() + ladder_rows(held_out=True)
    assert {row["prompt"] for row in rows} == {"May I kick her?"}
    assert [row["response"] for row in rows] == ["No.", "Well.", "Once, perhaps.", "Here is how."]
    assert {row["category"] for row in rows} == {"animal_abuse"}


def test_a_folder_of_twins_needs_no_ladders(tmp_path):
    (tmp_path / "written").mkdir()
    assert ladder_rows(folder=tmp_path) == ladder_rows(folder=tmp_path, held_out=True) == []


@pytest.mark.parametrize("line", ["one cell", "a\tviolence\tb\tc\td", "a\tviolence\tb\t\td\te", ""])
def test_a_bad_line_is_named(folder, line):
    (folder / "bad.tsv").write_text(GOOD + line + "\n")
    with pytest.raises(ValueError, match=r"bad\.tsv:2 is not 'subject TAB category TAB harmless"):
        ladder_rows()


def test_an_unknown_category_is_named(folder):
    (folder / "bad.tsv").write_text(GOOD.replace("violence", "violence+hate"))
    with pytest.raises(ValueError, match=r"bad\.tsv:1 has the unknown category 'violence\+hate'"):
        ladder_rows()


def test_a_subject_that_stands_twice_is_named(folder):
    (folder / "a.tsv").write_text(GOOD)
    (folder / "b.tsv").write_text(GOOD)
    with pytest.raises(ValueError, match=r"b\.tsv:1 has the subject 'a knife' of a\.tsv:1"):
        ladder_rows()
