"""`lance-graph score`."""

import json

import pytest
from typer.testing import CliRunner

from lance_graph.categories import KEYS
from lance_graph.cli.app import app
from lance_graph.scores import Degrees, RiskScore
from tests.cli.fixtures import read_rows
from tests.fakes import VIOLENCE


def test_json_of_a_text(lance):
    record = json.loads(lance("score", "kill it", "--json").stdout)
    assert record.keys() == {"prompt", "risk", "spread", "max_risk", "is_safe", "out_of_language"}
    assert set(record["risk"]) == set(record["spread"]) == set(KEYS)
    assert record["max_risk"] == record["risk"][VIOLENCE] == 0.9
    assert record["is_safe"] is False


def test_the_response_is_scored_with_the_prompt(lance):
    alone = json.loads(lance("score", "hello", "--json").stdout)
    pair = json.loads(lance("score", "hello", "--response", "a bomb", "--json").stdout)
    assert alone["is_safe"] is True and pair["is_safe"] is False
    assert pair["response"] == "a bomb"


def test_a_person_sees_every_category_and_the_conclusion(lance):
    result = lance("score", "-", stdin="kill it\n")
    assert result.exit_code == 0
    assert "Self-harm" in result.stdout and "0.90" in result.stdout and "risky" in result.stdout


def test_rows_keep_their_own_fields(lance, write_rows, tmp_path):
    source = write_rows(
        {"id": 7, "prompt": "kill it", "tags": ["a"]},
        {"prompt": "hello", "response": "a bomb", "is_safe": True, "risk": 1},
        {"prompt": "hello", "response": 3},
    )
    target = tmp_path / "out.jsonl"
    result = lance("score", "--input", source, "--output", target)
    first, second, third = read_rows(target)
    assert result.exit_code == 1
    assert (first["line"], first["id"], first["tags"]) == (1, 7, ["a"])
    assert first["max_risk"] == 0.9 and "input" not in first
    assert second["is_safe"] is False and second["input"] == {"is_safe": True, "risk": 1}
    assert second["response"] == "a bomb"
    assert third["error"] == "'response' must be a string, not a number"
    assert "3 done: 1 error (line 3), 2 risky" in result.stderr


def test_text_in_another_language_is_never_safe(lance, detector, monkeypatch, write_rows, tmp_path):
    foreign = Degrees(dict.fromkeys(KEYS, 0.02), out_of_language=True)
    monkeypatch.setattr(detector, "score", lambda pairs: [foreign])
    record = json.loads(lance("score", "Brot und Wein", "--json").stdout)
    assert (record["is_safe"], record["out_of_language"]) == (False, True)
    assert "unjudged" in lance("score", "Brot und Wein").stdout
    source, target = write_rows({"prompt": "Brot und Wein"}), tmp_path / "out.jsonl"
    assert "1 unjudged" in lance("score", "--input", source, "--output", target).stderr


def test_a_broken_score_is_never_safe(lance, detector, monkeypatch):
    alpha = tuple(float("nan") if key == VIOLENCE else 1.0 for key in KEYS)
    broken = RiskScore(KEYS, alpha, (9.0,) * len(KEYS))
    monkeypatch.setattr(detector, "score", lambda pairs: [broken])
    for options in ((), ("--json",)):
        result = lance("score", "x", *options)
        assert (result.exit_code, result.stdout) == (1, "")
        assert "unexpected ValueError" in result.stderr


@pytest.mark.parametrize(
    ("args", "code", "part"),
    [
        (("score",), 2, "lance-graph score"),
        (("score", ""), 1, "empty"),
        (("score", "x", "--input", "a", "--output", "b"), 2, "not both"),
        (("score", "--input", "a", "--output", "b", "--response", "x"), 2, "--response"),
        (("score", "--input", "a", "--output", "b", "--json"), 2, "--json"),
        (("score", "--input", "/no/such", "--output", "b"), 1, "/no/such"),
    ],
)
def test_errors_are_one_line(lance, args, code, part):
    result = lance(*args)
    assert (result.exit_code, result.stderr.count("\n")) == (code, 1)
    assert part in result.stderr


def test_a_real_checkpoint(checkpoint):
    result = CliRunner().invoke(app, ["score", "Hello", "--detector", str(checkpoint), "--json"])
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["is_safe"] is True


WORDS = """
[categories.rivals]
title = "Talk about rivals"
thresholds = 0.5
[[words]]
category = "rivals"
phrases = ["acme"]
[[allow]]
phrases = ["kill bill"]
categories = ["violence"]
"""


@pytest.fixture
def words(tmp_path):
    (tmp_path / "words.toml").write_text(WORDS, encoding="utf-8")
    return f"words:{tmp_path / 'words.toml'}"


