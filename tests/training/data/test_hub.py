"""Streaming from a data set of the hub's layout: a local folder stands in for it."""

import json
import random
from collections import Counter
from itertools import islice

import pytest
from torch.utils.data import DataLoader

from lance_graph.categories import KEYS
from lance_graph.detector.detector import RiskDetector
from lance_graph.hub import HubSource
from lance_graph.training.data.example import Example
from lance_graph.training.data.hub import HubRows, is_held_out, open_stream, shuffled
from lance_graph.training.data.loading import load_examples
from lance_graph.training.recipe import TrainingRecipe
from lance_graph.training.training import train

PROMPTS = 60


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """BeaverTails' layout: two answers to each prompt, ``category`` a mapping of key to bool."""
    path = tmp_path_factory.mktemp("hub")

    def row(n, answer, key):
        category = {name: name == key for name in KEYS}
        prompt = f"how do i make bread {n}"
        return {"prompt": prompt, "response": answer, "category": category, "is_safe": not key}

    rows = [
        row(n, answer, key)
        for n in range(PROMPTS)
        for answer, key in (("walk", None), ("hurt it", KEYS[n % 14]))
    ]
    (path / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (path / "test.jsonl").write_text(json.dumps(rows[0]) + "\n")
    return path


@pytest.fixture
def source(folder):
    return HubSource.parse(f"hub:{folder}")


def one_pass(rows, held_out):
    return list(islice(rows, 2 * PROMPTS - len(held_out)))


def test_rows_have_all_their_labels(source):
    rows = one_pass(HubRows(source, 0.0, 1), [])
    assert len(rows) == 120 and all(sum(row.mask) == 14 for row in rows)
    assert Counter(row.unsafe for row in rows) == {0.0: 60, 1.0: 60}
    assert {row.labels.index(1.0) for row in rows if row.unsafe} == set(range(14))


def test_no_prompt_is_on_both_sides_and_none_is_lost(source):
    stream = HubRows(source, 0.3, 1)
    held_out = stream.held_out_rows(1_000)
    rows = one_pass(stream, held_out)
    assert not {row.prompt for row in rows} & {row.prompt for row in held_out}
    assert len(set(rows) | set(held_out)) == 2 * PROMPTS
    assert 0.1 < len(held_out) / (2 * PROMPTS) < 0.5
    assert len(stream.held_out_rows(5)) == 5


def test_each_pass_has_every_row_in_an_order_of_seed_and_pass(source):
    def passes(seed):
        rows = list(islice(HubRows(source, 0.0, seed), 240))
        return rows[:120], rows[120:]

    first, second = passes(1)
    assert set(first) == set(second) and first != second
    assert passes(1) == (first, second) and passes(2)[0] != first


def test_a_limit_takes_the_same_rows_in_every_pass(source):
    rows = list(islice(HubRows(source, 0.2, 1, limit=10), 20))
    assert set(rows[:10]) == set(rows[10:]) and len(set(rows)) == 10
    assert HubRows(source, 0.2, 1, limit=10).rows_per_pass == 10


def test_workers_share_the_stream(source):
    stream = HubRows(source, 0.0, 1)
    loader = DataLoader(stream, batch_size=1, num_workers=2, collate_fn=lambda rows: rows[0])
    assert set(islice(loader, 120)) == set(one_pass(stream, []))


def test_a_split_may_be_named(folder):
    rows = HubRows(HubSource.parse(f"hub:{folder}:test"), 0.0, 1)
    assert [row.prompt for row in islice(rows, 2)] == ["how do i make bread 0"] * 2


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("hub:", "hub:NAME"),
        ("rows.jsonl", "hub:NAME"),
        ("hub:{folder}:dev", "no split 'dev'; it has train, test"),
        ("hub:/no/such/folder", "/no/such/folder cannot be opened"),
    ],
)
def test_what_is_not_there_is_named(folder, data, message):
    with pytest.raises(ValueError, match=message):
        open_stream(HubSource.parse(data.format(folder=folder)))


