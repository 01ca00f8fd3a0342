"""What both stages of a run share: its callbacks, going on after a kill, its last figures."""

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from math import isnan
from pathlib import Path
from typing import Any, cast

from safetensors.torch import load_model
from transformers import EarlyStoppingCallback, TrainerCallback, TrainerState

from lance_graph.detector.model import PairEncoder
from lance_graph.training.arguments import is_main_process
from lance_graph.training.data.example import Example
from lance_graph.training.recipe import TrainingRecipe
from lance_graph.training.run_folder import LOG, TENSORBOARD, LogFile
from lance_graph.training.trainer import DetectorTrainer

FIGURES = ("loss", "auroc", "f1", "ece", "map")


def run_callbacks(recipe: TrainingRecipe, output: Path) -> list[TrainerCallback]:
    """What a run does beside training: log file, TensorBoard, early stopping."""
    callbacks: list[TrainerCallback] = [LogFile(output / LOG)]
    installed = find_spec("tensorboard") is not None
    if recipe.report_to == "tensorboard" and not installed:
        raise ImportError(
            "report_to is 'tensorboard', but that package is missing: "
            "pip install 'langgraph-lance[train]', or set report_to: none"
        )
    if recipe.report_to != "none" and installed and is_main_process():
        from torch.utils.tensorboard import SummaryWriter
        from transformers.integrations.integration_utils import TensorBoardCallback

        callbacks.append(TensorBoardCallback(SummaryWriter(str(output / TENSORBOARD))))
    if recipe.early_stopping:
        callbacks.append(EarlyStoppingCallback(recipe.early_stopping))
    return callbacks


def fit(trainer: DetectorTrainer, checkpoint: Path | None) -> None:
    """Train from the start or on from a checkpoint; one that was the run's last is only loaded.

    (The Trainer would train one step more.)
    """
    if checkpoint is None:
        trainer.train()
        return
    state = TrainerState.load_from_json(str(checkpoint / "trainer_state.json"))
    control: Any = state.stateful_callbacks.get("TrainerControl", {})
    if not control.get("args", {}).get("should_training_stop"):
        trainer.train(resume_from_checkpoint=str(checkpoint))
        return
    best = checkpoint.parent / f"checkpoint-{state.best_global_step}"
    kept = best if trainer.args.load_best_model_at_end and best.exists() else checkpoint
    load_model(cast(PairEncoder, trainer.model), kept / "model.safetensors")
    trainer.state = state


def final_figures(trainer: DetectorTrainer) -> dict[str, float]:
    """Held-out figures of the weights that are kept: as logged when they were saved, or new."""
    state = trainer.state
    best = state.best_global_step if trainer.args.load_best_model_at_end else None
    step = best or state.global_step
    for line in reversed(state.log_history):
        if line["step"] == step and "eval_loss" in line:
            return _without_prefix(line)
    return _without_prefix(trainer.evaluate())


def _without_prefix(line: Mapping[str, float]) -> dict[str, float]:
    return {name: line[f"eval_{name}"] for name in FIGURES}


def check_can_evaluate(recipe: TrainingRecipe, held_out: Sequence[Example]) -> None:
    """Find out before the training what would go wrong after it.

    ImportError names the extra if scikit-learn is missing; ValueError if the rows cannot give the
    figure that early stopping watches.
    """
    if find_spec("sklearn") is None:
        raise ImportError(
            "figures on held-out rows need scikit-learn: pip install 'langgraph-lance[train]', "
            "or set held_out: 0"
        )
    if recipe.early_stopping and not held_out:
        raise ValueError("early_stopping watches held-out rows, and there are none: raise held_out")
    kinds = {row.is_safe for row in held_out if not isnan(row.unsafe) and not row.is_borderline}
    if recipe.early_stopping and recipe.metric == "auroc" and len(kinds) < 2:
        raise ValueError(
            f"early_stopping watches the AUROC, but the {len(held_out)} held-out rows are not both "
            "safe and unsafe; raise held_out or evaluation_rows, or set metric: loss"
        )
