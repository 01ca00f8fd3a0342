"""Train the detector on the transformers Trainer and write a checkpoint that `RiskDetector` loads."""

import json
import random
import shutil
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from math import isnan
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import torch
from safetensors.torch import load_model
from transformers import (
    AutoConfig,
    AutoModel,
    AutoTokenizer,
    EarlyStoppingCallback,
    PretrainedConfig,
    TrainerCallback,
    TrainerState,
    set_seed,
)

from lance_graph.detector.classifier import RiskClassifier
from lance_graph.detector.config import LanceDetectorConfig, PairConfig, RiskClassifierConfig
from lance_graph.detector.model import LanceDetector, PairEncoder, longest_input
from lance_graph.training.arguments import is_main_process, training_arguments
from lance_graph.training.collator import PairCollator
from lance_graph.training.data.example import Example, read_examples, split_by_prompt
from lance_graph.training.data.hub import PREFIX, HubRows, HubSource
from lance_graph.training.data.mix import own_twins, split_mix
from lance_graph.training.data.twins import PREFIX as TWINS
from lance_graph.training.data.twins import is_twins
from lance_graph.training.recipe import TrainingRecipe
from lance_graph.training.run_folder import (
    LOG,
    RECIPE,
    TENSORBOARD,
    LogFile,
    finish_run,
    is_finished,
    last_checkpoint,
    start_run,
    write_json,
)
from lance_graph.training.trainer import DetectorTrainer, ExampleDataset, held_out_figures

__all__ = [
    "DetectorTrainer", "ExampleDataset", "TrainingRecipe", "finish_run", "fit", "last_checkpoint",
    "load_examples", "longest_input", "new_model", "random_model", "run_callbacks", "ship",
    "start_run", "train", "training_arguments",
]  # fmt: skip

FIGURES = ("loss", "auroc", "f1", "ece", "map")
OF_TRAINING = (
    "max_tokens", "any_risk", "any_risk_rows", "any_risk_weight", "loss_weights", "auxiliary",
    "detach_features",
)  # fmt: skip
"""Fields of a model's configuration that a later stage may change."""
LARGEST_SHIPPED = 50_000_000
"""Bytes of the largest checkpoint that may ship: git's history keeps every copy."""


def new_model(recipe: TrainingRecipe) -> PairEncoder:
    """The recipe's model: its encoder starts from pretrained weights, or all of it from a checkpoint."""
    encoder_config = AutoConfig.from_pretrained(recipe.encoder_source)
    if isinstance(encoder_config, PairConfig):
        return _prepared(_trained(encoder_config, recipe), recipe)
    model = random_model(encoder_config, recipe)
    loading: Any = AutoModel.from_pretrained(recipe.encoder_source, output_loading_info=True)
    pretrained, loaded = loading
    missing, _ = model.encoder.load_state_dict(pretrained.state_dict(), strict=False)
    initialised = set(loaded["missing_keys"]) & set(model.encoder.state_dict())
    _check_whole([*missing, *sorted(initialised)], recipe)
    return _prepared(model, recipe)


def random_model(encoder_config: PretrainedConfig, recipe: TrainingRecipe) -> PairEncoder:
    """The recipe's model on such an encoder, with the recipe's dropout and all weights random."""
    encoder_config.attention_probs_dropout_prob = 0.0  # dropout there costs a third of a CPU step
    encoder_config.hidden_dropout_prob = recipe.hidden_dropout
    shared: dict[str, Any] = {
        "encoder": {k: v for k, v in encoder_config.to_dict().items() if k != "_name_or_path"},
        "pooling": recipe.pooling,
        "max_tokens": recipe.max_tokens,
        "any_risk": recipe.any_risk,
        "any_risk_rows": recipe.any_risk_rows,
        "any_risk_weight": recipe.any_risk_weight,
    }
    if recipe.objective == "classifier":
        return RiskClassifier(RiskClassifierConfig(**shared))
    return LanceDetector(
        LanceDetectorConfig(
            semantic_size=recipe.semantic_size,
            beta_floor=recipe.beta_floor,
            loss_weights=recipe.loss_weights,
            auxiliary=recipe.auxiliary,
            detach_features=recipe.detach_features,
            **shared,
        )
    )


