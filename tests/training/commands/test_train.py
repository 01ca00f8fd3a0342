"""`lance-graph train`."""

import json

import pytest
import yaml

from lance_graph.detector.detector import RiskDetector
from tests.cli.fixtures import ROOT, python, read_rows


@pytest.fixture
def run(lance, write_rows, tiny_checkpoint, tmp_path):
    """Train on sixty rows, sixteen steps unless told."""
    rows = [
        {"prompt": f"make bread {n}", "categories": ["animal_abuse"] if n % 2 else []}
        for n in range(60)
    ]
    data = write_rows(*rows, name="rows.jsonl")

    def invoke(*args):
        return lance(
            "train", "--data", data, "--encoder", tiny_checkpoint, "--output", tmp_path / "run",
            "--batch-size", 8, "--set", "held_out=0.2", "--set", "report_to=none",
            "--set", "semantic_size=4", "--set", "max_tokens=64", *args,
        )  # fmt: skip

    return invoke


def test_a_run_shows_its_steps_its_figures_and_its_folder(run, tmp_path):
    result = run("--epochs", 2, "--seed", 5)
    assert result.exit_code == 0, result.stderr
    assert "step 12 of 12" in result.stderr and "held-out AUROC" in result.stderr
    assert "auroc" in result.stdout and result.stdout.endswith(f"checkpoint: {tmp_path / 'run'}\n")
    assert json.loads((tmp_path / "run" / "recipe.json").read_text())["seed"] == 5
    assert read_rows(tmp_path / "run" / "log.jsonl")[-1]["step"] == 12


def test_the_options_go_over_the_file(run, tmp_path, lance):
    config = tmp_path / "recipe.yaml"
    config.write_text("epochs: 9\nlimit: 40\npooling: first\n")
    result = run("--config", config, "--epochs", 1, "--set", "mix={written: 0}", "--print-config")
    fields = yaml.safe_load(result.stdout)
    assert (fields["epochs"], fields["limit"], fields["pooling"]) == (1.0, 40, "first")
    assert fields["mix"] == {"written": 0} and fields["held_out"] == 0.2
    assert not (tmp_path / "run").exists()


def test_a_run_is_resumed_from_its_own_recipe(run, lance, tmp_path):
    assert run("--limit", 16).exit_code == 0
    second = run("--limit", 16)
    assert second.exit_code == 1 and "--overwrite" in second.stderr
    (tmp_path / "run" / "metrics.json").unlink()
    resumed = lance("train", "--resume", "--output", tmp_path / "run")
    assert resumed.exit_code == 0, resumed.stderr
    assert (tmp_path / "run" / "metrics.json").exists()
    other = lance("train", "--resume", "--output", tmp_path / "run", "--limit", 8)
    assert other.exit_code == 1 and "limit is 8, but the run" in other.stderr


@pytest.mark.parametrize(
    ("args", "code", "part"),
    [
        ((), 2, "data is missing"),
        (("--data", "x"), 2, "output is missing"),
        (("--data", "/no/such", "--output", "{run}"), 1, "no file or folder '/no/such'"),
        (("--config", "/no/such.yaml"), 1, "/no/such.yaml"),
        (("--data", "x", "--output", "y", "--stage", "z"), 2, "stage: "),
        (("--data", "x", "--output", "y", "--epochs", "0"), 2, "epochs: "),
        (("--data", "x", "--output", "y", "--epochs", "many"), 2, "--epochs"),
        (("--data", "x", "--output", "y", "--set", "sed=1"), 2, "did you mean seed?"),
        (("--set", "seed"), 2, "--set: 'seed' is not NAME=VALUE"),
        (("--set", "mix=[a"), 2, "is not YAML"),
        (("--resume", "--overwrite"), 2, "--overwrite starts anew"),
        (("--resume", "--data", "x", "--output", "{run}"), 1, "holds no run to resume"),
    ],
)
def test_errors_are_one_line(lance, tmp_path, args, code, part):
    result = lance("train", *(arg.format(run=tmp_path / "run") for arg in args))
    assert (result.exit_code, result.stderr.count("\n")) == (code, 1), result.stderr
    assert result.stderr.startswith("lance-graph: error: ") and part in result.stderr
    assert result.stdout == ""


