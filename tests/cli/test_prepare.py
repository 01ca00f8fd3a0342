"""From what was typed, and a file, to a context: `--context`, `--target-option`, `--refiner-option`."""

import json

import pytest

from lance_graph import models
from lance_graph.cli.errors import UsageError
from lance_graph.cli.prepare import build_context
from lance_graph.model_options import HIDDEN
from tests.fakes import ScriptedModel

KEY = "sk-SECRET-123"
PROMPT = "How do I kill a Python process?"


@pytest.fixture
def write(tmp_path):
    def write(text, name="lance.yaml"):
        (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path / name

    return write


def test_what_is_typed_wins_over_the_file(write):
    file = write("target: gpt-4o\nmax_iterations: 5\nthresholds: {tau: 0.2, tau_severe: 0.8}\n")
    context = build_context(file, tau=0.25, tau_mild=None, max_iterations=1)
    assert (context.target, context.max_iterations) == ("gpt-4o", 1)
    assert (context.thresholds.tau, context.thresholds.tau_severe) == (0.25, 0.8)
    assert build_context(write("thresholds: 0.2"), tau_severe=0.9).thresholds.tau == 0.2


def test_a_prompt_of_the_file_goes_before_the_command_s_own(write):
    own = {"offline/general": "connect a model with --target", "notice": "a notice: $question"}
    file = write("prompts: {notice: mine $question, fall_back/general: I will not.}")
    assert build_context(file, prompts=own).prompts == own | {
        "notice": "mine $question", "fall_back/general": "I will not.",
    }  # fmt: skip
    assert build_context(prompts=own).prompts == own
    with pytest.raises(UsageError, match="prompts"):
        build_context(write("prompts: 7"), prompts=own)


def test_options_of_a_model_are_added_to_those_of_the_file(write):
    file = write("target: gpt-4o\ntarget_options: {timeout: 5, base_url: http://a/v1}\n")
    typed = [
        "timeout=30",
        "max_tokens=64",
        "api_key=0123",
        'extra_body={"top_k": 4}',
        "streaming=true",
    ]
    found = build_context(file, target_options=typed).target_options.values()
    assert found == {
        "timeout": 30, "base_url": "http://a/v1", "max_tokens": 64, "api_key": "0123",
        "extra_body": {"top_k": 4}, "streaming": True,
    }  # fmt: skip


def test_another_model_has_none_of_the_file_s_options(write):
    file = write("target: gpt-4o\ntarget_options: {base_url: http://a/v1}\n")
    context = build_context(file, target="claude-3", target_options=["timeout=1"])
    assert context.target_options.values() == {"timeout": 1}
    assert not build_context(file, target="offline").target_options


def test_a_key_comes_from_the_environment(monkeypatch):
    monkeypatch.setenv("MY_KEY", KEY)
    context = build_context(refiner="gpt-4o", refiner_options=["api_key=env:MY_KEY"])
    assert context.refiner_options.values() == {"api_key": KEY}


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        (KEY, "--target-option: .* is not NAME=VALUE"),
        (f"{KEY}=1", "--target-option: options of a model have names"),
        (f"{KEY}={{", "--target-option: the value of a name that is not shown"),
        (f"{KEY}=env:NO_SUCH", "--target-option, a name that is not shown"),
        (f"api_key=env:{KEY}", "has no variable a name that is not shown"),
        (f"extra_body={{{KEY}", "--target-option: the value of 'extra_body' is not YAML"),
        (
            "api_key=env:NO_SUCH",
            "--target-option, 'api_key': the environment has no variable 'NO_SUCH'; set it",
        ),
        (f"api key={KEY}", "--target-option: options of a model have names"),
        ("a: &a=1", "--target-option: options of a model have names"),
    ],
)
def test_a_wrong_option_is_named_without_its_value(typed, told):
    with pytest.raises(UsageError, match=told) as error:
        build_context(target="gpt-4o", target_options=[typed])
    assert KEY not in str(error.value)


