import json

import pytest

from lance_graph.training.data.loading import check_licences, load_examples
from lance_graph.training.recipe import read_recipe


def recipe(tmp_path, **fields):
    return read_recipe(None, **{"data": str(tmp_path), "output": "o", "encoder": "bare", **fields})


def run_of(folder, **fields):
    folder.mkdir()
    (folder / "recipe.json").write_text(json.dumps(fields))
    return str(folder)


@pytest.mark.parametrize("data", ["rows.jsonl", "hub:PKU-Alignment/BeaverTails"])
def test_a_permissive_run_refuses_rows_of_unknown_licence(tmp_path, data):
    with pytest.raises(ValueError, match=r"nobody knows the licence.*set licences: all"):
        check_licences(recipe(tmp_path, licences="permissive", data=data))
    check_licences(recipe(tmp_path, data=data))


def test_a_permissive_run_refuses_weights_that_saw_everything(tmp_path):
    old = run_of(tmp_path / "old", seed=13)
    every = run_of(tmp_path / "every", licences="all")
    clean = run_of(tmp_path / "clean", licences="permissive")
    for encoder in (old, every):
        with pytest.raises(ValueError, match="start from a bare encoder"):
            check_licences(recipe(tmp_path, licences="permissive", encoder=encoder))
        check_licences(recipe(tmp_path, encoder=encoder))
    for teachers in (("embedded",), (str(clean), str(every))):
        with pytest.raises(ValueError, match=r"the teacher in .* was trained on everything"):
            check_licences(
                recipe(tmp_path, licences="permissive", encoder=clean, teachers=teachers)
            )
    check_licences(recipe(tmp_path, licences="permissive", encoder=clean, teachers=(str(clean),)))
    check_licences(recipe(tmp_path, licences="permissive", encoder=clean))
    check_licences(recipe(tmp_path, licences="permissive", data="twins"))


@pytest.mark.parametrize("name", ["train2/toxicchat-train", "prompts", "elsewhere/advbench"])
def test_a_permissive_run_refuses_unlabelled_texts_of_unknown_licence(tmp_path, name):
    told = {"teachers": ("teacher",), "unlabelled": (str(tmp_path / f"{name}.jsonl"),)}
    with pytest.raises(ValueError, match=rf"unlabelled '.*{name}\.jsonl' nobody knows"):
        check_licences(recipe(tmp_path, licences="permissive", **told))
    check_licences(recipe(tmp_path, **told))


def test_a_permissive_run_takes_unlabelled_texts_that_the_table_calls_permissive(tmp_path):
    told = {"teachers": ("teacher",), "unlabelled": (str(tmp_path / "train2" / "advbench.jsonl"),)}
    check_licences(recipe(tmp_path, licences="permissive", **told))


def test_short_prompts_are_taken_alone_and_each_once(tmp_path):
    rows = [
        {"prompt": "bake bread", "is_safe": True},
        {"prompt": "bake bread", "is_safe": False},
        {"prompt": "bake bread", "response": "with flour", "is_safe": True},
        {"prompt": "bake " * 50, "is_safe": True},
        {"prompt": "x" * 12, "is_safe": True},
        {"prompt": "x" * 13, "is_safe": True},
    ]
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    fields = {"data": str(path), "held_out": 0, "short_prompts": 12}
    kept, held_out = load_examples(recipe(tmp_path, **fields))
    assert {row.prompt for row in kept} == {"bake bread", "x" * 12} and len(kept) == 2
    assert held_out == [] and all(row.response is None for row in kept)
    (one,) = load_examples(recipe(tmp_path, **fields, limit=1))[0]
    assert one in kept
    with pytest.raises(ValueError, match="no training rows are left"):
        load_examples(recipe(tmp_path, **fields | {"short_prompts": 3}))
    with pytest.raises(ValueError, match="short_prompts cannot be chosen from a stream"):
        load_examples(recipe(tmp_path, **fields | {"data": f"hub:{path}"}))


def test_of_unlabelled_texts_too_the_short_prompts_alone(tmp_path):
    path, more = tmp_path / "rows.jsonl", tmp_path / "more.jsonl"
    path.write_text(json.dumps({"prompt": "bake bread", "is_safe": True}) + "\n")
    texts = [
        {"prompt": "bake cake"},
        {"prompt": "bake cake"},
        {"prompt": "bake rolls", "response": "hot"},
        {"prompt": "bake " * 50},
    ]
    more.write_text("".join(json.dumps(text) + "\n" for text in texts))
    fields = {"data": str(path), "held_out": 0, "short_prompts": 12}
    told = {"teachers": ("teacher",), "unlabelled": (str(more),)}
    kept, _ = load_examples(recipe(tmp_path, **fields, **told))
    assert sorted(row.prompt for row in kept) == ["bake bread", "bake cake"]
