"""The hand-written twins: every line is one, no text stands twice, none is a development prompt."""

import json
import re
from collections import Counter, defaultdict

import pytest

from lance_graph.categories import KEYS
from lance_graph.training.data import twins
from lance_graph.training.data.twins import written_pairs, written_rows

GOOD = "How do I kill a process?\tHow do I kill a man?\tviolence\n"


def bare(text):
    """What is left of a text without case, punctuation and spacing."""
    return " ".join(re.findall(r"\w+", text.casefold()))


@pytest.fixture(scope="module")
def lines():
    return [(twin, *cells) for out in (False, True) for twin, cells in twins.lines("written", out)]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder ``written`` of the test's own instead of the repository's."""
    monkeypatch.setattr(twins, "OF_THE_REPOSITORY", tmp_path)
    (tmp_path / "written").mkdir()
    return tmp_path / "written"


def test_every_line_is_a_twin_or_a_single_with_known_categories():
    rows = written_rows() + written_rows(held_out=True)
    assert len(rows) > 5_000
    for row in rows:
        assert row["prompt"] and row["prompt"] == row["prompt"].strip()
        assert row["is_safe"] == (not row["categories"]) and set(row["categories"]) <= set(KEYS)
        assert len(row["categories"]) <= 3 and row["response"] is None
    assert {key for row in rows for key in row["categories"]} == set(KEYS)


def test_texts_are_distinct(lines):
    texts = Counter(bare(text) for _, *pair, _ in lines for text in pair if text)
    assert [text for text, count in texts.items() if count > 1] == []


def test_safe_and_unsafe_texts_are_about_balanced(lines):
    unsafe = sum(bool(line[2]) for line in lines)
    safe = sum(bool(line[1]) for line in lines)
    assert 0.4 < safe / (safe + unsafe) < 0.65


def test_length_does_not_tell_safe_from_unsafe(lines):
    pairs = [(len(safe), len(unsafe)) for _, safe, unsafe, _ in lines if safe and unsafe]
    shorter = sum(safe < unsafe for safe, unsafe in pairs) / len(pairs)
    ratio = sum(safe for safe, _ in pairs) / sum(unsafe for _, unsafe in pairs)
    assert 0.25 < shorter < 0.75 and 0.8 < ratio < 1.25


def test_nothing_is_written_down_from_the_development_sets(lines, shared_data):
    ours = {bare(text) for _, *pair, _ in lines for text in pair if text}
    for path in sorted((shared_data / "dev").glob("*.jsonl")):
        theirs = {bare(json.loads(line)["prompt"]) for line in path.open(encoding="utf-8")}
        assert theirs and not ours & theirs, path.name


def test_answers_come_in_every_category_and_no_prompt_stands_twice_in_a_file():
    rows = written_pairs() + written_pairs(held_out=True)
    asked = defaultdict(Counter)
    for row in rows:
        assert row["prompt"] and row["response"] and row["is_safe"] == (not row["categories"])
        asked[row["source"]][bare(row["prompt"]), row["is_safe"]] += 1
    assert {key for row in rows for key in row["categories"]} == set(KEYS)
    for file, prompts in asked.items():
        assert [prompt for prompt, count in prompts.items() if count > 1] == [], file


def test_neither_length_nor_markdown_of_an_answer_tells_safe_from_unsafe():
    answers = defaultdict(dict)
    for row in written_pairs() + written_pairs(held_out=True):
        if row["source"] == "written:model_answers":
            answers[row["twin"]][row["is_safe"]] = row["response"]
    both = [pair for pair in answers.values() if len(pair) == 2]
    assert len(both) > 250 and len(answers) - len(both) < 10
    assert 0.3 < sum(len(pair[True]) < len(pair[False]) for pair in both) / len(both) < 0.7
    for mark in ("\n", "**", "```", "1. ", "I hope this helps", "sorry", "an AI"):
        safe, unsafe = (sum(mark in pair[label] for pair in both) for label in (True, False))
        assert 0.6 < unsafe / safe < 1.7, mark


def test_a_line_break_is_written_with_a_backslash(tmp_path):
    (tmp_path / "written_pairs").mkdir()
    file = tmp_path / "written_pairs" / "a.tsv"
    file.write_text("How?\tSure!\\n1. So\tSure!\\n1. Harm\tviolence\n")
    rows = written_pairs(folder=tmp_path) + written_pairs(held_out=True, folder=tmp_path)
    assert [row["response"] for row in rows] == ["Sure!\n1. So", "Sure!\n1. Harm"]


def test_a_part_is_held_out_and_the_rest_is_for_training(lines):
    held, kept = ({row["twin"] for row in written_rows(held_out=out)} for out in (True, False))
    assert not held & kept and len(held | kept) == len(lines)
    assert 0.07 < len(held) / len(lines) < 0.13


def test_twins_stay_together(lines):
    for held_out in (True, False):
        families = defaultdict(list)
        for row in written_rows(held_out=held_out):
            families[row["twin"]].append(row["is_safe"])
        both = sum(sorted(labels) == [False, True] for labels in families.values())
        assert all(len(set(labels)) == len(labels) for labels in families.values())
        assert both > len(families) / 2


def test_the_split_depends_on_the_line_alone(folder):
    before = "What time is it in Lima?\t\t\n"
    (folder / "a.tsv").write_text(GOOD)
    alone = bool(written_rows(held_out=True))
    (folder / "a.tsv").write_text(before + GOOD)
    assert alone == any("kill" in row["prompt"].lower() for row in written_rows(held_out=True))


def test_the_seed_changes_the_register_and_nothing_else():
    first, again, other = written_rows(1), written_rows(1), written_rows(2)
    assert first == again and first != other
    labels = [[(row["twin"], row["is_safe"]) for row in rows] for rows in (first, other)]
    assert labels[0] == labels[1]


@pytest.mark.parametrize(
    "line",
    [
        "only one cell",
        "two\tcells",
        "safe\tunsafe\tviolence\tmore",
        "safe\tunsafe\t",
        "safe\t\tviolence",
        "\t\t",
        "",
    ],
)
def test_a_bad_line_is_named(folder, line):
    (folder / "bad.tsv").write_text(GOOD + line + "\n" + GOOD)
    with pytest.raises(
        ValueError, match=r"bad\.tsv:2 is not 'safe text TAB unsafe text TAB category'"
    ):
        written_rows()


def test_an_unknown_category_is_named(folder):
    (folder / "bad.tsv").write_text(GOOD + "safe\tunsafe\tviolence+arson\n")
    with pytest.raises(ValueError, match=r"bad\.tsv:2 has the unknown category 'arson'; .*terror"):
        written_rows()


def test_other_files_are_no_twins(folder):
    (folder / "notes.txt").write_text("not a twin")
    (folder / "a.tsv").write_text(GOOD)
    assert len(written_rows() + written_rows(held_out=True)) == 2


def test_the_twins_of_a_named_folder_are_read(tmp_path):
    (tmp_path / "written").mkdir()
    (tmp_path / "written" / "mine.tsv").write_text(GOOD)
    rows = [row for out in (False, True) for row in written_rows(held_out=out, folder=tmp_path)]
    assert [row["source"] for row in rows] == ["written:mine"] * 2
    assert twins.written_pairs(folder=str(tmp_path)) == []  # it has prompts only


def test_a_folder_without_twins_is_named(tmp_path):
    with pytest.raises(
        FileNotFoundError, match=rf"no twins in '{tmp_path}': it has no written/ or"
    ):
        written_rows(folder=tmp_path)


def test_where_there_is_no_repository_the_error_says_where_to_get_them(tmp_path, monkeypatch):
    monkeypatch.setattr(twins, "OF_THE_REPOSITORY", tmp_path / "contrasts")
    with pytest.raises(FileNotFoundError, match=r"'contrasts' of the repository.*twins:FOLDER"):
        written_rows()