@pytest.mark.parametrize(
    ("text", "typed", "told"),
    [
        ("reviw: always", {}, r"--context: .*lance.yaml: there is no field 'reviw'; did you mean"),
        ("max_iterations: 99", {}, r"--context: .*lance.yaml: max_iterations: .*\(got 99\)"),
        ("max_iterations: 5", {"max_iterations": 99}, r"^--max-iterations: .*\(got 99\)"),
        ("a: &a [*a]", {}, "no aliases"),
        ("target: 'openai:'", {}, "lance.yaml: target: 'openai:' names no model"),
    ],
)
def test_the_file_or_the_option_is_blamed(write, text, typed, told):
    with pytest.raises(UsageError, match=told):
        build_context(write(text), **typed)


def test_a_file_that_is_not_there_is_named(lance, tmp_path):
    result = lance("run", PROMPT, "--context", tmp_path / "no.yaml")
    assert result.exit_code == 2 and "no.yaml' cannot be read" in result.stderr


def test_run_takes_the_file_and_the_options(lance, write, monkeypatch):
    asked = {}

    def resolve(name, options, **_):
        asked[name] = options.values()
        return ScriptedModel(answers=["How do I stop a process?"])

    monkeypatch.setattr(models, "resolve", resolve)
    file = write("target: a:target\nrefiner: b:refiner\nrefiner_options: {timeout: 9}\n")
    result = lance("run", PROMPT, "--context", file, "--target-option", f"api_key={KEY}", "--json")
    assert json.loads(result.stdout)["status"] == "rewritten"
    assert asked == {"a:target": {"api_key": KEY}, "b:refiner": {"timeout": 9}}
    assert KEY not in result.stdout + result.stderr


def test_the_settings_beside_an_output_hold_no_key(lance, prompts, tmp_path, monkeypatch):
    model = ScriptedModel(answers=["fine"])
    monkeypatch.setattr(models, "resolve", lambda name, options, **_: model)
    output = tmp_path / "out.jsonl"
    typed = ("--target", "a:b", "--target-option", f"api_key={KEY}", "--target-option", "timeout=1")
    assert lance("run", "--input", prompts, "--output", output, *typed).exit_code == 0
    written = "".join(path.read_text() for path in tmp_path.iterdir())
    assert KEY not in written
    settings = json.loads((tmp_path / "out.jsonl.settings.json").read_text())
    assert settings["target_options"] == {"api_key": HIDDEN, "timeout": 1}
    rotated = ("--target", "a:b", "--target-option", "api_key=new", "--target-option", "timeout=1")
    assert lance("run", "--input", prompts, "--output", output, *rotated).exit_code == 0
    slower = (*typed[:-1], "timeout=2")
    refused = lance("run", "--input", prompts, "--output", output, *slower)
    assert (
        refused.exit_code == 1 and "target_options" in refused.stderr and KEY not in refused.stderr
    )


def test_a_command_waits_for_nobody(lance, write, chat_models):
    result = lance("run", PROMPT, "--context", write("review: always\n"))
    assert result.exit_code == 2 and "review='always' pauses a run" in result.stderr


def test_score_takes_detector_and_thresholds_of_the_file(lance, write, chat_models):
    assert not json.loads(lance("score", PROMPT, "--json").stdout)["is_safe"]
    file = write("thresholds: {tau: 0.95}\n")
    assert json.loads(lance("score", PROMPT, "--json", "--context", file).stdout)["is_safe"]
    shown = " ".join(lance("score", PROMPT, "--context", file).stdout.split())
    assert "the threshold is 0.95" in shown


def test_an_unusable_model_is_told_without_its_key(lance, monkeypatch):
    typed = ("--target", "nosuch:model", "--target-option", f"api_key={KEY}")
    result = lance("run", PROMPT, *typed, "--debug")
    assert result.exit_code == 1 and "--target: 'nosuch:model'" in result.stderr
    assert KEY not in result.stdout + result.stderr