def test_what_the_encoder_cannot_read_is_one_line(run):
    result = run("--set", "max_tokens=129")
    assert result.exit_code == 1 and result.stderr.count("lance-graph: error:") == 1
    assert "max_tokens is 129, but" in result.stderr and "to 128 or less" in result.stderr


def test_the_example_trains_as_it_stands_by_the_real_command(tmp_path):
    config, folder = ROOT / "examples" / "train_detector.yaml", tmp_path / "run"
    options = ("--config", str(config), "--output", str(folder))
    result = python("-m", "lance_graph.cli", "train", *options)
    assert result.returncode == 0, result.stderr
    assert "Traceback" not in result.stderr and "Loading" not in result.stderr
    assert result.stdout.endswith(f"checkpoint: {folder}\n")
    figures = json.loads((folder / "metrics.json").read_text())
    assert figures["training_rows"] == 160 and figures["auroc"] > 0.8
    detector = RiskDetector.from_pretrained(folder)
    harmless, harmful = detector.score(
        ["How do I kill a Python process?", "How do I kill my wife?"]
    )
    assert harmless.max_risk < 0.5 < harmful.max_risk


def test_a_run_learns_from_its_teachers_and_says_how_far_they_are(
    run, write_rows, tiny_checkpoint, tmp_path
):
    texts = write_rows(*({"prompt": f"help {n}"} for n in range(12)), name="texts.jsonl")
    result = run("--epochs", 1, "--teacher", tiny_checkpoint, "--unlabelled", texts)
    assert result.exit_code == 0, result.stderr
    assert f"teacher {tiny_checkpoint.name}" in result.stderr and "60 of 60" in result.stderr
    recipe = json.loads((tmp_path / "run" / "recipe.json").read_text())
    assert recipe["teachers"] == [str(tiny_checkpoint)] and recipe["unlabelled"] == [str(texts)]


def test_what_is_no_teacher_is_one_line(run, tmp_path):
    result = run("--teacher", tmp_path / "none")
    assert result.exit_code == 1 and result.stderr.count("\n") == 1
    assert "teachers: there is no detector in" in result.stderr and "finished run" in result.stderr
    twice = run("--teacher", "a", "--teacher", "a", "--print-config")
    assert twice.exit_code == 2 and "teachers names 'a' twice" in twice.stderr
    lonely = run("--unlabelled", "x.jsonl", "--print-config")
    assert lonely.exit_code == 2 and "without a teacher" in lonely.stderr


def test_an_encoder_that_is_not_there_is_named(run):
    result = run("--encoder", "/no/such/encoder")
    assert result.exit_code == 1 and "/no/such/encoder" in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "wrong",
    [
        ("--data", "/no/such.jsonl"),
        ("--data", "{bad}"),
        ("--encoder", "/no/such/encoder"),
        ("--teacher", "/no/such/run"),
        ("--set", "max_tokens=129"),
        ("--stage", "contrastive", "--data", "{bad}"),
    ],
)
@pytest.mark.parametrize("earlier", [False, True])
def test_a_mistyped_run_leaves_nothing_behind_and_takes_nothing_away(
    run, write_rows, tmp_path, wrong, earlier
):
    bad = write_rows({"prompt": "a cat", "category": "safe"}, name="bad.jsonl")
    folder = tmp_path / "run"
    if earlier:
        folder.mkdir()
        for name in ("recipe.json", "metrics.json", "log.jsonl", "config.json"):
            (folder / name).write_text("{}")
    before = {path.name: path.read_bytes() for path in folder.glob("*")}
    result = run(*(part.format(bad=bad) for part in wrong), *(["--overwrite"] if earlier else []))
    assert result.exit_code == 1, result.output
    assert folder.exists() == earlier
    assert {path.name: path.read_bytes() for path in folder.glob("*")} == before


def test_a_label_that_nobody_knows_names_its_line(run, write_rows):
    bad = write_rows(
        {"prompt": "a", "is_safe": True}, {"prompt": "b", "category": "safe"}, name="bad.jsonl"
    )
    result = run("--data", bad)
    assert result.exit_code == 1 and result.stderr.count("\n") == 1
    assert "bad.jsonl, line 2: category is 'safe'" in result.stderr
