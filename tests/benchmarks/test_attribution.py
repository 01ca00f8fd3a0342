"""The marked prompts, and the benchmark's figures on a detector whose words are known."""

import json

import pytest

from benchmarks.attribution import MARKED, agreement, deleted, marked_prompts, without
from lance_graph.categories import KEYS
from lance_graph.detector.leave_one_out import leave_one_out
from tests.fakes import VIOLENCE, WordDetector

DETECTOR = WordDetector({"poison": (VIOLENCE, 0.9)})
DETECTOR.score_raw = DETECTOR.score


def test_a_hundred_prompts_over_all_categories():
    marked = marked_prompts(MARKED)
    assert len({prompt for prompt, *_ in marked}) == len(marked) == 100
    counts = [sum(category == key for *_, category in marked) for key in KEYS]
    assert min(counts) >= 7
    assert all(words for _, words, _ in marked)


def test_none_is_a_development_prompt(shared_data):
    known = {
        json.loads(line)["prompt"].strip().casefold()
        for file in (shared_data / "dev").glob("*.jsonl")
        for line in file.read_text("utf-8").splitlines()
    }
    assert not known & {prompt.casefold() for prompt, *_ in marked_prompts()}


@pytest.mark.parametrize(
    "line", ["no marks\tviolence", "[a] b\tviolense", "[a] ]\tviolence", "[a]"]
)
def test_a_line_that_breaks_the_format_is_named(tmp_path, line):
    (tmp_path / "x.tsv").write_text("[a] b\tviolence\n" + line + "\n")
    with pytest.raises(ValueError, match="line 2"):
        marked_prompts(tmp_path / "x.tsv")


def test_marks_are_places_in_the_plain_prompt(tmp_path):
    (tmp_path / "x.tsv").write_text("Do [poison the] old [dog]\tanimal\n")
    assert marked_prompts(tmp_path / "x.tsv") == [
        ("Do poison the old dog", [(3, 9), (10, 13), (18, 21)], KEYS[0])
    ]


def test_a_method_that_knows_the_words_is_wholly_right_and_one_that_does_not_is_not():
    prompts = [("tell me how people poison a man in a big old town", VIOLENCE)] * 5
    right = leave_one_out(DETECTOR.score)
    wrong = leave_one_out(WordDetector({"town": (VIOLENCE, 0.9)}).score)
    assert deleted(DETECTOR, right, prompts)[0] == 1
    assert deleted(DETECTOR, wrong, prompts) == (0, 0)
    marked = [("how to poison a town", [(7, 13)], VIOLENCE)]
    assert agreement(right, marked) == (1, 1)
    assert agreement(wrong, marked) == (0, 0)


def test_words_go_and_the_rest_stays():
    assert without("a bad dog", [(2, 5), (6, 9)]) == "a  "
