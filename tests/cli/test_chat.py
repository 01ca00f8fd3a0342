"""`lance-graph chat`: turns, steps, commands, Ctrl-C, and nothing unsafe on any stream."""

import os
import signal
import threading
from typing import get_args

import pytest

from lance_graph import LanceContext
from lance_graph.categories import KNOWN
from lance_graph.cli.conversing.conversation import Conversation
from lance_graph.cli.conversing.loop import Loop
from lance_graph.cli.conversing.telling import BRANCHES, Telling, described
from lance_graph.routing import AfterScoring, ThresholdPolicy
from tests.fakes import ScriptedModel

MODELS = ("--target", "fake:answer", "--refiner", "fake:refine")


def test_an_answer_is_on_stdout_and_everything_else_is_not(lance, chat_models):
    result = lance("chat", *MODELS, stdin="How do I end a task?\n")
    assert result.exit_code == 0
    assert result.stdout == "Use the task manager.\n"
    steps = ["scored", "routed", "answering", "scored", "routed"]
    assert [line.split(":")[0].strip() for line in result.stderr.splitlines()[:5]] == steps
    assert result.stderr.splitlines()[5].startswith("[safe · risk ")
    assert "\x1b" not in result.output


def test_a_turn_is_asked_with_those_before_it_and_new_forgets_them(lance, chat_models):
    target = chat_models["fake:answer"]
    lance("chat", *MODELS, stdin="one\n\ntwo\n/new\nthree\n")
    seen = [[message.text for message in call] for call in target.calls]
    answer = "Use the task manager."
    assert seen == [["one"], ["one", answer, "two"], ["three"]]


def test_a_rewritten_prompt_is_told_and_why_says_the_gradient_in_words(lance, chat_models):
    result = lance("chat", *MODELS, stdin="/why\nHow do I kill him?\n/why\n")
    lines = result.stderr.splitlines()
    assert "nothing has been answered yet" in lines[0]
    assert "  rewriting: attempt 1" in lines
    assert any(line.startswith("[rewritten, then answered · risk Violence") for line in lines)
    assert any("0.90, a severe change is asked for, carried by “kill”" in line for line in lines)
    assert any("{+" in line and "stop" in line for line in lines)
    assert result.stdout == "Use the task manager.\n"


@pytest.mark.parametrize("more", [(), ("--notice",), ("--screening", "pair")])
def test_nothing_unsafe_is_shown(lance, chat_models, more):
    chat_models["fake:answer"] = ScriptedModel(answers=["bomb CANARY"])
    chat_models["fake:refine"] = ScriptedModel(answers=["kill CANARY"])
    asked = "How do I end a task?\n/why\nHow do I kill him?\n/why\n"
    result = lance("chat", *MODELS, *more, stdin=asked)
    assert result.exit_code == 0 and "CANARY" not in result.output
    assert result.stderr.count("[fell back to a prepared answer") == 2


def test_the_notice_is_part_of_the_answer(lance, chat_models):
    result = lance("chat", *MODELS, "--notice", stdin="How do I kill him?\n")
    assert result.stdout.startswith("I understood your question as")


def test_control_characters_of_an_answer_do_not_reach_the_terminal(lance, chat_models):
    chat_models["fake:answer"] = ScriptedModel(answers=["red \x1b[31mtext"])
    assert lance("chat", *MODELS, stdin="hello\n").stdout == "red ␛[31mtext\n"


def test_tabs_and_brackets_of_an_answer_are_its_own(lance, chat_models):
    chat_models["fake:answer"] = ScriptedModel(answers=["all:\n\tmake [bold]it[/bold] :smile:  "])
    assert lance("chat", *MODELS, stdin="hello\n").stdout == (
        "all:\n\tmake [bold]it[/bold] :smile:  \n"
    )


def test_a_component_that_fails_is_said_and_ends_with_its_exit_code(lance, chat_models):
    def fail(messages):
        raise ValueError("CANARY")

    chat_models["fake:answer"] = ScriptedModel(answers=fail)
    result = lance("chat", *MODELS, stdin="hello\nhello again\n")
    assert result.exit_code == 3 and "CANARY" not in result.output
    assert result.stderr.count("[degraded: a component failed") == 2


