"""One table for every choice that the method leaves open: one change at a time, same rows and budget.

    python benchmarks/detector_choices.py --data DATA --encoder ENCODER --output RUNS [--rows 8000]

Each arm trains one epoch on the same 8,000 rows of the mix and is measured on held-out pairs, on
held-out written twins and on the development prompts. One JSON line per arm goes to RUNS/arms.jsonl
as it ends; arms that stand there already are not run again. Needs the extras `train` and `benchmark`.
"""

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
from detector import DEVELOPMENT, binary, development, matrix

from lance_graph.detector.detector import RiskDetector
from lance_graph.files import read_objects
from lance_graph.training import metrics, training
from lance_graph.training.data.example import of_row
from lance_graph.training.data.mix import held_out_rows
from lance_graph.training.data.twins import written_rows
from lance_graph.training.recipe import TrainingRecipe

BASE: dict[str, Any] = {
    "epochs": 1.0,
    "max_tokens": 96,
    "encoder_learning_rate": 2e-4,
    "head_learning_rate": 2e-3,
}
OF_THE_HEADS: dict[str, dict[str, Any]] = {
    "any-risk term: max": {"any_risk": "max"},
    "any-risk term: noisy-or": {"any_risk": "noisy_or"},
    "any-risk term on binary rows only": {"any_risk_rows": "binary"},
    "any-risk weight 0.3": {"any_risk_weight": 0.3},
    "any-risk weight 3": {"any_risk_weight": 3.0},
    "L_aux at a sample of d": {"auxiliary": "sampled"},
    "floor 0": {"beta_floor": 0.0},
    "floor 1": {"beta_floor": 1.0},
    "w1 = 0.1": {"loss_weights": (0.1, 0.1, 0.002, 1.0)},
    "w2 = 1": {"loss_weights": (1.0, 1.0, 0.002, 1.0)},
    "w3 = 0": {"loss_weights": (1.0, 0.1, 0.0, 1.0)},
    "w3 = 0.02": {"loss_weights": (1.0, 0.1, 0.02, 1.0)},
    "w3 warmed up over 30 %": {"kl_warmup": 0.3},
    "w4 = 0.3": {"loss_weights": (1.0, 0.1, 0.002, 0.3)},
}
"""Choices that `detector_heads.py` measures too."""
ARMS: dict[str, dict[str, Any]] = {
    "default": {},
    "default, another seed": {"seed": 14},
    "plain classifier": {"objective": "classifier"},
    "plain classifier, another seed": {"objective": "classifier", "seed": 14},
    "no written twins": {
        "mix": dict.fromkeys(
            ("written", "written_again", "written_pairs", "written_pairs_again"), 0
        )
    },
    "no contrasts at all": {
        "mix": dict.fromkeys(
            ("written", "written_again", "written_pairs", "written_pairs_again", "contrasts"), 0
        )
    },
    **OF_THE_HEADS,
    "gradient into h (eq. 10)": {"detach_features": False},
    "pooling: first token": {"pooling": "first"},
    "no dropout in the encoder": {"hidden_dropout": 0.0},
}
COLUMNS = (
    "pairs auroc", "pairs map", "pairs ece", "prompts auroc", "twins auroc", "twins map", "oktest fp",
    "mitre fp", "harmful found", "seconds",
)  # fmt: skip


def main() -> None:
    """Run the arms that are missing, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True)
    parser.add_argument("--encoder", required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--rows", type=int, default=8_000)
    parser.add_argument("--only", nargs="*", help="names of arms; all unless told")
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    log = options.output / "arms.jsonl"
    done = {row["arm"]: row for row in read_objects(log)} if log.exists() else {}
    for name, change in ARMS.items():
        if name in done or (options.only and name not in options.only):
            continue
        recipe = TrainingRecipe(
            data=options.data,
            encoder=options.encoder,
            output=str(options.output / "run"),
            limit=options.rows,
            **{**BASE, **change},
        )
        done[name] = {"arm": name, **measure(recipe)}
        with log.open("a") as lines:
            lines.write(json.dumps(done[name]) + "\n")
    print("| arm | " + " | ".join(COLUMNS) + " |")
    print("|---" * (len(COLUMNS) + 1) + "|")
    for row in done.values():
        print(f"| {row['arm']} | " + " | ".join(f"{row[c]:.3f}" for c in COLUMNS) + " |")


def measure(recipe: TrainingRecipe) -> dict[str, float]:
    """Train one arm and take its figures."""
    start = time.perf_counter()
    training.train(recipe, overwrite=True)
    seconds = time.perf_counter() - start
    detector = RiskDetector.from_pretrained(recipe.output)
    data = Path(recipe.data)
    pairs = held_out_rows(data, recipe.held_out, recipe.seed)["pairs"]
    twins = [of_row(row) for row in written_rows(held_out=True)]
    prompts = {name: development(data, name) for name in DEVELOPMENT}
    pair_degrees, twin_degrees = matrix(detector, pairs), matrix(detector, twins)
    highest = {name: matrix(detector, rows).max(1) for name, rows in prompts.items()}
    pair_figures = metrics.any_risk_figures(pair_degrees.max(1), binary(pairs))
    twin_figures = metrics.any_risk_figures(twin_degrees.max(1), binary(twins))
    every = np.concatenate(list(highest.values()))
    unsafe = np.concatenate([binary(rows) for rows in prompts.values()])
    return {
        "pairs auroc": pair_figures["auroc"],
        "pairs map": metrics.macro_average_precision(
            pair_degrees, np.array([row.labels for row in pairs])
        ),
        "pairs ece": pair_figures["ece"],
        "prompts auroc": metrics.any_risk_figures(every, unsafe)["auroc"],
        "twins auroc": twin_figures["auroc"],
        "twins map": metrics.macro_average_precision(
            twin_degrees, np.array([row.labels for row in twins])
        ),
        "oktest fp": float((highest["oktest"] > 0.5).mean()),
        "mitre fp": float((highest["mitre_frr"] > 0.5).mean()),
        "harmful found": float((every[unsafe > 0] > 0.5).mean()),
        "seconds": seconds,
    }


if __name__ == "__main__":
    main()
