"""Where the rows of a calibration come from, and where its result goes."""

import json
import random
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from lance_graph.detector.calibration import Calibration
from lance_graph.files import write_json
from lance_graph.hub import PREFIX
from lance_graph.training.data.example import (
    Example,
    of_row,
    read_examples,
    read_unlabelled,
    split_by_prompt,
)
from lance_graph.training.data.grammars import ALL
from lance_graph.training.data.mix import held_out_rows, together
from lance_graph.training.data.sources import Licences
from lance_graph.training.data.stock import some
from lance_graph.training.data.twins import is_twins, written_rows
from lance_graph.training.run_folder import RECIPE

CONFIG = "config.json"


def calibration_rows(
    source: Path, checkpoint: Path, most: int = ALL, seed: int = 0
) -> list[Example]:
    """Rows of a JSON Lines file, or of the research data's folder what ``checkpoint`` never saw.

    The latter are the rows that its recipe.json held out, with the written twins that training
    always leaves out; of each of its files, and of the twins, ``most`` by ``seed`` (-1: all), so that
    a large file does not outvote the others. FileNotFoundError or ValueError say what is missing.
    """
    if source.is_file():
        return list(read_examples(source))
    if not source.is_dir():
        raise FileNotFoundError(f"there is no file or folder '{source}'")
    share, split, twins, licences = _held_out(source, checkpoint / RECIPE)
    held = held_out_rows(source, share, split, licences)
    held["twins"] = [of_row(row) for row in written_rows(split, held_out=True, folder=twins)]
    rng = random.Random(seed)
    return together({name: some(rows, most, rng) for name, rows in held.items()})


def unseen(rows: Sequence[Example], checkpoint: Path) -> list[Example]:
    """The rows whose prompt is in no file that ``checkpoint`` was trained on.

    Its recipe.json says which files: ``data`` without what was held out, and ``unlabelled``. A
    folder, a stream and a file that is no longer there cannot be looked into.
    """
    path = checkpoint / RECIPE
    if not path.is_file():
        return list(rows)
    fields = json.loads(path.read_text(encoding="utf-8"))
    seen = {row.prompt for name in fields.get("unlabelled") or () for row in _texts(name)}
    rest, _ = split_by_prompt(
        list(_texts(str(fields.get("data")))), fields.get("held_out", 0.0), fields.get("seed", 0)
    )
    seen |= {row.prompt for row in rest}
    return [row for row in rows if row.prompt not in seen]


def _texts(name: str) -> Iterator[Example]:
    """The texts of a file of rows; none where there is no such file."""
    path = Path(name)
    return read_unlabelled(path) if path.is_file() else iter(())


def store(calibration: Calibration, checkpoint: Path, output: Path | None = None) -> Path:
    """Write it into the checkpoint's config.json, or into that of a copy in ``output``.

    Nothing else changes, the weights least of all. FileExistsError if ``output`` holds something.
    """
    config = json.loads((checkpoint / CONFIG).read_text(encoding="utf-8"))
    target = output or checkpoint
    if target.resolve() != checkpoint.resolve():
        check_free(target)
        target.mkdir(parents=True, exist_ok=True)
        for file in checkpoint.iterdir():
            if file.is_file() and file.name != CONFIG:
                shutil.copy2(file, target)
    write_json(target / CONFIG, {**config, "calibration": calibration.as_json()})
    return target


def check_free(output: Path) -> None:
    """FileExistsError unless ``output`` is a folder to be, or an empty one."""
    if output.exists() and (not output.is_dir() or any(output.iterdir())):
        raise FileExistsError(f"'{output}' is not empty; give a new folder")


def _held_out(source: Path, recipe: Path) -> tuple[float, int, str | None, Licences]:
    """(share, seed, folder of twins, licences) of the split that the checkpoint was trained with."""
    remedy = "give --data with a JSON Lines file of rows that it was not trained on"
    try:
        fields: dict[str, Any] = json.loads(recipe.read_text(encoding="utf-8"))
        data, share, seed = str(fields["data"]), float(fields["held_out"]), int(fields["seed"])
    except FileNotFoundError as error:
        raise FileNotFoundError(
            f"'{source}' is a folder, and without '{recipe}' nobody knows which of its rows the "
            f"checkpoint was not trained on: {remedy}"
        ) from error
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(
            f"'{recipe}' is no recipe with data, held_out and seed: {remedy}"
        ) from error
    if data.startswith(PREFIX) or is_twins(data) or data.endswith(".jsonl"):
        raise ValueError(f"the checkpoint was trained on {data}, not on such a folder: {remedy}")
    if not share:
        raise ValueError(f"the checkpoint's recipe held nothing out (held_out: 0): {remedy}")
    return share, seed, fields.get("twins"), fields.get("licences", "all")
