"""From what a recipe calls its data to training rows and held-out rows."""

import random
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from pathlib import Path

from lance_graph.hub import PREFIX, HubSource
from lance_graph.training.data.example import (
    Example,
    read_examples,
    read_unlabelled,
    split_by_prompt,
)
from lance_graph.training.data.hub import HubRows
from lance_graph.training.data.mix import own_twins, plain_prompts, split_mix, without
from lance_graph.training.data.sources import is_open_file
from lance_graph.training.data.twins import PREFIX as TWINS
from lance_graph.training.data.twins import is_twins
from lance_graph.training.recipe import TrainingRecipe
from lance_graph.training.run_folder import stored_recipe


def load_examples(recipe: TrainingRecipe) -> tuple[list[Example] | HubRows, list[Example]]:
    """(training rows, held-out rows) of the recipe's data; no prompt is on both sides.

    ``hub:`` data is an endless stream of training rows, and at most ``evaluation_rows`` held-out.
    The recipe's unlabelled texts are among the training rows. ValueError if it has teachers and the
    rows do not end.
    """
    check_licences(recipe)
    if recipe.short_prompts and recipe.data.startswith(PREFIX):
        raise ValueError(
            "short_prompts cannot be chosen from a stream; set data to a folder or a file"
        )
    rows, held_out = _of_data(recipe)
    if recipe.teachers and isinstance(rows, HubRows):
        if recipe.limit is None:
            raise ValueError(
                "limit is missing: teachers read all rows before the first step, so a stream must end"
            )
        rows = list(islice(rows, recipe.limit))
    if isinstance(rows, HubRows) or not recipe.unlabelled:
        return rows, held_out
    kept = plain_prompts(held_out)
    more = [row for name in recipe.unlabelled for row in read_unlabelled(_file(name))]
    if longest := recipe.short_prompts:
        more = once(filter(short(longest), more))
    rows = [*rows, *without(more, kept)]
    random.Random(recipe.seed).shuffle(rows)
    return rows[: recipe.limit], held_out


def short(longest: int) -> Callable[[Example], bool]:
    """Whether a row is a prompt of at most so many characters, without an answer."""
    return lambda row: not row.response and len(row.prompt) <= longest


def once(rows: Iterable[Example]) -> list[Example]:
    """The rows, of those with the same prompt the last one, in the place of the first."""
    return list({row.prompt: row for row in rows}.values())


def _file(name: str) -> Path:
    path = Path(name)
    if not path.is_file():
        raise FileNotFoundError(f"unlabelled: there is no file {name!r}; give a .jsonl of prompts")
    return path


def _of_data(recipe: TrainingRecipe) -> tuple[list[Example] | HubRows, list[Example]]:
    if recipe.data.startswith(PREFIX):
        source = HubSource.parse(recipe.data)
        stream = HubRows(source, recipe.held_out, recipe.seed, recipe.limit)
        return stream, stream.held_out_rows(recipe.evaluation_rows)
    source_path = Path(recipe.data)
    if is_twins(recipe.data):
        named = recipe.data.partition(TWINS)[2] or recipe.twins
        rows, held_out = own_twins(recipe.seed, named)
    elif source_path.is_file():
        everything = list(read_examples(source_path, unlabelled=bool(recipe.teachers)))
        rows, held_out = split_by_prompt(everything, recipe.held_out, recipe.seed)
    elif source_path.is_dir():
        rows, held_out = split_mix(
            source_path, recipe.mix, recipe.held_out, recipe.seed, recipe.twins, recipe.licences
        )
    else:
        raise FileNotFoundError(f"data: there is no file or folder {recipe.data!r}")
    if longest := recipe.short_prompts:
        rows, held_out = [once(filter(short(longest), some)) for some in (rows, held_out)]
    if not rows:
        raise ValueError(f"data: no training rows are left in {recipe.data}")
    return rows[: recipe.limit], held_out


def check_licences(recipe: TrainingRecipe) -> None:
    """ValueError where a permissive run would see what nobody knows to be permissively licensed.

    That is: other data than the research data's folder and the written twins, other unlabelled texts
    than its permissive files, or the weights or the degrees of a run that saw all.
    """
    if recipe.licences == "all":
        return
    if not Path(recipe.data).is_dir() and not is_twins(recipe.data):
        raise ValueError(
            f"licences: permissive needs a folder of the research data or twins; of the rows in "
            f"{recipe.data!r} nobody knows the licence: leave out what you may not use, and set "
            "licences: all"
        )
    if closed := [n for n in recipe.unlabelled if not is_open_file(Path(n), Path(recipe.data))]:
        raise ValueError(
            f"licences: permissive, but of the texts in unlabelled {closed[0]!r} nobody knows the licence: "
            "take files of the research data's train2 that sources.toml calls permissive, or set "
            "licences: all"
        )
    if _saw_all(recipe.encoder_source):
        raise ValueError(
            f"licences: permissive, but the weights of encoder {recipe.encoder!r} were trained on "
            "everything: start from a bare encoder, or from a run with licences: permissive"
        )
    if seen := [folder for folder in recipe.teacher_sources if _saw_all(folder)]:
        raise ValueError(
            f"licences: permissive, but the teacher in {seen[0]!r} was trained on everything: take teachers "
            "that were trained with licences: permissive"
        )


def _saw_all(folder: str) -> bool:
    """Whether a run's folder says that it saw rows of every licence; a bare encoder saw none."""
    recipe = stored_recipe(Path(folder))
    return recipe is not None and recipe.get("licences", "all") == "all"


def some_held_out(held_out: Sequence[Example], recipe: TrainingRecipe) -> list[Example]:
    """At most ``evaluation_rows`` of the held-out rows, chosen by the seed, short ones first."""
    most = min(recipe.evaluation_rows, len(held_out))
    chosen = random.Random(recipe.seed).sample(list(held_out), most)
    return sorted(chosen, key=lambda row: row.length)
