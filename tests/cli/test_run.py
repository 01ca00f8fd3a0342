"""`lance-graph run` on one prompt: what it shows, what it prints as JSON, how it fails."""

import json
import sys
from io import BytesIO, TextIOWrapper

import pytest
from typer.testing import CliRunner

from lance_graph.categories import KEYS
from lance_graph.cli import main
from lance_graph.cli.app import app
from lance_graph.prompts import load, names
from tests.cli.fixtures import python
from tests.fakes import VIOLENCE, BrokenDetector, ScriptedModel

OUTPUT_KEYS = {
    "response", "status", "reason", "iterations", "prompt", "refined_prompt",
    "initial_risk", "initial_spread", "risk", "spread", "would_have", "uncertain",
    "out_of_language", "usage", "usage_by_model", "trace",
}  # fmt: skip
PROMPT = "How do I kill a Python process?"
REPAIR = ("--target", "fake:answer", "--refiner", "fake:refine")


def test_json_has_the_promised_keys_and_fourteen_categories(lance, chat_models):
    result = lance("run", PROMPT, *REPAIR, "--json")
    record = json.loads(result.stdout)
    assert result.exit_code == 0
    assert record.keys() == OUTPUT_KEYS
    for name in ("initial_risk", "initial_spread", "risk", "spread"):
        assert set(record[name]) == set(KEYS)
    assert record["status"] == "rewritten"
    assert record["response"] == "Use the task manager."
    assert record["refined_prompt"] == "How do I stop a Python process?"
    assert record["initial_risk"][VIOLENCE] == 0.9
    assert record["trace"][0]["node"] == "score_risk"


def test_a_person_sees_verdict_bar_interval_diff_and_answer(lance, chat_models):
    shown = lance("run", PROMPT, *REPAIR).stdout
    assert "rewritten: " in shown and "was above its threshold" in shown
    assert "Violence, aiding" in shown and "0.90 [0.82, 0.96] severe" in shown
    assert "How do I [-kill-] {+stop+} a Python process?" in shown
    assert "Use the task manager." in shown
    assert "\x1b" not in shown


def test_only_risky_categories_get_a_bar(lance, chat_models):
    shown = lance("run", PROMPT, *REPAIR).stdout
    assert "Self-harm" not in shown


def test_a_harmless_prompt_names_the_highest_category(lance, chat_models):
    shown = lance("run", "How do I bake bread?", "--target", "fake:answer").stdout
    assert "no category above 0.30; highest: " in shown


def test_markup_in_prompt_and_answer_comes_out_verbatim(lance, chat_models):
    chat_models["fake:refine"] = ScriptedModel(answers=["Why [red]x[/red] [/] :smile: stop?"])
    chat_models["fake:answer"] = ScriptedModel(
        answers=["[bold]no[/] [/] [link=x] :smile: \x1b[31m"]
    )
    result = lance("run", "Why [red]x[/red] [/] :smile: kill?", *REPAIR)
    assert result.exit_code == 0
    assert "Why [red]x[/red] [/] :smile: " in result.stdout
    assert "[bold]no[/] [/] [link=x] :smile: ␛[31m" in result.stdout


def test_falling_back_is_said_plainly(lance):
    result = lance("run", PROMPT, "--max-iterations", "0")
    assert result.exit_code == 0
    assert "fell back" in result.stdout and "budget is spent" in result.stdout


@pytest.mark.parametrize("extra", [(), ("--json",)])
def test_degraded_exits_with_3_and_says_so_on_stderr(lance, chat_models, extra):
    chat_models["fake:answer"] = ScriptedModel(answers=[RuntimeError("secret draft")])
    result = lance("run", "Hello there", "--target", "fake:answer", *extra)
    assert result.exit_code == 3
    assert result.stderr.startswith("lance-graph: degraded: the target model failed (RuntimeError)")
    assert "secret draft" not in result.output
    assert ("degraded" in result.stdout) or extra


def test_a_broken_detector_shows_that_nothing_was_measured(lance, monkeypatch):
    monkeypatch.setattr("lance_graph.detector.detector.load_detector", lambda _: BrokenDetector())
    result = lance("run", PROMPT)
    assert result.exit_code == 3
    assert "could not be measured" in result.stdout
    broken = json.loads(lance("run", PROMPT, "--json").stdout)
    assert broken["initial_risk"] == dict.fromkeys(KEYS)