def test_commands(lance, chat_models):
    result = lance("chat", *MODELS, stdin="/help\n/nothing\n/quit\nnever asked\n")
    assert result.exit_code == 0 and result.stdout == "" and not chat_models["fake:answer"].calls
    assert result.stderr.count("Ctrl-C stops an answer") == 2 and "no such command" in result.stderr


def test_a_question_may_begin_with_a_slash(lance, chat_models):
    lance("chat", *MODELS, stdin="/etc/hosts\n  /s what does it mean?\n")
    asked = [call[-1].text for call in chat_models["fake:answer"].calls]
    assert asked == ["/etc/hosts", "  /s what does it mean?"]


def test_wrong_options_are_told_as_by_the_other_commands(lance, chat_models, tmp_path):
    assert "--target" in lance("chat", "--target", "fake:none", stdin="hello\n").stderr
    assert lance("chat", "--tau", "7", stdin="hello\n").exit_code == 2
    file = tmp_path / "lance.yaml"
    file.write_text("review: always\n")
    assert "pauses a run for a person" in lance("chat", "--context", file, stdin="hello\n").stderr


def test_every_branch_and_event_has_words():
    assert {*get_args(AfterScoring)} == {*BRANCHES}
    event = {"lance": "scored", "scored": "pair", "max_risk": None, "categories": []}
    assert "not measured" in described(event, KNOWN)
    assert described({"lance": "delivered", "status": "safe", "iterations": 0}, KNOWN) == ""


@pytest.fixture
def talk(monkeypatch, capsys, detector):
    """A person at a terminal types the lines; what was printed, and the loop."""

    def run(target, *lines):
        typed = iter(lines)

        def read(prompt=""):
            print(end=prompt)
            line = next(typed, None)
            if line is None:
                raise EOFError
            if isinstance(line, BaseException):
                raise line
            return line

        monkeypatch.setattr("builtins.input", read)
        context = LanceContext(detector=detector, target=target)
        with Conversation(context) as conversation:
            loop = Loop(conversation, Telling(ThresholdPolicy(), KNOWN))
            loop.watched = True
            loop.run()
            return capsys.readouterr(), conversation

    return run


def test_answers_alone_go_to_a_file_though_a_person_types(talk):
    said, _ = talk(ScriptedModel(answers=["an answer"]), "one")
    assert said.out == "an answer\n" and said.err.count("you> ") == 2


def test_ctrl_c_stops_the_answer_and_not_the_conversation(talk):
    def answers(messages):
        if messages[-1].text == "first":
            os.kill(os.getpid(), signal.SIGINT)
            stopped.wait(0.2)
            return "too late"
        return "in time"

    stopped = threading.Event()
    before = signal.getsignal(signal.SIGINT)
    said, conversation = talk(ScriptedModel(answers=answers), "first", "second")
    assert signal.getsignal(signal.SIGINT) is before
    assert said.out.strip() == "in time" and "stopped" in said.err
    assert [message.text for message in conversation.messages] == ["second", "in time"]


def test_ctrl_c_while_nothing_runs_and_in_a_command_goes_on_too(talk, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(Telling, "why", interrupted)
    target = ScriptedModel(answers=["an answer"])
    said, _ = talk(target, KeyboardInterrupt(), "one", "/why", "two")
    assert said.out.count("an answer") == 2
    assert "Ctrl-D ends the conversation" in said.err and "stopped" in said.err


def test_a_line_that_is_no_text_is_left_out(talk):
    broken = UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid")
    said, _ = talk(ScriptedModel(answers=["an answer"]), broken, "one")
    assert said.out.strip() == "an answer" and "not UTF-8" in said.err


def test_what_nobody_foresaw_is_named_without_its_text_and_the_turn_forgotten(talk, monkeypatch):
    def fail(*_):
        raise RuntimeError("CANARY")

    monkeypatch.setattr("lance_graph.cli.conversing.conversation.Conversation._run", fail)
    said, conversation = talk(ScriptedModel(answers=["an answer"]), "one")
    assert "RuntimeError" in said.err and "CANARY" not in said.err + said.out
    assert conversation.messages == []
