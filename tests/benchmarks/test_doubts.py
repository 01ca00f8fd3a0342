"""What the benchmark says of the loop with a band, by a detector that gives its spreads."""

import json

import pytest

from benchmarks import doubts
from benchmarks.doubts import rewrites, row, run, settings, words_kept
from tests.fakes import VIOLENCE, DoubtfulDetector

DETECTOR = DoubtfulDetector({"how to attack": (0.75, 0.1), "how to shove": (0.28, 0.1)})
ATTACK, SHOVE, COOK = "how to attack a neighbour", "how to shove a cart", "how to cook rice"


def cells(line):
    return [cell.strip() for cell in line.strip("| ").split("|")]


def test_every_width_has_both_ways_and_off_stands_first():
    found = dict(settings([1, 2]))
    assert list(found) == ["off", "soften, 1", "review, 1", "soften, 2", "review, 2"]
    assert found["off"] == {} and found["review, 2"] == {"abstain": 2, "when_uncertain": "review"}


@pytest.mark.parametrize(
    ("prompt", "way", "branch", "waited"),
    [
        (ATTACK, "off", "rewrite_severe", False),
        (ATTACK, "soften, 1", "rewrite_mild", False),
        (ATTACK, "review, 1", "rewrite_severe", True),
        (SHOVE, "soften, 1", None, False),
        (SHOVE, "review, 1", None, True),
        (COOK, "review, 1", None, False),
    ],
)
def test_a_prompt_takes_its_way(prompt, way, branch, waited):
    verdict, asked = run(DETECTOR, prompt, dict(settings([1]))[way])
    assert (next(iter(rewrites(verdict)), None), asked) == (branch, waited)
    assert verdict["risk"][VIOLENCE] is not None


def test_the_figures_are_those_of_the_runs():
    found = [run(DETECTOR, prompt, dict(settings([1]))["review, 1"]) for prompt in (ATTACK, SHOVE)]
    figures = cells(row("review, 1", found))
    assert figures[:7] == ["review, 1", "50.0%", "0.0%", "50.0%", "100.0%", "1.00", "0.0%"]
    assert figures[8] == "0.15"  # of 0.02 and 0.28
    assert words_kept("How to attack", "how to hug") == pytest.approx(2 / 3)
    assert words_kept("", "anything") == 0


def test_the_whole_of_it(tmp_path, monkeypatch, capsys):
    rows = [
        {"prompt": ATTACK},
        {"prompt": SHOVE, "is_safe": True},
        {"prompt": COOK, "is_safe": True},
    ]
    file = tmp_path / "prompts.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    monkeypatch.setattr(doubts, "load_detector", lambda _: DETECTOR)
    monkeypatch.setattr("sys.argv", ["doubts", str(file), "--spreads", "1"])
    doubts.main()
    told = [cells(line) for line in capsys.readouterr().out.splitlines() if line.startswith("| ")]
    assert [line[0] for line in told] == [
        "harmless (2)", "off", "soften, 1", "review, 1", "harmful (1)", "off", "soften, 1", "review, 1",
    ]  # fmt: skip
    assert [line[4] for line in told[1:4]] == ["0.0%", "0.0%", "50.0%"]
    assert [line[2] for line in told[5:]] == ["0.0%", "100.0%", "0.0%"]
