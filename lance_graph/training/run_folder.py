"""The folder of a training run: what it keeps, and how a run begins, goes on and ends.

    config.json  model.safetensors  tokenizer*   the result, a checkpoint like any other
    recipe.json                                  every field of the recipe, library versions
    metrics.json                                 figures on held-out rows; written last of all
    log.jsonl                                    every log line, with each loss term
    trainer/                                     where to go on: weights, optimiser, random states
    teachers/                                    what teachers say of the rows, a file a teacher
    tensorboard/                                 where TensorBoard is installed

Only the first of several processes writes.
"""

import json
import platform
import shutil
from collections.abc import Mapping
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from transformers import TrainerCallback

from lance_graph.detector.detector import RiskDetector
from lance_graph.detector.known import reference
from lance_graph.detector.loading import located
from lance_graph.detector.model import PairEncoder
from lance_graph.files import dumps, parsed, read_lines, write_json, write_whole
from lance_graph.training.arguments import autocast, is_main_process, processes
from lance_graph.training.recipe import RAN_WITH, TrainingRecipe

RECIPE, METRICS, LOG = "recipe.json", "metrics.json", "log.jsonl"
TRAINER, TENSORBOARD, TEACHERS = "trainer", "tensorboard", "teachers"
LIBRARIES = ("torch", "transformers", "accelerate", "tokenizers", "safetensors")


def stored_recipe(folder: Path) -> dict[str, Any] | None:
    """The recipe beside a checkpoint as it was written; None without one, ValueError for a torn one."""
    path = folder / RECIPE
    if not path.is_file():
        return None
    recipe: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return recipe


def check_run(recipe: TrainingRecipe, *, resume: bool = False, overwrite: bool = False) -> Path:
    """The recipe's run folder, if the run may begin there or go on; nothing is written.

    FileExistsError if it holds a run or a model and neither flag is given; FileNotFoundError if
    there is nothing to resume; ValueError if the run to resume had another recipe; ImportError
    names the extra if accelerate is missing.
    """
    if find_spec("accelerate") is None:  # transformers would say so once the data is read
        raise ImportError("training needs accelerate: pip install 'langgraph-lance[train]'")
    output = Path(recipe.output)
    if resume and overwrite:
        raise ValueError("resume and overwrite exclude each other")
    if output.resolve() == Path(recipe.encoder_source).resolve():
        raise ValueError(f"output and encoder are the same folder, {output}; give another output")
    if str(output.resolve()) in {located(name) for name in recipe.teachers}:
        raise ValueError(f"output and a teacher are the same folder, {output}; give another output")
    if resume:
        _check_same(recipe, output)
    elif is_main_process():
        _check_free(output, overwrite)
    return output


def begin_run(recipe: TrainingRecipe, *, resume: bool = False) -> None:
    """Make the run folder ready to train in; with ``resume`` forget what will be trained again.

    To be called once the data has been read: what a mistyped name ends leaves no folder behind, and
    takes nothing from an earlier run.
    """
    if not is_main_process():
        return
    output = Path(recipe.output)
    if resume:
        _forget_after(last_checkpoint(output), output / LOG)
        return
    for name in (METRICS, LOG):
        (output / name).unlink(missing_ok=True)
    for name in (TRAINER, TENSORBOARD):
        shutil.rmtree(output / name, ignore_errors=True)
    output.mkdir(parents=True, exist_ok=True)
    write_json(output / RECIPE, {**as_json(recipe), RAN_WITH: _ran_with(recipe)})


def is_finished(output: Path) -> bool:
    """Whether the run in ``output`` came to its end."""
    return (output / METRICS).exists()


def finish_run(output: Path, model: Any, tokenizer: Any, figures: Mapping[str, Any]) -> None:
    """Write the result and the figures; a NaN among them becomes null."""
    if is_main_process():
        save_model(output, model, tokenizer)
        write_json(output / METRICS, figures)


def save_model(output: Path, model: Any, tokenizer: Any) -> None:
    """Write a model and its tokenizer.

    A detector gets what known sentences score now into its config.json: whoever loads it checks that.
    """
    if isinstance(model, PairEncoder):
        model.config.reference = reference(RiskDetector(model, tokenizer))
    model.save_pretrained(output)
    tokenizer.save_pretrained(output)


def last_checkpoint(output: Path) -> Path | None:
    """The newest checkpoint that is whole: its state is written last, so a kill leaves none."""
    found = (output / TRAINER).glob("checkpoint-*")
    for folder in sorted(found, key=lambda path: -int(path.name.rpartition("-")[2])):
        if _read_json(folder / "trainer_state.json"):
            return folder
    return None


class LogFile(TrainerCallback):
    """Appends every log line to a JSON Lines file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def on_log(
        self, args: Any, state: Any, control: Any, logs: Mapping[str, Any] | None = None, **_: Any
    ) -> None:
        """One line: the step, the epoch, and whatever was logged."""
        if state.is_world_process_zero and logs:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(dumps({"step": state.global_step, **logs}) + "\n")


def as_json(recipe: TrainingRecipe) -> dict[str, Any]:
    """The recipe's fields as JSON has them."""
    return recipe.model_dump(mode="json")


def _check_free(output: Path, overwrite: bool) -> None:
    if output.exists() and not output.is_dir():
        raise FileExistsError(f"output: {output} is a file; give a folder")
    if overwrite or not any((output / name).exists() for name in (RECIPE, "config.json")):
        return
    if not (output / RECIPE).exists():
        raise FileExistsError(f"output: {output} holds a model; give another, or --overwrite")
    state = "a finished" if is_finished(output) else "an unfinished"
    go_on = "" if is_finished(output) else "--resume to go on, or "
    raise FileExistsError(
        f"output: {output} holds {state} run; give another output, or {go_on}--overwrite to start anew"
    )


def _check_same(recipe: TrainingRecipe, output: Path) -> None:
    saved = _read_json(output / RECIPE)
    if not saved:
        raise FileNotFoundError(f"output: {output} holds no run to resume")
    ran_with = saved.pop(RAN_WITH, {})
    # a field that is younger than the run had no other value than its default
    defaults = as_json(TrainingRecipe(data=recipe.data, output=recipe.output))
    then = {
        **defaults,
        **saved,
        **{name: ran_with.get(name) for name in ("processes", "precision")},
    }
    now = {**as_json(recipe), "processes": processes(), "precision": autocast(recipe)}
    for name, value in now.items():
        if name != "output" and then.get(name) != value:
            raise ValueError(
                f"resume: {name} is {value!r}, but the run in {output} has {then.get(name)!r}; "
                "give the same, or --overwrite to start anew"
            )


def _forget_after(checkpoint: Path | None, log: Path) -> None:
    """Drop log lines of steps that will be trained again."""
    step = int(checkpoint.name.rpartition("-")[2]) if checkpoint else 0
    if log.exists():
        lines = [line for line in read_lines(log) if line.whole]
        write_whole(log, b"".join(line.raw for line in lines if line.object()["step"] <= step))


def _ran_with(recipe: TrainingRecipe) -> dict[str, Any]:
    from lance_graph import __version__

    return {
        "lance_graph": __version__,
        "python": platform.python_version(),
        **{name: version(name) for name in LIBRARIES},
        "precision": autocast(recipe),
        "processes": processes(),
        "threads": torch.get_num_threads(),
    }


def _read_json(path: Path) -> dict[str, Any] | None:
    """The object in a file; None if there is no file or a kill tore it."""
    try:
        value = parsed(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return None
    return value if isinstance(value, dict) else None
