"""Recipes: defaults, files, and errors that name field and value."""

import subprocess
import sys
from pathlib import Path

import pytest

from lance_graph.training.arguments import (
    Schedule,
    autocast,
    in_steps,
    schedule,
    training_arguments,
)
from lance_graph.training.recipe import TrainingRecipe, read_recipe

EXAMPLES = Path(__file__).parents[2] / "examples"
BASICS = {"data": "d", "output": "o"}


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"epochs": -1}, r"epochs: Input should be greater than 0 \(got -1\)"),
        ({"stage": "second"}, r"stage: .*'main' or 'contrastive' \(got 'second'\)"),
        ({"epocs": 3}, r"no field 'epocs' \(got 3\); did you mean epochs\?"),
        ({"batch_size": "many"}, r"batch_size: .*integer.* \(got 'many'\)"),
        ({"loss_weights": [1, 2]}, r"loss_weights"),
        ({"evaluate_every": 1.5}, r"evaluate_every: up to 1 .* \(got 1\.5\)"),
        ({"save_every": 0}, r"save_every: .* \(got 0\)"),
        ({"early_stopping": 2, "held_out": 0}, r"early_stopping needs"),
        ({"early_stopping": 2, "evaluate_every": None}, r"early_stopping needs"),
        ({"precision": "int8"}, r"precision: .*'bf16'.* \(got 'int8'\)"),
    ],
)
def test_what_is_wrong_is_named_with_its_value(fields, message):
    with pytest.raises(ValueError, match=message):
        read_recipe(None, **BASICS, **fields)


def test_a_missing_field_says_what_it_is_for():
    with pytest.raises(ValueError, match=r"data is missing: folder with train/"):
        read_recipe(None, output="o")


@pytest.mark.parametrize("text", ["- a\n- b\n", "just words", "a: [1", ""])
def test_a_file_that_is_no_recipe_is_named(tmp_path, text):
    path = tmp_path / "recipe.yaml"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"recipe\.yaml"):
        read_recipe(path, **BASICS)


BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{after}: &{after} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, after in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (BOMB, r"recipe\.yaml.* no aliases"),
        ("a: &a\n  b: *a\n", r"recipe\.yaml.* no aliases"),
        ("data: " + "[" * 50_000, r"recipe\.yaml.* nested 20 deep"),
        ("data: " + "{a: " * 20_000, r"recipe\.yaml.* nested 20 deep"),
        ("".join(f"{' ' * depth}a:\n" for depth in range(300)), r"recipe\.yaml.* nested 20"),
        ("data: " + "x" * 200_000, r"recipe\.yaml.* more than 100,000 bytes"),
        ("seed: " + "9" * 5_000, r"recipe\.yaml.* cannot be read"),
        ("data: 2020-99-99", r"recipe\.yaml.* cannot be read"),
        ("1: 2", r"recipe\.yaml holds no recipe"),
    ],
)
def test_a_file_that_would_take_more_than_a_recipe_is_refused(tmp_path, text, message):
    path = tmp_path / "recipe.yaml"
    path.write_text(text)
    with pytest.raises(ValueError, match=f"(?s){message}") as caught:
        read_recipe(path, **BASICS)
    assert len(str(caught.value)) < 1_000


@pytest.mark.skipif(sys.platform != "linux", reason="address space is limited by Linux")
def test_a_bomb_takes_no_memory(tmp_path):
    """A file of 700 bytes, written out more than 500 million entries, within 64 MB of memory."""
    path = tmp_path / "recipe.yaml"
    path.write_text(BOMB)
    code = (
        "import resource, pathlib\n"
        "from lance_graph.training.recipe import read_recipe\n"
        "used = int(pathlib.Path('/proc/self/statm').read_text().split()[0])\n"
        "limit = used * resource.getpagesize() + 64_000_000\n"
        "resource.setrlimit(resource.RLIMIT_AS, (limit, limit))\n"
        f"try:\n    read_recipe(pathlib.Path({str(path)!r}))\n"
        "except ValueError as error:\n    print(error)\n"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=False
    )
    assert "no aliases" in done.stdout, done.stderr


def test_changes_go_over_the_file(tmp_path):
    path = tmp_path / "recipe.yaml"
    path.write_text("epochs: 3\nencoder_learning_rate: 8e-5\nmix: {written: 0}\n")
    recipe = read_recipe(path, **BASICS, epochs=1)
    assert (recipe.epochs, recipe.encoder_learning_rate, recipe.mix) == (1, 8e-5, {"written": 0})


def test_a_saved_recipe_is_a_recipe(tmp_path):
    recipe = TrainingRecipe(**BASICS, evaluate_every=0.5, early_stopping=2)
    path = tmp_path / "recipe.json"
    path.write_text(recipe.model_dump_json()[:-1] + ', "ran_with": {"torch": "2"}}')
    assert read_recipe(path) == recipe


@pytest.mark.parametrize("name", ["train_detector.yaml", "train_shipped.yaml"])
def test_the_examples_are_recipes(name):
    assert read_recipe(EXAMPLES / name, **BASICS).seed == 13


def test_steps_are_those_of_the_trainer(monkeypatch):
    recipe = TrainingRecipe(**BASICS, epochs=1.5, batch_size=8, gradient_accumulation=2)
    assert schedule(recipe, 100) == Schedule(per_epoch=7, total=11)
    monkeypatch.setenv("WORLD_SIZE", "2")
    assert schedule(recipe, 100) == Schedule(per_epoch=4, total=6)


def test_a_stream_of_unknown_length_needs_max_steps():
    with pytest.raises(ValueError, match="max_steps is missing"):
        schedule(TrainingRecipe(**BASICS), None)
    assert schedule(TrainingRecipe(**BASICS, max_steps=5), None) == Schedule(5, 5)


@pytest.mark.parametrize(
    ("interval", "steps"), [(None, None), (1.0, 40), (0.25, 10), (0.001, 1), (7, 7), (500, 500)]
)
def test_intervals_are_shares_of_an_epoch_or_steps(interval, steps):
    assert in_steps(interval, Schedule(per_epoch=40, total=80)) == steps


def test_precision(tmp_path):
    assert autocast(TrainingRecipe(**BASICS)) in ("bf16", "fp32")
    arguments = training_arguments(TrainingRecipe(**BASICS, precision="bf16"), tmp_path, 10)
    assert arguments.bf16 and not arguments.fp16
    arguments = training_arguments(TrainingRecipe(**BASICS, precision="fp32"), tmp_path, 10)
    assert not arguments.bf16


def test_early_stopping_saves_whenever_it_evaluates(tmp_path):
    fields = {"early_stopping": 2, "evaluate_every": 3, "save_every": 7, "metric": "ece"}
    recipe = TrainingRecipe(**BASICS, **fields)
    arguments = training_arguments(recipe, tmp_path, 100, evaluate=True)
    assert (arguments.eval_steps, arguments.save_steps) == (3, 3)
    assert arguments.load_best_model_at_end and arguments.greater_is_better is False