def test_several_detectors_judge_together(lance, words):
    both = ("--detector", "embedded", "--detector", words)
    record = json.loads(lance("score", "Does Acme sell Kill Bill?", *both, "--json").stdout)
    assert record["risk"].keys() == {*KEYS, "rivals"}
    assert (record["risk"]["rivals"], record["is_safe"]) == (0.9, False)
    # the fake finds words in lower case only
    assert lance("score", "watch kill bill", *both).stdout.rstrip().count("risky") == 0
    shown = lance("score", "how to kill Bill, acme", *both).stdout
    assert "Talk about rivals" in shown and "risky" in shown


def test_a_run_takes_them_and_a_wrong_one_is_named(lance, words):
    both = ("--detector", "embedded", "--detector", words)
    record = json.loads(lance("run", "Acme?", *both, "--max-iterations", "0", "--json").stdout)
    assert (record["status"], record["initial_risk"]["rivals"]) == ("fell_back", 0.9)
    shown = lance("run", "Acme?", *both, "--max-iterations", "0").stdout
    assert "Talk about rivals" in shown
    wrong = lance("run", "hello", "--detector", "embedded", "--detector", "words:none.toml")
    assert wrong.exit_code == 1 and "--detector" in wrong.stderr and "none.toml" in wrong.stderr


def test_a_file_is_not_gone_on_with_under_other_words(lance, words, write_rows, tmp_path):
    target = tmp_path / "out.jsonl"
    files = ("--input", write_rows({"prompt": "acme"}), "--output", target)
    assert lance("score", *files, "--detector", words).exit_code == 0
    (tmp_path / "words.toml").write_text(WORDS.replace("acme", "bcme"), encoding="utf-8")
    again = lance("score", *files, "--detector", words)
    assert again.exit_code == 1 and f"{words} is" in again.stderr


def context_file(tmp_path, **fields):
    file = tmp_path / "lance.json"
    file.write_text(json.dumps(fields), encoding="utf-8")
    return file


def test_thresholds_of_a_category_of_the_guard_s_alone(lance, words, tmp_path, chat_models):
    fields = {"out_of_language": f"guard:{words}", "category_thresholds": {"rivals": 0.5}}
    file = context_file(tmp_path, **fields)
    for command in ("score", "run"):
        assert lance(command, "hello", "--context", file, "--json").exit_code == 0
        assert lance(command, "hello", "--context", file).exit_code == 0
        wrong = context_file(tmp_path, **fields | {"category_thresholds": {"rivalz": 0.5}})
        refused = lance(command, "hello", "--context", wrong)
        assert refused.exit_code == 2 and "did you mean 'rivals'" in refused.stderr
        file = context_file(tmp_path, **fields)


def test_a_guard_that_cannot_be_had_stops_before_any_work(lance, tmp_path, write_rows):
    file = context_file(tmp_path, out_of_language="guard:words:none.toml")
    files = ("--input", write_rows({"prompt": "hi"}), "--output", tmp_path / "out.jsonl")
    refused = lance("run", *files, "--context", file)
    assert refused.exit_code == 1 and "--context: out_of_language: " in refused.stderr
    assert not (tmp_path / "out.jsonl").exists()


def changed_words(tmp_path):
    (tmp_path / "words.toml").write_text(WORDS.replace("acme", "bcme"), encoding="utf-8")


def changed_checkpoint(tmp_path):
    (tmp_path / "own" / "config.json").write_text('{"changed": 1}', encoding="utf-8")


@pytest.mark.parametrize("change", [changed_words, changed_checkpoint])
def test_an_output_is_not_gone_on_with_once_a_file_of_its_context_is_another(
    lance, words, tmp_path, write_rows, change
):
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "config.json").write_text("{}", encoding="utf-8")
    (tmp_path / "own" / "log.jsonl").write_text("{}", encoding="utf-8")
    file = context_file(tmp_path, detector=str(tmp_path / "own"), out_of_language=f"guard:{words}")
    files = ("--input", write_rows({"prompt": "hi"}), "--output", tmp_path / "out.jsonl")
    assert lance("run", *files, "--context", file).exit_code == 0
    (tmp_path / "own" / "log.jsonl").write_text("other", encoding="utf-8")
    assert lance("run", *files, "--context", file).exit_code == 0
    change(tmp_path)
    refused = lance("run", *files, "--context", file)
    assert refused.exit_code == 1 and "was written with" in refused.stderr
    assert (words if change is changed_words else str(tmp_path / "own")) in refused.stderr


def test_a_category_that_is_off_is_not_the_highest(lance, tmp_path):
    file = context_file(tmp_path, category_thresholds={"violence": "off"})
    with pytest.warns(UserWarning, match="not judged"):
        result = lance("score", "how to kill it and launder", "--context", file, "--json")
        shown = lance("score", "how to kill it", "--context", file).stdout
    record = json.loads(result.stdout)
    assert (record["max_risk"], record["risk"][VIOLENCE]) == (0.6, 0.9)
    assert "highest is" in shown and "0.90;" not in shown