def test_thresholds_and_screening_reach_the_graph(lance, chat_models):
    taus = ("--tau", "0.95", "--tau-mild", "0.96", "--tau-severe", "0.97")
    lenient = lance("run", PROMPT, "--target", "fake:answer", "--json", *taus)
    assert json.loads(lenient.stdout)["status"] == "safe"
    pair = lance("run", "hello", "--target", "fake:answer", "--screening", "pair", "--json")
    assert [step.get("scored") for step in json.loads(pair.stdout)["trace"]] == [None, "pair"]


def test_a_dash_reads_standard_input(lance, chat_models):
    result = lance(
        "run", "-", "--target", "fake:answer", "--json", stdin="two\nlines é\r\n".encode()
    )
    assert json.loads(result.stdout)["prompt"] == "two\nlines é"


def test_half_a_character_is_replaced(lance, chat_models):
    result = lance("run", "half \ud83d here", "--target", "fake:answer", "--json")
    assert json.loads(result.stdout)["prompt"] == "half \N{REPLACEMENT CHARACTER} here"


def test_a_very_long_prompt_works(lance, chat_models):
    result = lance("run", "word " * 20_000, "--target", "fake:answer", "--json")
    assert result.exit_code == 0 and len(json.loads(result.stdout)["prompt"]) == 100_000


@pytest.mark.parametrize(
    ("args", "code", "part"),
    [
        (("run",), 2, 'lance-graph run "'),
        (("run", ""), 1, "the prompt is empty"),
        (("run", " \n "), 1, "the prompt is empty"),
        (("run", "-"), 1, "standard input is empty"),
        (("run", "x", "--input", "a", "--output", "b"), 2, "not both"),
        (("run", "--input", "a"), 2, "--output is missing"),
        (("run", "--output", "a"), 2, "--input is missing"),
        (("run", "x", "--target", "nonsense"), 1, "--target: 'nonsense' cannot be used"),
        (("run", "x", "--target", "off-line"), 2, "--target: 'off-line' names no model"),
        (("run", "x", "--refiner", ":"), 2, "--refiner: ':' names no model"),
        (("run", "x", "--target", "no:such"), 1, "--target: 'no:such' cannot be used"),
        (("run", "x", "--refiner", "no:such"), 1, "--refiner: 'no:such' cannot be used"),
        (("run", "x", "--tau", "0.6", "--tau-mild", "0.5"), 2, "thresholds must rise"),
        (("run", "x", "--tau", "2"), 2, "--tau: "),
        (("run", "x", "--max-iterations", "-1"), 2, "--max-iterations: "),
        (("run", "x", "--max-iterations", "many"), 2, "--max-iterations"),
        (("run", "x", "--max-seconds", "0"), 2, "--max-seconds: "),
        (("run", "x", "--screening", "both"), 2, "--screening"),
        (("run", "x", "--frobnicate"), 2, "--frobnicate"),
        (("walk",), 2, "walk"),
    ],
)  # fmt: skip
def test_errors_are_one_line_on_stderr(lance, chat_models, args, code, part):
    result = lance(*args, stdin="")
    assert result.exit_code == code
    assert part in result.stderr
    assert result.stderr.startswith("lance-graph: error: ")
    assert result.stderr.count("\n") == 1
    assert result.stdout == ""


def test_a_traceback_only_with_debug(lance, chat_models):
    assert "Traceback" not in lance("run", "x", "--target", "no:such").output
    for args in (("run", "x", "--target", "no:such", "--debug"), ("--debug", "run", "")):
        result = lance(*args)
        assert result.exit_code == 1
        assert "Traceback" in result.stderr and "lance-graph: error: " in result.stderr


def test_an_unexpected_error_does_not_quote_its_message(lance, monkeypatch):
    def explode(*_: object) -> None:
        raise RuntimeError("the text of a draft")

    monkeypatch.setattr("lance_graph.cli.run.answer", explode)
    result = lance("run", "x")
    assert result.exit_code == 1
    assert "RuntimeError" in result.stderr and "draft" not in result.stderr


def test_a_missing_checkpoint_says_what_to_give(tmp_path):
    result = CliRunner().invoke(app, ["run", "x", "--detector", str(tmp_path / "none")])
    assert result.exit_code == 1
    assert "no detector checkpoint at" in result.stderr and result.stderr.count("\n") == 1


