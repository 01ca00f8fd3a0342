"""One checkpoint from several of one descent: the weighted mean of their weights.

Runs that start from the same checkpoint end in one valley of the loss, and a mean between them often
keeps what each learnt (WiSE-FT, arXiv 2109.01903; model soups, arXiv 2203.05482). It costs no step.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModel, AutoTokenizer

from lance_graph.detector.detector import RiskDetector
from lance_graph.detector.known import reference
from lance_graph.detector.model import PairEncoder
from lance_graph.files import write_json
from lance_graph.training.calibration_files import check_free
from lance_graph.training.run_folder import RECIPE


def average(shares: Mapping[Path, float], output: Path) -> Path:
    """Write the mean of the checkpoints, weighted by their ``shares``, as a checkpoint to ``output``.

    It has the configuration, tokenizer and recipe of the last of them and no calibration; ``averaged``
    in recipe.json says what was averaged, by the folders' names. ValueError if a share is not positive
    or two differ in their tensors or tokenizers, FileExistsError if ``output`` holds something.
    """
    for folder, share in shares.items():
        if not 0 < share < float("inf"):
            raise ValueError(f"the share of '{folder}' is {share}; it must be positive")
    check_free(output)
    total = sum(shares.values())
    *_, last = shares
    model = AutoModel.from_pretrained(last).float()
    tokenizer = AutoTokenizer.from_pretrained(last)
    mean = {name: torch.zeros_like(tensor) for name, tensor in _numbers(model).items()}
    for folder, share in shares.items():
        other = _numbers(AutoModel.from_pretrained(folder).float())
        _check_alike(mean, other, folder, last)
        if AutoTokenizer.from_pretrained(folder).get_vocab() != tokenizer.get_vocab():
            raise ValueError(f"'{folder}' and '{last}' have different tokenizers")
        for name, tensor in other.items():
            mean[name] += tensor * (share / total)
    model.load_state_dict(mean, strict=False)
    _write(model, tokenizer, output)
    if (last / RECIPE).is_file():
        recipe = json.loads((last / RECIPE).read_text(encoding="utf-8"))
        parts = [[folder.name, share / total] for folder, share in shares.items()]
        write_json(output / RECIPE, {**recipe, "averaged": parts})
    return output


def _numbers(model: Any) -> dict[str, torch.Tensor]:
    """The tensors that have a mean: positions and the like are no weights."""
    return {name: of for name, of in model.state_dict().items() if of.is_floating_point()}


def _check_alike(
    mean: Mapping[str, Any], other: Mapping[str, Any], folder: Path, last: Path
) -> None:
    shapes = [{name: tensor.shape for name, tensor in of.items()} for of in (mean, other)]
    if shapes[0] != shapes[1]:
        raise ValueError(
            f"'{folder}' and '{last}' have different tensors; average one architecture"
        )


def _write(model: Any, tokenizer: Any, output: Path) -> None:
    if isinstance(model, PairEncoder):
        model.config.calibration = None
        model.config.reference = reference(RiskDetector(model, tokenizer))
    model.save_pretrained(output)
    tokenizer.save_pretrained(output)
