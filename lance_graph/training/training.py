"""Train the detector on the transformers Trainer and write a checkpoint that `RiskDetector` loads."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import torch
from transformers import (
    AutoTokenizer,
    TrainerCallback,
    TrainerControl,
    TrainerState,
    TrainingArguments,
    set_seed,
)

from lance_graph.training.arguments import training_arguments
from lance_graph.training.collator import PairCollator
from lance_graph.training.contrastive import train_contrastive
from lance_graph.training.data.hub import HubRows
from lance_graph.training.data.loading import load_examples, some_held_out
from lance_graph.training.models import new_model
from lance_graph.training.recipe import TrainingRecipe
from lance_graph.training.run_folder import (
    LOG,
    LogFile,
    begin_run,
    check_run,
    finish_run,
    is_finished,
    last_checkpoint,
)
from lance_graph.training.stages import check_can_evaluate, final_figures, fit, run_callbacks
from lance_graph.training.teachers import Teacher, taught_rows
from lance_graph.training.trainer import DetectorTrainer, ExampleDataset, held_out_figures


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
    stage = train_contrastive if recipe.stage == "contrastive" else train_detector
    return stage(recipe, resume=resume, overwrite=overwrite, callbacks=callbacks)


def train_detector(
    recipe: TrainingRecipe,
    *,
    resume: bool = False,
    overwrite: bool = False,
    callbacks: Sequence[TrainerCallback] = (),
) -> Path:
    """The main stage, on eq. 16 or the baseline's objective; arguments as those of `train`."""
    output = check_run(recipe, resume=resume, overwrite=overwrite)
    if resume and is_finished(output):
        return output
    rows, held_out = load_examples(recipe)
    held_out = some_held_out(held_out, recipe)
    if held_out or recipe.early_stopping:
        check_can_evaluate(recipe, held_out)
    known = rows.rows_per_pass if isinstance(rows, HubRows) else len(rows)
    for name in recipe.teachers:
        Teacher.at(name)  # one that is none stops here, before anything is written
    tokenizer = AutoTokenizer.from_pretrained(recipe.encoder_source)
    set_seed(recipe.seed)  # whatever was read
    model = new_model(recipe)
    begin_run(recipe, resume=resume)
    arguments = training_arguments(recipe, output, known, evaluate=bool(held_out))
    if recipe.teachers and not isinstance(rows, HubRows):
        # whoever is asked changes no random state; the other processes read what the first wrote
        with torch.random.fork_rng(), arguments.main_process_first(local=False):
            rows = taught_rows(
                rows, recipe, output, partial(_tell, [LogFile(output / LOG), *callbacks], arguments)
            )
    trainer = DetectorTrainer(
        recipe,
        model=model,
        args=arguments,
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


def _tell(
    callbacks: Sequence[TrainerCallback], arguments: TrainingArguments, line: Mapping[str, Any]
) -> None:
    """How far a teacher is, as a line of the log before the first step."""
    for callback in callbacks:
        callback.on_log(arguments, TrainerState(), TrainerControl(), logs=dict(line))
