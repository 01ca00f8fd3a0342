"""From a recipe to transformers' `TrainingArguments`: steps, precision, device, intervals."""

import os
from math import ceil
from pathlib import Path
from typing import Any, NamedTuple

import torch
from transformers import TrainingArguments

from lance_graph.training.recipe import TrainingRecipe

LOGGING_STEPS = 50
EVALUATION_BATCH = 64
LONGEST_WAIT = 2 * 24 * 3_600
"""Seconds in which teachers have to read all rows."""


class Schedule(NamedTuple):
    """Optimiser steps of one pass over the rows, and of the whole run."""

    per_epoch: int
    total: int


def processes() -> int:
    """How many processes train together (`torchrun` tells)."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def is_main_process() -> bool:
    """Whether this is the process that writes files: the first of those that train together."""
    return os.environ.get("RANK", "0") == "0"


def schedule(recipe: TrainingRecipe, rows: int | None) -> Schedule:
    """Steps for so many training rows; ValueError if they are unknown and ``max_steps`` is not set."""
    if rows is None:
        if recipe.max_steps is None:
            raise ValueError(
                "max_steps is missing: nobody knows how many rows this stream has, so say how many "
                "steps to train, or give a limit of rows"
            )
        return Schedule(recipe.max_steps, recipe.max_steps)
    batches = ceil(ceil(rows / recipe.batch_size) / processes())
    per_epoch = max(1, ceil(batches / recipe.gradient_accumulation))
    return Schedule(per_epoch, recipe.max_steps or ceil(recipe.epochs * per_epoch))


def autocast(recipe: TrainingRecipe) -> str:
    """The recipe's precision with 'auto' decided; ValueError if this machine does not have it."""
    gpu = torch.cuda.is_available()
    if recipe.precision == "auto":
        has_bf16 = torch.cuda.is_bf16_supported() if gpu else _cpu_has_bf16()
        return "bf16" if has_bf16 else "fp32"
    if recipe.precision == "fp16" and not gpu:
        raise ValueError("precision is 'fp16', but that needs a GPU; take auto, bf16 or fp32")
    return recipe.precision


def training_arguments(
    recipe: TrainingRecipe,
    output: Path,
    rows: int | None,
    *,
    evaluate: bool = False,
    **changes: Any,
) -> TrainingArguments:
    """The arguments of a run in the folder ``output`` on so many training rows (None: unknown).

    With ``evaluate`` the run evaluates as the recipe says, and stops early if it says so.
    ``changes`` are arguments of transformers that replace these.
    """
    steps, precision = schedule(recipe, rows), autocast(recipe)
    evaluation = in_steps(recipe.evaluate_every, steps) if evaluate else None
    stops_early = bool(evaluation and recipe.early_stopping)
    gpu = torch.cuda.is_available()
    arguments: dict[str, Any] = {
        "output_dir": str(output / "trainer"),
        "max_steps": steps.total,
        "per_device_train_batch_size": recipe.batch_size,
        "per_device_eval_batch_size": EVALUATION_BATCH,
        "gradient_accumulation_steps": recipe.gradient_accumulation,
        "learning_rate": recipe.encoder_learning_rate,
        "lr_scheduler_type": "linear",
        "warmup_steps": int(recipe.warmup * steps.total),
        "max_grad_norm": 1.0,
        "bf16": precision == "bf16",
        "fp16": precision == "fp16",
        "use_cpu": not gpu,
        "ddp_backend": "gloo" if processes() > 1 and not gpu else None,
        # the others wait while the first asks the teachers
        "ddp_timeout": LONGEST_WAIT if recipe.teachers else 1_800,
        "remove_unused_columns": False,
        "label_names": ["labels"],
        "dataloader_num_workers": recipe.workers,
        # rows of one batch are padded together: a process cannot cut another's batch into pieces
        "accelerator_config": {"dispatch_batches": False},
        "logging_steps": min(LOGGING_STEPS, max(1, steps.total // 10)),
        "eval_strategy": "steps" if evaluation else "no",
        "eval_steps": evaluation,
        "save_strategy": "steps",
        "save_steps": evaluation if stops_early else in_steps(recipe.save_every, steps),
        "save_total_limit": 1,
        "load_best_model_at_end": stops_early,
        "metric_for_best_model": recipe.metric if stops_early else None,
        "greater_is_better": recipe.metric not in ("ece", "loss") if stops_early else None,
        "restore_callback_states_from_checkpoint": True,
        "disable_tqdm": True,
        "report_to": "none",
        "seed": recipe.seed,
    }
    return TrainingArguments(**{**arguments, **changes})


def in_steps(interval: float | None, steps: Schedule) -> int | None:
    """An interval of the recipe as a number of optimiser steps; None stays None."""
    if interval is None:
        return None
    return max(1, round(interval * steps.per_epoch)) if interval <= 1 else int(interval)


def _cpu_has_bf16() -> bool:
    """Whether the CPU multiplies in bf16 itself; where it does not, bf16 only costs time."""
    own = getattr(torch.cpu, "_is_avx512_bf16_supported", None)
    return bool(own() if own else torch.ops.mkldnn._is_mkldnn_bf16_supported())
