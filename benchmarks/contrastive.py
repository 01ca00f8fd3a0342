"""What the contrastive stage brings: the same main stage from the plain and from refined encoders.

    python benchmarks/contrastive.py --data DATA --encoder ENCODER --output RUNS \
        [--rows 3000] [--stage-rows 2000]

Two arms spend the stage's steps otherwise, so that the comparison is fair: the plain encoder with as
many more rows of the main mix, and the stage's own kinds of rows under the main loss first (is it
the loss, or are it the rows?). One JSON line per arm goes to RUNS/contrastive.jsonl as it ends; arms
that stand there with the same settings are not run again. Needs the extras `train` and `benchmark`.
"""

import argparse
import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from detector_choices import COLUMNS, measure

from lance_graph.files import read_objects
from lance_graph.training.contrastive import train_contrastive
from lance_graph.training.data.mix import MIX
from lance_graph.training.data.opposites import CONTRASTIVE_MIX
from lance_graph.training.recipe import TrainingRecipe
from lance_graph.training.training import train

EXTRA = "plain encoder, stage's steps added to the main stage"
ARMS: dict[str, dict[str, Any] | None] = {
    "plain encoder": None,
    EXTRA: None,
    "stage's rows under the main loss first": {"stage": "main"},
    "Circle loss first": {"stage": "contrastive", "contrastive_loss": "circle"},
    "supervised contrastive first": {"stage": "contrastive", "contrastive_loss": "supcon"},
}
STAGE_ONLY = {**dict.fromkeys(MIX, 0), **CONTRASTIVE_MIX}


def main() -> None:
    """Run the arms that are missing, print the table."""
    options = parse()
    options.output.mkdir(parents=True, exist_ok=True)
    log = options.output / "contrastive.jsonl"
    told = {
        name: getattr(options, name)
        for name in ("rows", "stage_rows", "seed", "layer", "stage_learning_rate")
    }
    rows = list(read_objects(log)) if log.exists() else []
    done = {row["arm"]: row for row in rows if row["settings"] == told}
    for arm in options.only or ARMS:
        if arm not in done:
            done[arm] = {"arm": arm, "settings": told, **run(arm, options)}
            with log.open("a") as lines:
                lines.write(json.dumps(done[arm]) + "\n")
    columns = (*COLUMNS, "stage seconds")
    print("| arm | " + " | ".join(columns) + " |")
    print("|---" * (len(columns) + 1) + "|")
    for arm in ARMS:
        if arm in done:
            print(f"| {arm} | " + " | ".join(f"{done[arm][c]:.3f}" for c in columns) + " |")


def parse() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", required=True)
    parser.add_argument("--encoder", required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--rows", type=int, default=3_000, help="of the main stage, one epoch")
    parser.add_argument("--stage-rows", type=int, default=2_000, help="of the stage, one epoch")
    parser.add_argument("--stage-learning-rate", type=float, default=8e-5)
    parser.add_argument("--layer", type=int, help="hidden state of the loss; the last unless told")
    parser.add_argument("--seed", type=int, default=13)
    parser.add_argument("--only", nargs="*", choices=list(ARMS), help="arms; all unless told")
    return parser.parse_args()


def run(arm: str, options: argparse.Namespace) -> dict[str, float]:
    """One arm's figures: those of `detector_choices.measure`, and the seconds of its first stage."""
    encoder, seconds = options.encoder, 0.0
    stage = ARMS[arm]
    if stage is not None:
        start = time.perf_counter()
        encoder = str(first_stage(stage, options))
        seconds = time.perf_counter() - start
    extra = options.stage_rows if arm == EXTRA else 0
    main_stage = TrainingRecipe(
        data=options.data,
        encoder=encoder,
        output=fresh(options.output / "run"),
        limit=options.rows + extra,
        epochs=1.0,
        evaluation_rows=64,  # `measure` takes the figures
        seed=options.seed,
    )
    return {**measure(main_stage), "stage seconds": seconds}


def first_stage(stage: dict[str, Any], options: argparse.Namespace) -> Path:
    """Train what comes before the main stage; returns its folder."""
    contrastive = stage["stage"] == "contrastive"
    training: Callable[[TrainingRecipe], Path] = train_contrastive if contrastive else train
    recipe = TrainingRecipe(
        data=options.data,
        encoder=options.encoder,
        output=fresh(options.output / "stage"),
        limit=options.stage_rows,
        epochs=1.0,
        evaluation_rows=64,  # `measure` takes the figures
        seed=options.seed,
        encoder_learning_rate=options.stage_learning_rate,
        contrastive_layer=options.layer,
        mix={} if contrastive else STAGE_ONLY,
        **stage,
    )
    return training(recipe)


def fresh(folder: Path) -> str:
    """A run folder without the remains of the arm before."""
    shutil.rmtree(folder, ignore_errors=True)
    return str(folder)


if __name__ == "__main__":
    main()
