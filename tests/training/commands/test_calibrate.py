"""`lance-graph calibrate`."""

import json
import shutil

import pytest
from safetensors.torch import load_file

from lance_graph.detector import EMBEDDED
from lance_graph.detector.detector import RiskDetector
from lance_graph.training.commands.calibrate import promise


@pytest.fixture
def folder(tiny_checkpoint, tmp_path):
    """A checkpoint that may be written."""
    return shutil.copytree(tiny_checkpoint, tmp_path / "checkpoint")


@pytest.fixture
def data(write_rows):
    """Two hundred rows, half of them with known categories."""
    rows = [{"prompt": f"make bread {n}", "is_safe": n % 4 == 0} for n in range(0, 200, 2)]
    keys = ["self_harm"]
    rows += [{"prompt": f"a cat {n}", "categories": keys if n % 3 else []} for n in range(100)]
    return write_rows(*rows, name="rows.jsonl")


def config_of(folder):
    return json.loads((folder / "config.json").read_text())


def test_it_is_stored_and_shown(lance, folder, data):
    before = (folder / "model.safetensors").read_bytes()
    result = lance("calibrate", folder, "--data", data, "--false-positive-rate", 0.3)
    assert result.exit_code == 0, result.stderr
    for part in ("before", "after", "category ece", "0.3", "0.7", f"calibrated: {folder}"):
        assert part in result.stdout
    assert "misses at most 10.0%, confidence 95%" in result.stdout
    assert (folder / "model.safetensors").read_bytes() == before
    stored = config_of(folder)["calibration"]
    assert stored["fitted_on"]["rows"] + stored["measured_on"]["rows"] == 200
    assert [one["wanted"] for one in stored["certified"]] == [0.3, 0.1]
    assert RiskDetector.from_pretrained(folder).calibration.as_json() == stored


def test_a_second_time_starts_from_the_raw_degrees(lance, folder, data):
    lance("calibrate", folder, "--data", data)
    first = config_of(folder)
    assert lance("calibrate", folder, "--data", data).exit_code == 0
    assert config_of(folder) == first


def test_a_dry_run_writes_nothing(lance, folder, data):
    before = config_of(folder)
    result = lance("calibrate", folder, "--data", data, "--dry-run", "--json")
    shown = json.loads(result.stdout)
    assert shown["checkpoint"] is None and shown["temperature"].keys() == set(before["categories"])
    assert config_of(folder) == before


def test_a_copy_has_the_same_weights(lance, folder, data, tmp_path):
    copy = tmp_path / "new" / "copy"
    result = lance("calibrate", folder, "--data", data, "--output", copy, "--json")
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout)["checkpoint"] == str(copy)
    assert config_of(copy)["calibration"] and config_of(folder).get("calibration") is None
    weights = load_file(copy / "model.safetensors")
    assert all((w == weights[k]).all() for k, w in load_file(folder / "model.safetensors").items())
    assert RiskDetector.from_pretrained(copy).calibration is not None


def test_the_seed_the_mix_and_several_files_count(lance, folder, data, write_rows):
    more = write_rows({"prompt": "please sleep", "is_safe": True}, name="more.jsonl")
    options = ("--seed", 4, "--prevalence", 0.1, "--method", "conformal", "--miss-rate", 0.3)
    options += ("--miss-rate", 0.4, "--json")
    result = lance("calibrate", folder, "--data", data, "--data", more, *options)
    shown = json.loads(result.stdout)
    assert shown["fitted_on"]["rows"] + shown["measured_on"]["rows"] == 201
    assert (shown["fitted_on"]["seed"], shown["fitted_on"]["prevalence"]) == (4, 0.1)
    assert [one["wanted"] for one in shown["certified"]] == [0.1, 0.3, 0.4]
    assert all(one["confidence"] is None for one in shown["certified"])


@pytest.fixture
def research(tmp_path):
    """A folder laid out as the research data, with a few rows of its own."""
    train = tmp_path / "research" / "train"
    train.mkdir(parents=True)
    pairs = [
        {"prompt": f"cat {n}", "response": "bread", "categories": ["self_harm"] if n % 2 else []}
        for n in range(60)
    ]
    judged = [{"prompt": f"sleep {n}", "is_safe": n % 2 == 0} for n in range(60)]
    benign = [{"prompt": f"walk {n}", "response": None} for n in range(60)]
    named = {"beavertails_pairs": pairs, "prompts_binary": judged, "benign": benign}
    for name, rows in named.items():
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        (train / f"{name}.jsonl").write_text(lines)
    return train.parent


def test_a_folder_means_the_rows_that_the_recipe_held_out(lance, folder, research):
    recipe = {"data": "DATA", "held_out": 0.5, "seed": 13}
    (folder / "recipe.json").write_text(json.dumps(recipe))
    result = lance("calibrate", folder, "--data", research, "--dry-run", "--json")
    assert result.exit_code == 0, result.stderr
    from lance_graph.training.data.twins import written_rows

    shown, twins = json.loads(result.stdout), len(written_rows(13, held_out=True))
    assert shown["fitted_on"]["rows"] + shown["measured_on"]["rows"] == 90 + twins


def test_of_each_file_of_a_folder_at_most_so_many_rows_are_taken(lance, folder, research):
    recipe = {"data": "DATA", "held_out": 0.5, "seed": 13}
    (folder / "recipe.json").write_text(json.dumps(recipe))
    options = ("--data", research, "--dry-run", "--json", "--most")
    shown = [json.loads(lance("calibrate", folder, *options, 20).stdout) for _ in range(2)]
    assert shown[0] == shown[1]
    assert shown[0]["fitted_on"]["rows"] + shown[0]["measured_on"]["rows"] == 4 * 20
    result = lance("calibrate", folder, *options, 0)
    assert result.exit_code == 2 and "--most" in result.stderr


