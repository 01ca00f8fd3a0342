"""Training on two processes: torchrun is started once, and each test looks at a run of its own."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from lance_graph.categories import KEYS
from lance_graph.training import run_folder
from lance_graph.training.recipe import TrainingRecipe
from lance_graph.training.training import train
from tests.training.test_teachers import taught_to
from tests.training.test_training import ROOT, environment, figures, labelled, log

pytestmark = pytest.mark.slow

LAUNCH = """
import sys
import torch
from lance_graph.training.recipe import TrainingRecipe
from lance_graph.training.training import train
torch.nn.Dropout.forward = lambda self, x: x
torch.distributions.Beta.rsample = lambda self, shape=(): self.mean
torch.distributions.Normal.rsample = lambda self, shape=(): self.loc
for recipe in sys.argv[1:]:
    train(TrainingRecipe.model_validate_json(recipe))
"""


@pytest.fixture(scope="module")
def recipe(encoder, tmp_path_factory):
    """Makes a small recipe; 128 training rows without a step of chance."""
    folder = tmp_path_factory.mktemp("two_processes")
    rows = [row for n in range(80) for row in labelled(n)]

    def make(name, rows=rows, **fields):
        data = folder / f"{name}.jsonl"
        data.write_text("".join(json.dumps(row) + "\n" for row in rows))
        basics = {
            "data": str(data), "encoder": str(encoder), "output": str(folder / name), "epochs": 0.5,
            "batch_size": 8, "held_out": 0.2, "max_tokens": 32, "precision": "fp32",
            "report_to": "none", "evaluate_every": None,
        }  # fmt: skip
        return TrainingRecipe(**{**basics, **fields})

    return make


@pytest.fixture(scope="module")
def trained(recipe, tiny_checkpoint, tmp_path_factory):
    """Recipes of runs that two processes have trained: plain, and with a teacher."""
    teacher = taught_to(tiny_checkpoint, tmp_path_factory.mktemp("teacher") / "first", (0, 1))
    few = [{"prompt": f"make cat {n}", "categories": [KEYS[3]] if n % 2 else []} for n in range(40)]
    recipes = {
        "two": recipe("two"),
        "taught": recipe("taught", few, teachers=(str(teacher),), max_steps=2, batch_size=4),
    }
    script = tmp_path_factory.mktemp("launched") / "launch.py"
    script.write_text(LAUNCH)
    ran = subprocess.run(
        [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2",
         str(script), *(told.model_dump_json() for told in recipes.values())],
        cwd=ROOT, env=environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr[-3000:]
    return recipes


def test_a_step_is_the_same_on_one_process_two_processes_and_in_two_parts(
    recipe, trained, monkeypatch
):
    monkeypatch.setattr(torch.nn.Dropout, "forward", lambda self, x: x)
    monkeypatch.setattr(torch.distributions.Beta, "rsample", lambda self, shape=(): self.mean)
    monkeypatch.setattr(torch.distributions.Normal, "rsample", lambda self, shape=(): self.loc)
    one = train(recipe("one", batch_size=16))
    parts = log(train(recipe("parts", gradient_accumulation=2)))
    two = trained["two"]
    both = log(two.output)
    names = ["loss", "grad_norm", "loss/aux", "loss/rec_d", "loss/kl", "eval_loss", "eval_auroc"]
    for line, other, third in zip(log(one), parts, both, strict=True):
        for name in names:
            if name in line:
                assert other[name] == pytest.approx(line[name], rel=1e-3), (line["step"], name)
                assert third[name] == pytest.approx(line[name], rel=1e-3), (line["step"], name)
    assert json.loads((Path(two.output) / "recipe.json").read_text())["ran_with"]["processes"] == 2
    assert figures(two.output)["auroc"] == pytest.approx(figures(one)["auroc"], abs=0.02)
    with pytest.raises(ValueError, match="processes is 1, but"):
        train(two, resume=True)


def test_one_of_two_processes_asks_the_teacher_and_both_learn(trained):
    folder = Path(trained["taught"].output)
    lines = log(folder)
    assert [line["scored"] for line in lines if "scored" in line] == [32]
    assert all(line["loss/teacher"] > 0 for line in lines if "loss" in line)
    assert len(list((folder / run_folder.TEACHERS).iterdir())) == 1