def _trained(config: PairConfig, recipe: TrainingRecipe) -> PairEncoder:
    """The checkpoint to go on from, in float32 (one that ships is not), trained as the recipe says."""
    _check_same_model(config, recipe)
    for name in OF_TRAINING:
        if hasattr(config, name):  # a classifier has fewer
            setattr(config, name, getattr(recipe, name))
    config.encoder = {**config.encoder, "hidden_dropout_prob": recipe.hidden_dropout}
    config.calibration = config.reference = None  # of the weights as they were
    loading: Any = AutoModel.from_pretrained(
        recipe.encoder_source, config=config, dtype=torch.float32, output_loading_info=True
    )
    model, loaded = loading
    _check_whole(sorted(loaded["missing_keys"]), recipe)
    return cast(PairEncoder, model)


def _check_whole(missing: Sequence[str], recipe: TrainingRecipe) -> None:
    if missing:
        raise ValueError(
            f"{recipe.encoder} has no weights for {missing[:3]} ...; is it an encoder?"
        )


def _check_same_model(config: PairConfig, recipe: TrainingRecipe) -> None:
    found = "classifier" if isinstance(config, RiskClassifierConfig) else "lance"
    main = recipe.stage == "main"  # the contrastive stage leaves the heads behind
    if main and recipe.objective != found:
        raise ValueError(
            f"objective is {recipe.objective!r}, but encoder {recipe.encoder} is a checkpoint "
            f"of objective {found!r}; give a bare encoder or the same objective"
        )
    for name in ("pooling", *(("semantic_size", "beta_floor") if main else ())):
        wanted = getattr(recipe, name)
        if getattr(config, name, wanted) != wanted:
            raise ValueError(
                f"{name} is {wanted!r}, but the checkpoint {recipe.encoder} has "
                f"{getattr(config, name)!r}; give the same"
            )


def _prepared(model: PairEncoder, recipe: TrainingRecipe) -> PairEncoder:
    longest = longest_input(model.encoder)
    if longest is not None and recipe.max_tokens > longest:
        raise ValueError(
            f"max_tokens is {recipe.max_tokens}, but {recipe.encoder} reads at most {longest} "
            f"tokens; set max_tokens to {longest} or less"
        )
    # eager attention is the fastest on CPU; a saved model does not care
    model.encoder.set_attn_implementation("eager")
    if not recipe.train_word_embeddings:
        model.encoder.get_input_embeddings().requires_grad_(False)
    return model


def load_examples(recipe: TrainingRecipe) -> tuple[list[Example] | HubRows, list[Example]]:
    """(training rows, held-out rows) of the recipe's data; no prompt is on both sides.

    ``hub:`` data is an endless stream of training rows, and at most ``evaluation_rows`` held-out.
    """
    if recipe.data.startswith(PREFIX):
        source = HubSource.parse(recipe.data)
        stream = HubRows(source, recipe.held_out, recipe.seed, recipe.limit)
        return stream, stream.held_out_rows(recipe.evaluation_rows)
    if is_twins(recipe.data):
        named = recipe.data.partition(TWINS)[2] or recipe.twins
        rows, held_out = own_twins(recipe.seed, named)
        return rows[: recipe.limit], held_out
    source_path = Path(recipe.data)
    if source_path.is_file():
        everything = list(read_examples(source_path))
        rows, held_out = split_by_prompt(everything, recipe.held_out, recipe.seed)
    elif source_path.is_dir():
        rows, held_out = split_mix(
            source_path, recipe.mix, recipe.held_out, recipe.seed, recipe.twins
        )
    else:
        raise FileNotFoundError(f"data: there is no file or folder {recipe.data!r}")
    if not rows:
        raise ValueError(f"data: no training rows are left in {recipe.data}")
    return rows[: recipe.limit], held_out


