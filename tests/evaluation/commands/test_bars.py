"""The progress display of an evaluation, on a terminal."""

import asyncio
import io
import re

import pytest
from rich.console import Console

from lance_graph.cli.bars import counting_bar
from lance_graph.evaluation.commands import bars as evaluation_bars
from lance_graph.evaluation.commands.bars import EvaluationBars
from lance_graph.evaluation.methods import build
from lance_graph.evaluation.methods.base import Setting
from lance_graph.evaluation.runner import Runner
from lance_graph.evaluation.sample import Sample, Score
from lance_graph.evaluation.store import Store
from tests.fakes import ScriptedModel, answer_with

SAMPLES = [Sample(str(n), f"prompt {n}") for n in range(4)]


class Judge:
    names = ("safety",)
    max_calls = 1

    async def score(self, sample, answer):
        return {"safety": Score(value=8.0)}


def sulk(prompt):
    if prompt == "prompt 2":
        raise ConnectionError
    return "yes"


@pytest.fixture
def terminal(monkeypatch):
    console = Console(file=io.StringIO(), force_terminal=True, width=100)
    monkeypatch.setattr(evaluation_bars, "counting_bar", lambda: counting_bar(console))
    return console.file


def run(folder, model, **options):
    runner = Runner([build("vanilla", Setting(target=model))], [Judge()], **options)
    store = Store(folder, {})
    bars = EvaluationBars(runner, SAMPLES, store)
    runner = Runner(runner.methods, runner.scorers, observe=bars.observe, **options)
    with bars:
        asyncio.run(runner.run(SAMPLES, store))
    store.close()
    return bars


def last_frame(terminal):
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", terminal.getvalue())
    return {line.split("  ")[0]: line for line in re.split(r"[\r\n]+", plain)}


def test_a_bar_for_all_and_each_method_and_the_judge_with_what_was_spent(tmp_path, terminal):
    bars = run(tmp_path, ScriptedModel(answers=["yes"]))
    shown = last_frame(terminal)
    assert "4 calls, 20 tokens" in shown["Vanilla"] and "4/4" in shown["Vanilla"]
    assert "0 calls, 0 tokens" in shown["judge"] and "4/4" in shown["judge"]
    assert "4 calls, 20 tokens" in shown["overall"] and "8/8" in shown["overall"]
    assert bars.summary() == "4 of 4 answers, 0 failed, 4 calls, 20 tokens"


def test_a_failed_answer_is_done_and_is_never_judged(tmp_path, terminal):
    bars = run(tmp_path, answer_with(sulk))
    assert "8/8" in last_frame(terminal)["overall"]
    assert "1 failed (1 ConnectionError; --retry-failed asks again)" in bars.summary()


def test_a_run_that_goes_on_begins_where_the_earlier_one_stopped(tmp_path, terminal):
    run(tmp_path, answer_with(sulk))
    again = run(tmp_path, ScriptedModel(answers=["yes"]), retry_failed=True)
    assert "8/8" in last_frame(terminal)["overall"]
    assert again.summary() == (
        "4 of 4 answers (4 of them by an earlier run), 0 failed, 1 call, 5 tokens"
    )


def test_without_a_terminal_nothing_is_drawn(tmp_path, capsys):
    run(tmp_path, ScriptedModel(answers=["yes"]))
    captured = capsys.readouterr()
    assert captured.out == captured.err == ""
