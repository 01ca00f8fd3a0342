"""The choices of METHOD eqs. 6-16 that live in the heads, each measured with several seeds in minutes.

    python benchmarks/detector_heads.py --data DATA --encoder ENCODER [--rows 16000] [--seeds 3]

The encoder is frozen: h of 16,000 rows of the mix and of the held-out rows is computed once, then
every arm trains the heads alone on the same h for the same number of steps. That leaves out what a
choice does to the encoder (`detector_choices.py` trains it, with fewer arms and seeds), and makes
differences of a point visible. Prints Markdown: mean over the seeds, ± half the range of the default.
Needs the extras `train` and `benchmark`.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from detector import DEVELOPMENT, development
from detector_choices import OF_THE_HEADS
from torch import Tensor
from transformers import AutoTokenizer

from lance_graph.detector.classifier import RiskClassifier
from lance_graph.detector.model import LanceDetector, PairEncoder
from lance_graph.training import metrics
from lance_graph.training.collator import PairCollator
from lance_graph.training.data.example import Example, of_row
from lance_graph.training.data.loading import load_examples
from lance_graph.training.data.mix import held_out_rows
from lance_graph.training.data.twins import written_rows
from lance_graph.training.models import new_model
from lance_graph.training.objectives import objective
from lance_graph.training.recipe import TrainingRecipe

MORE: dict[str, dict[str, Any]] = {
    "no any-risk term": {"any_risk_weight": 0.0},
    "floor 0.5": {"beta_floor": 0.5},
    "w1 = 0": {"loss_weights": (0.0, 0.1, 0.002, 1.0)},
    "w2 = 0": {"loss_weights": (1.0, 0.0, 0.002, 1.0)},
    "w3 = 0.02, warmed up over 30 %": {"loss_weights": (1.0, 0.1, 0.02, 1.0), "kl_warmup": 0.3},
    "w3 = 0.1": {"loss_weights": (1.0, 0.1, 0.1, 1.0)},
    "w4 = 0": {"loss_weights": (1.0, 0.1, 0.002, 0.0)},
    "plain classifier": {"objective": "classifier"},
}
ARMS = {"default": {}, **dict(sorted({**OF_THE_HEADS, **MORE}.items()))}
COLUMNS = ("pairs auroc", "pairs map", "pairs ece", "twins auroc", "twins ece", "prompts auroc")
BATCH, EPOCHS = 256, 8


def main() -> None:
    """Compute the features, run the arms, print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", required=True)
    parser.add_argument("--encoder", required=True)
    parser.add_argument("--rows", type=int, default=16_000)
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    recipe = TrainingRecipe(
        data=options.data, encoder=options.encoder, output="unused", limit=options.rows
    )
    rows, _ = load_examples(recipe)
    data = Path(options.data)
    sets = {
        "pairs": held_out_rows(data, recipe.held_out, recipe.seed)["pairs"],
        "twins": [of_row(row) for row in written_rows(held_out=True)],
        "prompts": [row for name in DEVELOPMENT for row in development(data, name)],
    }
    train = features(recipe, list(rows))
    held = {name: features(recipe, some) for name, some in sets.items()}
    print(f"| arm | {' | '.join(COLUMNS)} |")
    print("|---" * (len(COLUMNS) + 1) + "|")
    for name, change in ARMS.items():
        runs = [
            measure(train_heads(recipe.model_copy(update={**change, "seed": seed}), train), held)
            for seed in range(options.seeds)
        ]
        told = np.array([[run[column] for column in COLUMNS] for run in runs])
        spread = (told.max(0) - told.min(0)) / 2
        cells = [
            f"{mean:.3f}" + (f" ± {half:.3f}" if name == "default" else "")
            for mean, half in zip(told.mean(0), spread, strict=True)
        ]
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


def features(recipe: TrainingRecipe, rows: Sequence[Example]) -> dict[str, Tensor]:
    """H [N, H] of the pretrained encoder, with the labels, masks and binary labels of the rows."""
    model = new_model(recipe).eval()
    collate = PairCollator(AutoTokenizer.from_pretrained(recipe.encoder_source), recipe.max_tokens)
    order = sorted(rows, key=lambda row: row.length)
    parts: list[dict[str, Tensor]] = []
    for start in range(0, len(order), 64):
        batch = collate(order[start : start + 64])
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
            h = model.encode(
                **{key: batch[key] for key in ("input_ids", "attention_mask", "token_type_ids")}
            )
        kept = {key: batch[key] for key in ("labels", "label_mask", "unsafe")}
        parts.append({"h": h.float().clone(), **kept})
    return {key: torch.cat([part[key] for part in parts]) for key in parts[0]}


def train_heads(recipe: TrainingRecipe, data: dict[str, Tensor]) -> PairEncoder:
    """The recipe's heads after eight passes over the same features."""
    torch.manual_seed(recipe.seed)
    model = new_model(recipe).train()
    heads = [p for name, p in model.named_parameters() if not name.startswith("encoder.")]
    optimizer = torch.optim.AdamW(heads, lr=2e-3, weight_decay=0.01)
    count = len(data["h"])
    steps = EPOCHS * (count // BATCH)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 - step / steps)
    for step in range(steps):
        chosen = torch.randint(count, (BATCH,))
        batch = {key: value[chosen] for key, value in data.items()}
        warm = recipe.kl_warmup * steps
        loss = heads_loss(model, batch, min(1.0, step / warm) if warm else 1.0)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return model.eval()


def heads_loss(model: PairEncoder, batch: dict[str, Tensor], kl_scale: float) -> Tensor:
    """The loss that training has, on given features."""
    model.encode = lambda **_: batch["h"]  # type: ignore[method-assign]
    output = model(
        labels=batch["labels"],
        label_mask=batch["label_mask"],
        unsafe=batch["unsafe"],
        kl_scale=kl_scale,
        objective=objective,
    )
    loss: Tensor = output.loss
    return loss


def measure(model: PairEncoder, held: dict[str, dict[str, Tensor]]) -> dict[str, float]:
    """The figures of one trained set of heads."""
    assert isinstance(model, LanceDetector | RiskClassifier)
    found: dict[str, float] = {}
    for name, data in held.items():
        model.encode = lambda data=data, **_: data["h"]  # type: ignore[method-assign]
        with torch.inference_mode():
            degrees = model().rejection.mean.double().numpy()
        figures = metrics.any_risk_figures(degrees.max(1), data["unsafe"].numpy())
        found |= {f"{name} auroc": figures["auroc"], f"{name} ece": figures["ece"]}
        found[f"{name} map"] = metrics.macro_average_precision(degrees, data["labels"].numpy())
    return found


if __name__ == "__main__":
    main()