def train(
    recipe: TrainingRecipe,
    *,
    resume: bool = False,
    overwrite: bool = False,
    callbacks: Sequence[TrainerCallback] = (),
) -> Path:
    """Train as the recipe says; returns the run folder (`lance_graph.training.run_folder`).

    ``resume`` goes on from the last checkpoint, to the weights that an uninterrupted run ends with,
    and does nothing to a finished run; ``overwrite`` starts anew where there is a run already.
    """
    if recipe.stage == "contrastive":
        from lance_graph.training.contrastive import train_contrastive

        return train_contrastive(recipe, resume=resume, overwrite=overwrite, callbacks=callbacks)
    output = start_run(recipe, resume=resume, overwrite=overwrite)
    if resume and is_finished(output):
        return output
    set_seed(recipe.seed)
    rows, held_out = load_examples(recipe)
    held_out = some_held_out(held_out, recipe)
    if held_out or recipe.early_stopping:
        check_can_evaluate(recipe, held_out)
    tokenizer = AutoTokenizer.from_pretrained(recipe.encoder_source)
    known = rows.rows_per_pass if isinstance(rows, HubRows) else len(rows)
    trainer = DetectorTrainer(
        recipe,
        model=new_model(recipe),
        args=training_arguments(recipe, output, known, evaluate=bool(held_out)),
        train_dataset=rows if isinstance(rows, HubRows) else ExampleDataset(rows),
        eval_dataset=ExampleDataset(held_out),
        data_collator=PairCollator(tokenizer, recipe.max_tokens),
        compute_metrics=held_out_figures,
        callbacks=[*run_callbacks(recipe, output), *callbacks],
    )
    fit(trainer, last_checkpoint(output) if resume else None)
    figures = final_figures(trainer) if held_out else {}
    steps = {"steps": trainer.state.global_step, "epochs": trainer.state.epoch}
    told = {**steps, "training_rows": known, "held_out_rows": len(held_out), **figures}
    finish_run(output, trainer.model, tokenizer, told)
    return output


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


def some_held_out(held_out: Sequence[Example], recipe: TrainingRecipe) -> list[Example]:
    """At most ``evaluation_rows`` of the held-out rows, chosen by the seed, short ones first."""
    most = min(recipe.evaluation_rows, len(held_out))
    chosen = random.Random(recipe.seed).sample(list(held_out), most)
    return sorted(chosen, key=lambda row: len(row.prompt) + len(row.response or ""))


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
    kinds = {row.unsafe for row in held_out if not isnan(row.unsafe)}
    if recipe.early_stopping and recipe.metric == "auroc" and len(kinds) < 2:
        raise ValueError(
            f"early_stopping watches the AUROC, but the {len(held_out)} held-out rows are not both "
            "safe and unsafe; raise held_out or evaluation_rows, or set metric: loss"
        )


def ship(run: Path, destination: Path) -> Path:
    """Copy a trained checkpoint in half precision, its recipe without the paths of one machine.

    ValueError if it is larger than `LARGEST_SHIPPED`; then ``destination`` stays as it was.
    """
    model = AutoModel.from_pretrained(run).half()
    model.config.encoder.pop("_name_or_path", None)
    recipe = json.loads((run / RECIPE).read_text(encoding="utf-8"))
    recipe |= {
        "data": "DATA",
        "output": "RUN",
        "twins": None,
        "encoder": Path(recipe["encoder"]).name,
    }
    with TemporaryDirectory() as temporary:
        copy = Path(temporary)
        model.save_pretrained(copy)
        AutoTokenizer.from_pretrained(run).save_pretrained(copy)
        write_json(copy / RECIPE, recipe)
        size = sum(path.stat().st_size for path in copy.iterdir())
        if size > LARGEST_SHIPPED:
            raise ValueError(
                f"the checkpoint of {run} takes {size / 1e6:.1f} MB, and at most "
                f"{LARGEST_SHIPPED / 1e6:g} MB may ship; train on a smaller encoder"
            )
        destination.mkdir(parents=True, exist_ok=True)
        for file in copy.iterdir():
            shutil.copy2(file, destination)
    return destination