def test_a_bad_row_is_named(tmp_path):
    (tmp_path / "train.jsonl").write_text('{"prompt": "a", "is_safe": true}\n{"prompt": "b"}\n')
    with pytest.raises(ValueError, match=r"row 2: a row needs a label"):
        list(islice(HubRows(HubSource.parse(f"hub:{tmp_path}"), 0.0, 1), 3))


def test_a_stream_without_training_rows_ends_with_an_error(tmp_path):
    prompt = next(p for p in map(str, range(99)) if is_held_out(p, 0.5, 1))
    (tmp_path / "train.jsonl").write_text(json.dumps({"prompt": prompt, "is_safe": True}) + "\n")
    with pytest.raises(ValueError, match="no training rows"):
        next(iter(HubRows(HubSource.parse(f"hub:{tmp_path}"), 0.5, 1)))


def test_the_hash_holds_out_the_share_and_depends_on_the_seed():
    prompts = [f"prompt {n}" for n in range(5_000)]
    held = [prompt for prompt in prompts if is_held_out(prompt, 0.2, 1)]
    assert 0.18 < len(held) / 5_000 < 0.22
    assert held != [prompt for prompt in prompts if is_held_out(prompt, 0.2, 2)]
    assert not any(is_held_out(prompt, 0.0, 1) for prompt in prompts)


@pytest.mark.parametrize("size", [1, 7, 1_000])
def test_shuffling_keeps_every_row(size):
    rows = [Example.full(str(n), None, ()) for n in range(100)]
    mixed = list(shuffled(rows, size, random.Random(1)))
    assert sorted(map(repr, mixed)) == sorted(map(repr, rows))
    assert (mixed == rows) == (size == 1)


@pytest.fixture
def recipe(folder, tiny_checkpoint, tmp_path):
    def make(name="run", **fields):
        basics = {
            "data": f"hub:{folder}", "encoder": str(tiny_checkpoint), "batch_size": 8,
            "output": str(tmp_path / name), "max_tokens": 32, "held_out": 0.2, "max_steps": 20,
            "report_to": "none", "precision": "fp32", "semantic_size": 4,
        }  # fmt: skip
        return TrainingRecipe(**{**basics, **fields})

    return make


def test_a_run_on_a_stream(recipe):
    run = train(recipe())
    told = json.loads((run / "metrics.json").read_text())
    assert told["steps"] == 20 and told["held_out_rows"] > 0 and told["auroc"] is not None
    assert len(RiskDetector.from_pretrained(run).score(["bread"])) == 1


def test_epochs_are_enough_with_a_limit_but_not_without(recipe):
    run = train(recipe(max_steps=None, limit=40, epochs=2))
    assert json.loads((run / "metrics.json").read_text())["steps"] == 10
    with pytest.raises(ValueError, match="max_steps is missing"):
        train(recipe("other", max_steps=None))


def test_a_stopped_stream_goes_on_exactly(recipe):
    import torch
    from safetensors.torch import load_file
    from transformers import TrainerCallback

    class Stop(TrainerCallback):
        def on_step_end(self, args, state, control, **_):
            if state.global_step == 14:
                raise KeyboardInterrupt

    whole = train(recipe("whole", save_every=6))
    torn = recipe("torn", save_every=6)
    with pytest.raises(KeyboardInterrupt):
        train(torn, callbacks=[Stop()])
    again = load_file(train(torn, resume=True) / "model.safetensors")
    for name, tensor in load_file(whole / "model.safetensors").items():
        assert torch.equal(tensor, again[name]), name


def test_held_out_rows_are_capped(recipe):
    assert len(load_examples(recipe(evaluation_rows=3))[1]) == 3


def test_without_the_package_the_extra_is_named(folder, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "datasets", None)
    with pytest.raises(ImportError, match=r"langgraph-lance\[train\]"):
        open_stream(HubSource.parse(f"hub:{folder}"))