@pytest.mark.parametrize(
    ("recipe", "part"),
    [
        (None, "nobody knows which of its rows"),
        ({"data": "x"}, "is no recipe with data, held_out and seed"),
        ({"data": "hub:NAME", "held_out": 0.1, "seed": 1}, "trained on hub:NAME"),
        ({"data": "a/rows.jsonl", "held_out": 0.1, "seed": 1}, "trained on a/rows.jsonl"),
        ({"data": "DATA", "held_out": 0, "seed": 1}, "held nothing out"),
    ],
)
def test_a_folder_without_a_recipe_that_fits_is_refused(lance, folder, research, recipe, part):
    if recipe:
        (folder / "recipe.json").write_text(json.dumps(recipe))
    result = lance("calibrate", folder, "--data", research)
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert part in result.stderr and "JSON Lines file" in result.stderr


@pytest.mark.parametrize(
    ("args", "code", "part"),
    [
        ((), 2, "CHECKPOINT"),
        (("{folder}",), 2, "--data"),
        (("embedded", "--data", "{data}"), 2, "--output"),
        (("/no/such", "--data", "{data}"), 1, "no checkpoint folder '/no/such'"),
        (("{folder}", "--data", "/no/such.jsonl"), 1, "no file or folder '/no/such.jsonl'"),
        (("{folder}", "--data", "{bad}"), 1, "line 1: unknown category 'smoking'"),
        (("{folder}", "--data", "{safe}"), 1, "0 prompts with unsafe rows are too few"),
        (("{folder}", "--data", "{data}", "--output", "{folder}/.."), 1, "is not empty"),
        (("{folder}", "--data", "{data}", "--miss-rate", "0"), 2, "--miss-rate is 0.0"),
        (("{folder}", "--data", "{data}", "--false-positive-rate", "2"), 2, "-rate is 2.0"),
        (("{folder}", "--data", "{data}", "--confidence", "nan"), 2, "--confidence is nan"),
        (("{folder}", "--data", "{data}", "--prevalence", "1"), 2, "--prevalence is 1.0"),
        (("{folder}", "--data", "{data}", "--method", "luck"), 2, "luck"),
    ],
)
def test_errors_are_one_line(lance, folder, data, write_rows, args, code, part):
    bad = write_rows({"prompt": "a", "categories": ["smoking"]}, name="bad.jsonl")
    safe = write_rows(*({"prompt": f"{n}", "is_safe": True} for n in range(9)), name="safe.jsonl")
    before = config_of(folder)
    named = {"folder": folder, "data": data, "bad": bad, "safe": safe}
    result = lance("calibrate", *(arg.format(**named) for arg in args))
    assert (result.exit_code, result.stderr.count("\n")) == (code, 1), result.stderr
    assert part in result.stderr and result.stdout == ""
    assert config_of(folder) == before


def test_what_cannot_be_certified_says_what_it_would_take():
    one = {
        "rate": "miss", "wanted": 0.01, "confidence": 0.95, "threshold": None, "rows": 40,
        "rows_needed": 299,
    }  # fmt: skip
    assert "not with 40 prompts" in promise(one) and "299" in promise(one)
    assert "more rows would not help" in promise(one | {"rows_needed": None})


def test_the_embedded_checkpoint_is_copied_and_the_copy_scores(lance, write_rows, tmp_path):
    data = write_rows(*({"prompt": f"bread {n}", "is_safe": n % 2 == 0} for n in range(24)))
    before = config_of(EMBEDDED)
    result = lance("calibrate", "embedded", "--data", data, "--output", tmp_path / "copy")
    assert result.exit_code == 0 and result.stderr == "", result.stderr
    assert config_of(EMBEDDED) == before
    (score,) = RiskDetector.from_pretrained(tmp_path / "copy").score(["How do I bake bread?"])
    assert 0 < score.max_risk < 1


def test_rows_that_the_run_was_trained_on_are_left_out_and_it_is_said(
    lance, folder, data, write_rows
):
    recipe = {"data": str(data), "held_out": 0.5, "seed": 3, "unlabelled": []}
    (folder / "recipe.json").write_text(json.dumps(recipe))
    copy = write_rows(*map(json.loads, data.read_text().splitlines()), name="copy.jsonl")
    for named in (data, copy):
        result = lance("calibrate", folder, "--data", named, "--dry-run", "--json")
        assert result.exit_code == 0, result.stderr
        assert "100 of 200 rows are left out" in result.stderr
        shown = json.loads(result.stdout)
        assert shown["fitted_on"]["rows"] + shown["measured_on"]["rows"] == 100


@pytest.mark.parametrize("where", ["data", "unlabelled"])
def test_a_run_that_saw_every_row_cannot_be_calibrated_on_them(lance, folder, data, where):
    recipe = {"data": "gone.jsonl", "held_out": 0.0, "seed": 3, "unlabelled": []}
    recipe |= {where: [str(data)] if where == "unlabelled" else str(data)}
    (folder / "recipe.json").write_text(json.dumps(recipe))
    before = config_of(folder)
    result = lance("calibrate", folder, "--data", data)
    assert result.exit_code == 1 and "all 200 rows are among those" in result.stderr
    assert config_of(folder) == before
