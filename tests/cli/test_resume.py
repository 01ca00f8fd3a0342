"""A bulk run that was stopped goes on where it stopped, and touches no file that is not its own."""

import os
import signal
import subprocess
import sys
import time

import pytest

from lance_graph.cli.bulk import work_through
from lance_graph.cli.errors import CliError
from tests.cli.fixtures import ROOT, echo_job, environment, read_rows
from tests.fakes import ScriptedModel

SLOW = """
import sys, time, types
from lance_graph.categories import KEYS
from lance_graph.scores import RiskScore

class Slow:
    def score(self, pairs):
        time.sleep(0.3)  # long enough to be stopped in on a busy machine
        return [RiskScore(KEYS, (1.0,) * 14, (40.0,) * 14) for _ in pairs]

fake = types.ModuleType("lance_graph.detector.detector")
fake.load_detector = lambda _: slow
slow = Slow()
sys.modules[fake.__name__] = fake
from lance_graph.cli import main
main()
"""


def start_slow(*args):
    return subprocess.Popen(
        [sys.executable, "-c", SLOW, *map(str, args)], cwd=ROOT, env=environment(), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def wait_for_lines(path, count, process):
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        if path.exists() and path.read_bytes().count(b"\n") >= count:
            return
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)
    raise AssertionError("no progress within five minutes")


@pytest.mark.parametrize("cut", [1, 5, 30])
def test_resuming_cuts_a_torn_line_and_repeats_nothing(prompts, target, cut):
    seen = []
    job = echo_job(lambda fields: seen.append(fields["id"]) or {"echo": fields["prompt"]})
    work_through(job, prompts, target)
    whole = target.read_bytes()
    lines = whole.splitlines(keepends=True)
    target.write_bytes(b"".join(lines[:10]) + lines[10][:-cut])
    seen.clear()
    work_through(job, prompts, target)
    assert target.read_bytes() == whole
    assert seen == [f"p{n}" for n in range(10, 30)]


@pytest.mark.slow
@pytest.mark.parametrize(("sent", "workers"), [(signal.SIGKILL, None), (signal.SIGINT, "3")])
def test_a_run_that_was_stopped_goes_on(lance, prompts, target, sent, workers):
    args = ("run", "--concurrency", workers) if workers else ("score",)
    args = (*args, "--input", prompts, "--output", target)
    process = start_slow(*args)
    wait_for_lines(target, 3, process)
    os.kill(process.pid, sent)
    _, errors = process.communicate(timeout=60)
    done = target.read_bytes().count(b"\n")
    assert 3 <= done < 30
    if sent == signal.SIGINT:
        assert process.returncode == 130
        assert "interrupted after" in errors and "Traceback" not in errors
    again = lance(*args)
    assert again.exit_code == 0, again.output
    assert [record["id"] for record in read_rows(target)] == [f"p{n}" for n in range(30)]
    assert f"30 done ({done} of them by an earlier run)" in again.stderr


def test_what_grew_since_is_done_on_the_next_run(write_rows, target):
    work_through(echo_job(), write_rows({"prompt": "a"}), target)
    work_through(echo_job(), write_rows({"prompt": "a"}, "oops", {"prompt": "b"}), target)
    assert [record["line"] for record in read_rows(target)] == [1, 2, 3]


def test_an_interrupt_says_how_to_go_on(lance, chat_models, prompts, target):
    chat_models["fake:answer"] = ScriptedModel(answers=["one", "two", "three"])
    calls = iter([*range(2), None])

    def stop(messages):
        if next(calls) is None:
            raise KeyboardInterrupt
        return "fine"

    chat_models["fake:stop"] = ScriptedModel(answers=stop)
    args = ("run", "--input", prompts, "--output", target, "--target", "fake:stop")
    result = lance(*args, "--concurrency", 1)
    assert result.exit_code == 130
    assert "interrupted after 2 rows" in result.stderr and "the same command" in result.stderr
    assert len(read_rows(target)) == 2


def test_overwrite_starts_anew(prompts, target):
    target.write_text("something else\n")
    work_through(echo_job(), prompts, target, overwrite=True)
    assert len(read_rows(target)) == 30


@pytest.mark.parametrize(
    "content",
    [
        "my diary\n",
        "my diary, without end of line",
        '{"id": 1}\n',
        "[]\n",
        '{"line": 1, "prompt": "prompt 0", "risk": {}}\n',
        '{"line": 1, "prompt": "another prompt", "echo": ""}\n',
        '{"line": 2, "prompt": "prompt 1", "echo": ""}\n',
        '{"line": 1, "error": "not JSON"}\n',
        '{"line": 1, "prompt": "prompt 0", "echo": ""}\nbroken\n',
    ],
)
def test_an_output_of_something_else_is_refused_and_left_alone(prompts, target, content):
    target.write_text(content)
    with pytest.raises(CliError, match=r"another --output, or pass --overwrite"):
        work_through(echo_job(), prompts, target)
    assert target.read_text() == content


def test_an_output_longer_than_the_input_is_refused(write_rows, target):
    work_through(echo_job(), write_rows({"prompt": "a"}, {"prompt": "b"}), target)
    with pytest.raises(CliError, match="does not belong"):
        work_through(echo_job(), write_rows({"prompt": "a"}), target)


def test_run_and_score_do_not_continue_each_other(lance, write_rows, target):
    files = ("--input", write_rows({"prompt": "a"}), "--output", target)
    assert lance("score", *files).exit_code == 0
    result = lance("run", *files)
    assert result.exit_code == 1 and "--overwrite" in result.stderr
