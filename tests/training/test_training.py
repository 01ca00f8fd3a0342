"""Training runs end to end on a tiny encoder: results, resuming, several processes, run folders."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoConfig, AutoModel, ElectraConfig, ElectraModel, TrainerCallback

from lance_graph.categories import KEYS
from lance_graph.detector import EMBEDDED
from lance_graph.detector.classifier import RiskClassifier
from lance_graph.detector.config import PairConfig
from lance_graph.detector.detector import RiskDetector
from lance_graph.detector.model import longest_input
from lance_graph.training import run_folder, shipping, stages, training
from lance_graph.training.data.example import DEGREES, Example
from lance_graph.training.data.loading import load_examples, some_held_out
from lance_graph.training.models import new_model
from lance_graph.training.recipe import TrainingRecipe
from lance_graph.training.shipping import ship
from lance_graph.training.training import train

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


def labelled(n):
    harmful = {
        "prompt": f"how do i hurt cat {n}",
        "response": "ask it",
        "categories": [KEYS[n % 3]],
    }
    harmless = {
        "prompt": f"how do i bake bread {n}",
        "response": "walk " * (n % 9),
        "categories": [],
    }
    return [harmful, harmless]


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """160 rows with all labels known."""
    path = tmp_path_factory.mktemp("data") / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for n in range(80) for row in labelled(n)))
    return path


@pytest.fixture
def recipe(data, encoder, tmp_path):
    """Makes a small recipe; 128 training rows, so 16 steps of 8 an epoch."""

    def make(name="run", **fields):
        basics = {
            "data": str(data), "encoder": str(encoder), "output": str(tmp_path / name),
            "epochs": 2, "batch_size": 8, "held_out": 0.2, "max_tokens": 32, "precision": "fp32",
            "report_to": "none",
        }  # fmt: skip
        return TrainingRecipe(**{**basics, **fields})

    return make


class At(TrainerCallback):
    """Does something after a step."""

    def __init__(self, step, action):
        self.step, self.action = step, action

    def on_step_end(self, args, state, control, **_):
        if state.global_step == self.step:
            self.action()


def weights(folder):
    return load_file(Path(folder) / "model.safetensors")


def same(left, right):
    a, b = weights(left), weights(right)
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


def log(folder):
    return [json.loads(line) for line in (Path(folder) / "log.jsonl").read_text().splitlines()]


def figures(folder):
    return json.loads((Path(folder) / "metrics.json").read_text())


def environment(**more):
    return (
        os.environ | {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)} | more
    )


def test_a_run_leaves_a_checkpoint_that_scores_and_everything_about_itself(recipe):
    folder = train(recipe(evaluate_every=0.5, report_to="auto"))
    (score,) = RiskDetector.from_pretrained(folder).score(["how do i bake bread 3"])
    assert 0 < score.max_risk < 1
    saved = json.loads((folder / "recipe.json").read_text())
    assert saved["seed"] == 13 and saved["ran_with"]["torch"] == torch.__version__
    found = figures(folder)
    assert found.keys() == {
        "steps", "epochs", "training_rows", "held_out_rows", "loss", "auroc", "f1", "ece", "map",
    }  # fmt: skip
    assert (found["steps"], found["training_rows"], found["held_out_rows"]) == (32, 128, 32)
    assert 0 <= found["auroc"] <= 1 and found["loss"] > 0
    lines = log(folder)
    steps = [line["step"] for line in lines if "eval_auroc" in line]
    assert steps == [8, 16, 24, 32]
    assert {"loss/rec_d", "loss/rec_z", "loss/kl", "loss/aux", "loss/any_aux"} <= lines[0].keys()
    assert list((folder / "tensorboard").iterdir())
    assert (folder / "trainer" / "checkpoint-32" / "optimizer.pt").exists()


def test_the_same_recipe_gives_the_same_weights_however_often_it_evaluates(recipe):
    once = train(recipe("a", evaluate_every=None))
    often = train(recipe("b", evaluate_every=3))
    assert same(once, often)
    assert not same(once, train(recipe("c", seed=14)))


class KilledError(BaseException):
    """Ends a run in this process where a kill would end it."""


def killed(torn):
    def end():
        raise KilledError

    with pytest.raises(KilledError):
        train(torn, callbacks=[At(23, end)])


def killed_for_real(torn):
    code = (
        "import os, signal, sys; from tests.training.test_training import At, train, TrainingRecipe;"
        "kill = At(23, lambda: os.kill(os.getpid(), signal.SIGKILL));"
        "train(TrainingRecipe.model_validate_json(sys.argv[1]), callbacks=[kill])"
    )
    threads = str(torch.get_num_threads())
    process = subprocess.run(
        [sys.executable, "-c", code, torn.model_dump_json()], cwd=ROOT, check=False,
        env=environment(OMP_NUM_THREADS=threads), capture_output=True,
    )  # fmt: skip
    assert process.returncode == -signal.SIGKILL, process.stderr


@pytest.mark.parametrize(
    ("kill", "options"),
    [
        # the last checkpoint before the kill is in the second epoch
        (killed_for_real, {"save_every": 5}),
        (killed, {"save_every": 1.0, "gradient_accumulation": 2, "epochs": 4}),
        (
            killed,
            {"save_every": 5, "early_stopping": 9, "evaluate_every": 5, "objective": "classifier"},
        ),
    ],
)
def test_a_killed_run_ends_as_if_it_had_not_been_killed(recipe, kill, options):
    whole = train(recipe("whole", **options))
    torn = recipe("torn", **options)
    kill(torn)
    assert not run_folder.is_finished(Path(torn.output))
    assert run_folder.last_checkpoint(Path(torn.output)).name in ("checkpoint-20", "checkpoint-16")
    half_written = Path(torn.output) / "trainer" / "checkpoint-22"
    half_written.mkdir()
    (half_written / "model.safetensors").write_bytes(b"torn")
    assert same(whole, train(torn, resume=True))
    assert figures(whole) == figures(torn.output)
    steps = [line["step"] for line in log(torn.output) if "loss" in line]
    assert steps == [line["step"] for line in log(whole) if "loss" in line]


@pytest.mark.parametrize("options", [{"max_steps": 11}, {"early_stopping": 1, "save_every": 4}])
def test_a_run_killed_after_its_last_checkpoint_trains_no_further(recipe, monkeypatch, options):
    whole = recipe("whole", evaluate_every=4, **options)
    with monkeypatch.context() as patch:
        patch.setattr(training, "finish_run", lambda *_: None)
        train(whole)
    assert not run_folder.is_finished(Path(whole.output))
    again = train(recipe("again", evaluate_every=4, **options))
    assert same(again, train(whole, resume=True))
    assert figures(again) == figures(whole.output)


def test_resuming_a_finished_run_changes_nothing(recipe):
    folder = train(recipe(epochs=0.25))
    before = (folder / "model.safetensors").stat().st_mtime_ns
    assert train(recipe(epochs=0.25), resume=True) == folder
    assert (folder / "model.safetensors").stat().st_mtime_ns == before


def test_resuming_a_finished_run_without_its_checkpoints_keeps_its_log(recipe):
    folder = train(recipe(epochs=0.25))
    before = log(folder)
    shutil.rmtree(folder / "trainer")
    train(recipe(epochs=0.25), resume=True)
    assert before and log(folder) == before


def test_another_recipe_is_not_resumed(recipe):
    train(recipe(epochs=0.25))
    with pytest.raises(ValueError, match=r"batch_size is 4, but the run in .* has 8"):
        train(recipe(epochs=0.25, batch_size=4), resume=True)
    with pytest.raises(ValueError, match=r"beta_floor is 1\.0"):
        train(recipe(epochs=0.25, beta_floor=1.0), resume=True)


def test_a_run_from_before_a_field_came_is_resumed(recipe):
    folder = train(recipe(epochs=0.25))
    saved = json.loads((folder / "recipe.json").read_text())
    del saved["degree_weight"], saved["teachers"]
    (folder / "recipe.json").write_text(json.dumps(saved))
    (folder / "metrics.json").unlink()
    train(recipe(epochs=0.25), resume=True)
    (folder / "recipe.json").write_text(json.dumps(saved))
    with pytest.raises(ValueError, match=r"degree_weight is 2\.0, but the run in .* has 1\.0"):
        train(recipe(epochs=0.25, degree_weight=2.0), resume=True)


def test_graded_rows_find_their_order(recipe, tmp_path):
    """Four words, one a rung; the student has to place unseen sentences with them."""
    rungs = dict(zip(("bread", "cat", "walk", "sleep"), DEGREES, strict=True))
    rows = [
        {"prompt": f"{before} {word} {n}", "category": KEYS[2], "degree": degree}
        for n in range(12)
        for before in ("how do i", "tell me", "help")
        for word, degree in rungs.items()
    ]
    (tmp_path / "graded.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    options = {"data": str(tmp_path / "graded.jsonl"), "head_learning_rate": 0.02}
    folder = train(recipe(encoder_learning_rate=0.01, epochs=12, held_out=0.1, **options))
    scores = RiskDetector.from_pretrained(folder).score_raw([f"what is {word}" for word in rungs])
    found = [score.max_risk for score in scores]
    assert found == sorted(found)
    assert found[0] < 0.3 < found[1] < 0.7 < found[2]
    told = next(line for line in log(folder) if "loss" in line)
    assert {"loss/rank", "loss/pull"} <= told.keys() and "loss/teacher" not in told


def test_a_run_is_not_overwritten_unless_told(recipe, tmp_path, encoder):
    folder = train(recipe(epochs=0.25))
    with pytest.raises(FileExistsError, match=r"holds a finished run.*--overwrite"):
        train(recipe(epochs=0.5))
    assert figures(folder)["steps"] == 4
    (folder / "notes.txt").write_text("mine")
    train(recipe(epochs=0.5), overwrite=True)
    assert figures(folder)["steps"] == 8 and (folder / "notes.txt").exists()
    with pytest.raises(FileNotFoundError, match="no run to resume"):
        train(recipe("elsewhere"), resume=True)
    with pytest.raises(ValueError, match="same folder"):
        train(recipe(output=str(encoder)), overwrite=True)
    (folder / "metrics.json").unlink()
    with pytest.raises(FileExistsError, match=r"unfinished run.*--resume"):
        train(recipe(epochs=0.5))
    (tmp_path / "file").write_text("")
    with pytest.raises(FileExistsError, match="is a file"):
        train(recipe("file"))


def test_the_embedded_checkpoint_is_not_trained_into_itself(recipe, encoder, monkeypatch):
    monkeypatch.setattr("lance_graph.training.recipe.EMBEDDED", encoder)
    before = (encoder / "config.json").read_bytes()
    with pytest.raises(ValueError, match="same folder"):
        train(recipe(output=str(encoder), encoder="embedded"), overwrite=True)
    assert (encoder / "config.json").read_bytes() == before


def test_a_run_folder_may_be_called_embedded(recipe, encoder, monkeypatch, tmp_path):
    monkeypatch.setattr("lance_graph.training.recipe.EMBEDDED", encoder)
    monkeypatch.chdir(tmp_path)
    folder = train(recipe("embedded", output="embedded", encoder="embedded", epochs=0.25))
    assert folder.resolve() == tmp_path / "embedded" and figures(folder)["steps"] == 4


def test_early_stopping_keeps_the_best_weights(recipe):
    options = {"early_stopping": 2, "evaluate_every": 4, "metric": "loss", "epochs": 20}
    folder = train(recipe(head_learning_rate=0.5, encoder_learning_rate=0.1, **options))
    evaluated = {line["step"]: line["eval_loss"] for line in log(folder) if "eval_loss" in line}
    best = min(evaluated, key=evaluated.get)
    assert max(evaluated) == best + 8 < 320
    assert figures(folder)["loss"] == evaluated[best]
    assert same(folder, folder / "trainer" / f"checkpoint-{best}")


def test_early_stopping_needs_rows_that_its_metric_can_judge(recipe, tmp_path):
    rows = [{"prompt": f"make bread {n}", "is_safe": True} for n in range(50)]
    (tmp_path / "safe.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    with pytest.raises(ValueError, match=r"early_stopping watches the AUROC"):
        train(recipe(data=str(tmp_path / "safe.jsonl"), early_stopping=1))


def test_early_stopping_needs_held_out_rows(recipe, tmp_path):
    (tmp_path / "few.jsonl").write_text('{"prompt": "make bread", "is_safe": true}\n')
    with pytest.raises(ValueError, match=r"early_stopping watches held-out rows"):
        train(recipe(data=str(tmp_path / "few.jsonl"), early_stopping=1))


def test_without_held_out_rows_there_are_no_figures_and_no_need_of_scikit_learn(
    recipe, monkeypatch
):
    monkeypatch.setattr(stages, "find_spec", lambda name: None)
    folder = train(recipe(held_out=0, epochs=0.25))
    assert figures(folder).keys() == {"steps", "epochs", "training_rows", "held_out_rows"}
    with pytest.raises(ImportError, match=r"scikit-learn: pip install 'langgraph-lance\[train\]'"):
        train(recipe("other", epochs=0.25))
    with pytest.raises(ImportError, match="tensorboard"):
        train(recipe("third", held_out=0, report_to="tensorboard"))


def test_a_figure_that_cannot_be_had_is_null(recipe, tmp_path):
    rows = [{"prompt": f"make bread {n}", "category": KEYS[0]} for n in range(50)]
    (tmp_path / "one.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = figures(train(recipe(data=str(tmp_path / "one.jsonl"), epochs=0.5)))
    assert found["auroc"] is None and found["map"] is None and found["loss"] > 0


def test_rows_of_every_kind_of_label_train_together(recipe, tmp_path):
    rows = [
        row
        for n in range(20)
        for row in (
            labelled(n)[0],
            {"prompt": f"hurt cat {n}", "category": KEYS[1]},
            {"prompt": f"what is cat {n}", "is_safe": bool(n % 2)},
        )
    ]
    (tmp_path / "mixed.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    lines = log(train(recipe(data=str(tmp_path / "mixed.jsonl"))))
    assert all(line["loss"] > 0 for line in lines if "loss" in line)


def test_no_prompt_is_on_both_sides(recipe):
    rows, held_out = load_examples(recipe())
    assert not {row.prompt for row in rows} & {row.prompt for row in held_out}
    assert len(load_examples(recipe(limit=7))[0]) == 7


@pytest.mark.parametrize(
    ("kind", "longest"), [("bert", 40), ("roberta", 38), ("mpnet", 38), ("modernbert", None)]
)
def test_an_encoder_reads_as_many_tokens_as_it_has_positions_for(kind, longest):
    sizes = {"vocab_size": 50, "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    sizes |= {"intermediate_size": 32, "max_position_embeddings": 40, "pad_token_id": 1}
    sizes |= {"pad_token_id": 0} if kind == "bert" else {}
    special = {"bos_token_id": 0, "eos_token_id": 2, "cls_token_id": 0, "sep_token_id": 2}
    encoder = AutoModel.from_config(AutoConfig.for_model(kind, **sizes, **special)).eval()
    assert longest_input(encoder) == longest
    ids = torch.full((1, longest or 60), 5)
    assert encoder(input_ids=ids).last_hidden_state.isfinite().all()
    if longest:
        with pytest.raises((IndexError, RuntimeError)):
            encoder(input_ids=torch.full((1, longest + 1), 5))


@pytest.mark.parametrize("stage", ["main", "contrastive"])
def test_more_tokens_than_the_encoder_reads_are_refused(recipe, stage):
    message = r"max_tokens is 129, but .*bare reads at most 128 tokens; set max_tokens to 128"
    with pytest.raises(ValueError, match=message):
        train(recipe(max_tokens=129, stage=stage))
    new_model(recipe(max_tokens=128, stage=stage))


def test_a_checkpoint_to_go_on_from_is_not_given_more_tokens_than_it_reads(recipe, tiny_checkpoint):
    sizes = {"encoder": str(tiny_checkpoint), "semantic_size": 4}
    assert new_model(recipe(**sizes, max_tokens=128)).config.max_tokens == 128
    with pytest.raises(ValueError, match="max_tokens is 300"):
        new_model(recipe(**sizes, max_tokens=300))


def test_a_missing_accelerate_is_named_before_anything_is_written(recipe, monkeypatch, tmp_path):
    monkeypatch.setattr(run_folder, "find_spec", lambda name: None)
    with pytest.raises(ImportError, match=r"accelerate: pip install 'langgraph-lance\[train\]'"):
        train(recipe())
    assert not (tmp_path / "run").exists()


def test_the_classifier_and_going_on_from_a_checkpoint(recipe, tmp_path):
    first = train(recipe(objective="classifier", epochs=0.25))
    assert isinstance(new_model(recipe(objective="classifier", encoder=str(first))), RiskClassifier)
    with pytest.raises(ValueError, match="objective is 'lance', but encoder"):
        new_model(recipe(encoder=str(first)))


def test_going_on_from_a_half_precision_checkpoint_takes_the_recipe(recipe, tmp_path):
    shipped = str(ship(train(recipe(epochs=0.25)), tmp_path / "shipped"))
    changes = {"max_tokens": 16, "any_risk": "max", "loss_weights": (1.0, 0.5, 0.1, 2.0)}
    model = new_model(recipe(encoder=shipped, hidden_dropout=0.3, **changes))
    assert {parameter.dtype for parameter in model.parameters()} == {torch.float32}
    assert {name: getattr(model.config, name) for name in changes} == changes
    assert model.encoder.embeddings.dropout.p == 0.3
    with pytest.raises(ValueError, match=r"beta_floor is 1\.0, but the checkpoint .* has 0\.05"):
        new_model(recipe(encoder=shipped, beta_floor=1.0))


def test_an_encoder_that_lacks_weights_is_not_started_at_random(recipe, encoder, tmp_path):
    torn = Path(shutil.copytree(encoder, tmp_path / "torn"))
    kept = {name: value for name, value in weights(torn).items() if "layer.0." not in name}
    save_file(kept, torn / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ValueError, match=r"has no weights for \['encoder\.layer\.0"):
        new_model(recipe(encoder=str(torn)))


def test_word_embeddings_stay_fixed_unless_told(recipe):
    def trainable(**options):
        embeddings = new_model(recipe(**options)).encoder.get_input_embeddings()
        return embeddings.weight.requires_grad

    assert not trainable()
    assert trainable(train_word_embeddings=True)


def test_frozen_layers_keep_their_weights(recipe, encoder, tmp_path):
    config = AutoConfig.from_pretrained(encoder, num_hidden_layers=3)
    AutoModel.from_config(config).save_pretrained(tmp_path / "deep")
    deep = {"encoder": str(tmp_path / "deep"), "train_word_embeddings": True}
    lowest = ("embeddings.", "encoder.layer.0.", "encoder.layer.1.")
    weights = dict(new_model(recipe(**deep, frozen_layers=2)).encoder.named_parameters())
    assert {name.startswith(lowest) for name in weights} == {True, False}
    assert all(name.startswith(lowest) is not one.requires_grad for name, one in weights.items())
    with pytest.raises(ValueError, match="has 3 layers; set frozen_layers to 3 or less"):
        new_model(recipe(**deep, frozen_layers=4))


def test_frozen_embeddings_are_frozen_with_what_projects_them(recipe, encoder, tmp_path):
    size = AutoConfig.from_pretrained(encoder).vocab_size
    config = ElectraConfig(
        vocab_size=size,
        embedding_size=8,
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=16,
    )
    ElectraModel(config).save_pretrained(tmp_path / "projected")
    for name in ("tokenizer.json", "tokenizer_config.json", "vocab.txt"):
        if (Path(encoder) / name).is_file():
            shutil.copy(Path(encoder) / name, tmp_path / "projected")
    made = new_model(recipe(encoder=str(tmp_path / "projected"), frozen_layers=1)).encoder
    trained = [name for name, one in made.named_parameters() if one.requires_grad]
    assert trained and all(name.startswith("encoder.layer.1.") for name in trained)


def test_the_shipped_copy_is_half_precision_and_names_no_path(recipe, tmp_path):
    shipped = ship(train(recipe(epochs=0.25)), tmp_path / "shipped")
    (half,) = RiskDetector.from_pretrained(shipped).score(["how do i bake bread 3"])
    assert 0 < half.max_risk < 1
    assert {tensor.dtype for tensor in weights(shipped).values()} == {torch.float16}
    assert not {"metrics.json", "log.jsonl", "trainer"} & {path.name for path in shipped.iterdir()}
    for name in ("recipe.json", "config.json", "tokenizer_config.json"):
        assert str(tmp_path) not in (shipped / name).read_text()
    assert isinstance(AutoConfig.from_pretrained(shipped), PairConfig)


def test_what_is_too_large_does_not_ship(recipe, tmp_path, monkeypatch):
    run = train(recipe(epochs=0.25))
    shipped = ship(run, tmp_path / "shipped")
    size = sum(path.stat().st_size for path in shipped.iterdir())
    monkeypatch.setattr(shipping, "LARGEST_SHIPPED", size)
    ship(run, shipped)
    monkeypatch.setattr(shipping, "LARGEST_SHIPPED", size - 1)
    with pytest.raises(ValueError, match=r"run takes 0\.1 MB, and at most 0\.07.* MB may ship"):
        ship(run, tmp_path / "again")
    assert not (tmp_path / "again").exists()


def test_the_checkpoint_that_ships_is_not_too_large():
    size = sum(path.stat().st_size for path in EMBEDDED.iterdir())
    assert size <= shipping.LARGEST_SHIPPED


@pytest.mark.parametrize(
    ("fields", "error", "message"),
    [
        ({"data": "/no/such"}, FileNotFoundError, "no file or folder '/no/such'"),
        ({"precision": "fp16"}, ValueError, "fp16"),
        ({"data": "hub:"}, ValueError, "hub:NAME"),
    ],
)
def test_what_cannot_be_trained_is_named(recipe, fields, error, message):
    if fields.get("precision") == "fp16" and torch.cuda.is_available():
        pytest.skip("a GPU has fp16")
    with pytest.raises(error, match=message):
        train(recipe(**fields))


def test_missing_research_data_is_named(recipe, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(FileNotFoundError, match="beavertails_pairs"):
        train(recipe(data=str(tmp_path / "empty")))


def test_the_held_out_rows_of_an_evaluation_are_a_seeded_sample(recipe):
    rows = [Example.full(f"bread {n}", None, ()) for n in range(50)]
    some = some_held_out(rows, recipe(evaluation_rows=10))
    assert len(set(some)) == 10 and set(some) <= set(rows)
    assert some == some_held_out(rows, recipe(evaluation_rows=10))
    assert len(some_held_out(rows, recipe())) == 50
