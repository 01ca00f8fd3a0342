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

from lance_graph.detector.model import PairEncoder
from lance_graph.files import write_json
from lance_graph.training.calibration_files import check_free
from lance_graph.training.run_folder import RECIPE, save_model


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
    mean: dict[str, torch.Tensor] = {}
    vocabulary = None
    *_, last = shares
    for folder, share in shares.items():
        model = AutoModel.from_pretrained(folder).float()
        tokenizer = AutoTokenizer.from_pretrained(folder)
        vocabulary = vocabulary or tokenizer.get_vocab()
        if tokenizer.get_vocab() != vocabulary:
            raise ValueError(f"'{folder}' has another tokenizer than those before it")
        _add(mean, _numbers(model), share / total, folder)
    model.load_state_dict(mean, strict=False)
    if isinstance(model, PairEncoder):
        model.config.calibration = None
    save_model(output, model, tokenizer)
    if (last / RECIPE).is_file():
        recipe = json.loads((last / RECIPE).read_text(encoding="utf-8"))
        parts = [[folder.name, share / total] for folder, share in shares.items()]
        write_json(output / RECIPE, {**recipe, "averaged": parts})
    return output


def _numbers(model: Any) -> dict[str, torch.Tensor]:
    """The tensors that have a mean: positions and the like are no weights."""
    return {name: of for name, of in model.state_dict().items() if of.is_floating_point()}


def _add(
    mean: dict[str, torch.Tensor], more: Mapping[str, torch.Tensor], share: float, folder: Path
) -> None:
    if mean and {n: of.shape for n, of in mean.items()} != {n: of.shape for n, of in more.items()}:
        raise ValueError(
            f"'{folder}' has different tensors than those before it; average one architecture"
        )
    for name, tensor in more.items():
        mean[name] = mean.get(name, 0) + tensor * share
