"""From a run folder to a checkpoint that can lie in a repository."""

import json
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from transformers import AutoModel, AutoTokenizer

from lance_graph.files import write_json
from lance_graph.training.run_folder import RECIPE

LARGEST_SHIPPED = 50_000_000
"""Bytes of the largest checkpoint that may ship: git's history keeps every copy."""


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
        "teachers": [Path(name).name for name in recipe.get("teachers", ())],
        "unlabelled": [Path(name).name for name in recipe.get("unlabelled", ())],
        "teacher_cache": None,
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