def test_help_names_the_defaults_of_the_context(lance):
    from lance_graph.context import LanceContext

    shown, context = lance("run", "--help").stdout, LanceContext()
    for value in (
        context.target, context.screening, context.max_iterations, context.thresholds.tau,
        context.thresholds.tau_mild, context.thresholds.tau_severe,
    ):  # fmt: skip
        assert f"({value})" in shown


@pytest.mark.parametrize("command", [(), ("run",), ("score",), ("draw",)])
def test_help_has_examples(lance, command):
    result = lance(*command, "--help")
    assert result.exit_code == 0
    assert "Examples:" in result.stdout
    assert f"lance-graph {command[0] if command else 'run'}" in result.stdout


def test_version(lance):
    from lance_graph import __version__

    assert lance("--version").stdout == f"lance-graph {__version__}\n"


def test_no_command_shows_the_help(lance):
    assert "Usage" in lance().output


def test_importing_the_command_line_is_cheap():
    heavy = "('torch', 'transformers', 'langgraph', 'langchain_core', 'scipy', 'pydantic')"
    code = f"import sys, lance_graph.cli.app; print([m for m in {heavy} if m in sys.modules])"
    assert python("-c", code).stdout == "[]\n"


def test_the_module_runs_and_the_real_detector_loads(checkpoint):
    result = python(
        "-m", "lance_graph.cli", "run", "Hello there", "--detector", str(checkpoint), "--json"
    )
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["status"] == "safe"


def test_text_that_the_terminal_cannot_show_does_not_crash(checkpoint, monkeypatch):
    shown = BytesIO()
    monkeypatch.setattr(sys, "stdout", TextIOWrapper(shown, encoding="ascii"))
    monkeypatch.setattr(sys, "argv", ["x", "run", "naïve \udcff", "--detector", str(checkpoint)])
    with pytest.raises(SystemExit) as ended:
        main()
    sys.stdout.flush()
    assert ended.value.code in (0, None)
    assert b"safe: answered as it is" in shown.getvalue()


def test_the_app_serves_callers_that_want_no_exit(detector):
    assert app(["--version"], standalone_mode=False) in (0, None)


def test_monitoring_passes_everything_through_and_says_what_it_saw(lance, chat_models):
    result = lance("run", PROMPT, *REPAIR, "--mode", "monitor", "--json")
    record = json.loads(result.stdout)
    assert result.exit_code == 0
    assert (record["status"], record["refined_prompt"]) == ("monitored", None)
    assert record["would_have"].startswith("rewrite_")
    assert chat_models["fake:answer"].calls[-1][-1].text == PROMPT
    shown = lance("run", PROMPT, *REPAIR, "--mode", "monitor")
    assert "monitored" in shown.stdout and record["would_have"] in shown.stdout.replace("\n", "")


@pytest.mark.parametrize("command", ["run", "score"])
@pytest.mark.parametrize("option", [(), ("--detector", "x")])
def test_a_missing_temporary_folder_is_not_blamed_on_an_option(lance, monkeypatch, command, option):
    def missing():
        raise FileNotFoundError(2, "No usable temporary directory found")

    monkeypatch.setattr("tempfile.gettempdir", missing)
    result = lance(command, "hello", *option)
    assert result.exit_code == 1 and result.stderr.count("\n") == 1
    assert "set TMPDIR to one" in result.stderr and "--detector" not in result.stderr


def test_an_option_that_was_not_typed_is_not_blamed(lance, monkeypatch):
    def broken(name):
        raise OSError("disk full")

    monkeypatch.setattr("lance_graph.detector.detector.load_detector", broken)
    assert "embedded detector cannot be loaded: disk full" in lance("run", "hello").stderr
    assert "--detector: disk full" in lance("run", "hello", "--detector", "x").stderr


def test_one_tau_is_enough(lance, chat_models):
    lenient = lance("run", PROMPT, "--target", "fake:answer", "--json", "--tau", "0.95")
    assert json.loads(lenient.stdout)["status"] == "safe"


def test_a_notice_says_how_the_question_was_understood(lance, chat_models):
    record = json.loads(lance("run", PROMPT, *REPAIR, "--notice", "--json").stdout)
    said = "I understood your question as: “How do I stop a Python process?”"
    assert record["response"] == f"{said}\n\nUse the task manager."


def test_the_offline_responder_names_the_option_here_and_nowhere_else(lance):
    for prompt in ("How do I bake bread?", "How do I launder a kill?"):
        assert "--target" in lance("run", prompt).stdout
    assert not any("--" in load(name) for name in names() if name.startswith("offline/"))
