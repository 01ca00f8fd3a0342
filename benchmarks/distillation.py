"""What a teacher brings: the same student with and without, on the same labelled rows, steps and seed.

    python benchmarks/distillation.py --data DATA --encoder ENCODER --teacher RUN [--teacher RUN …] \
        --output RUNS [--unlabelled FILE …] [--rows 3000] [--seed 13]

`--data` takes what `lance-graph train` takes. Every arm trains one pass of `--rows` rows in as many
steps; where there is unlabelled text it takes the place of labelled rows in the steps, so that nothing
is gained by training longer. Figures are of the same held-out rows and, where DATA has dev/, of the
development prompts. One JSON line per arm goes to RUNS/distillation.jsonl as it ends; arms that stand
there with the same settings are not run again. What teachers say is kept in RUNS/teachers for all
arms. Needs the extras `train` and `benchmark`.
"""

import argparse
import random
import time
from collections.abc import Sequence
from math import isnan
from pathlib import Path
from typing import Any

import numpy as np
import torch
from detector import DEVELOPMENT, development

from lance_graph.detector.detector import RiskDetector
from lance_graph.files import dumps, read_objects
from lance_graph.training import metrics
from lance_graph.training.data.example import Example
from lance_graph.training.data.loading import load_examples, some_held_out
from lance_graph.training.recipe import TrainingRecipe
from lance_graph.training.teachers import degrees_of, taught_rows
from lance_graph.training.training import train

TEXT = "teacher, labels, unlabelled text"
ARMS: dict[str, float | None] = {
    "no teacher": None,
    "teacher, labels count whole": 1.0,
    "teacher, labels count half": 0.5,
    "teacher, labels do not count": 0.0,
    TEXT: 1.0,
}
"""What labels count beside the teacher (`label_share`)."""
COLUMNS = (
    "auroc", "map", "ece", "between 0.3 and 0.7", "from teacher", "from teacher, any risk",
    "harmless flagged", "harmful found", "seconds",
)  # fmt: skip


def main() -> None:
    """Run the arms that are missing, print the table."""
    options = parse()
    options.output.mkdir(parents=True, exist_ok=True)
    log = options.output / "distillation.jsonl"
    names = ("rows", "seed", "teacher", "teacher_weight", "encoder", "data", "unlabelled")
    settings = {name: getattr(options, name) for name in names}
    lines = list(read_objects(log)) if log.exists() else []
    done = {line["arm"]: line for line in lines if line["settings"] == settings}
    arms = [arm for arm in options.only or ARMS if arm != TEXT or options.unlabelled]
    for arm in arms:
        if arm not in done:
            done[arm] = {"arm": arm, "settings": settings, **run(arm, options)}
            with log.open("a") as file:
                file.write(dumps(done[arm]) + "\n")
    print("| arm | " + " | ".join(COLUMNS) + " |")
    print("|---" * (len(COLUMNS) + 1) + "|")
    for arm in arms:
        print(f"| {arm} | " + " | ".join(shown(done[arm][c]) for c in COLUMNS) + " |")


def shown(figure: float | None) -> str:
    """A figure of the table; undefined is a dash."""
    return "-" if figure is None or isnan(figure) else f"{figure:.3f}"


def parse() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", required=True)
    parser.add_argument("--encoder", required=True)
    parser.add_argument("--teacher", action="append", required=True)
    parser.add_argument("--unlabelled", action="append", default=[])
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--rows", type=int, default=3_000, help="of an arm, one pass")
    parser.add_argument("--held-out-rows", type=int, default=1_000)
    parser.add_argument("--development-rows", type=int, default=200, help="of each set, at most")
    parser.add_argument("--teacher-weight", type=float, default=1.0)
    parser.add_argument("--max-tokens", type=int, default=128)
    parser.add_argument("--seed", type=int, default=13)
    parser.add_argument("--only", nargs="*", choices=list(ARMS), help="arms; all unless told")
    return parser.parse_args()


def run(arm: str, options: argparse.Namespace) -> dict[str, float]:
    """Train one arm and take its figures."""
    share = ARMS[arm]
    taught: dict[str, Any] = {"teachers": tuple(options.teacher), "label_share": share}
    basics = TrainingRecipe(
        data=options.data,
        encoder=options.encoder,
        output=str(options.output / "run"),
        limit=options.rows,
        epochs=1.0,
        max_tokens=options.max_tokens,
        teacher_weight=options.teacher_weight,
        teacher_cache=str(options.output / "teachers"),
        evaluation_rows=64,  # `figures` takes them
        seed=options.seed,
        unlabelled=tuple(options.unlabelled) if arm == TEXT else (),
        **({} if share is None else taught),
    )
    start = time.perf_counter()
    train(basics, overwrite=True)
    seconds = time.perf_counter() - start
    return {**figures(basics, options), "seconds": seconds}


def figures(recipe: TrainingRecipe, options: argparse.Namespace) -> dict[str, float]:
    """The student on held-out rows, against their labels and its teachers; and development prompts."""
    student = RiskDetector.from_pretrained(recipe.output)
    asked = recipe.model_copy(
        update={"teachers": tuple(options.teacher), "evaluation_rows": options.held_out_rows}
    )
    held_out = some_held_out(load_examples(asked)[1], asked)
    teacher = torch.tensor([row.taught for row in taught_rows(held_out, asked, options.output)])
    degrees = degrees_of(student, held_out)
    highest = degrees.amax(1).numpy()
    unsafe, whole = np.array([row.unsafe for row in held_out]), [all(row.mask) for row in held_out]
    known = ~np.isnan(unsafe)
    labels = np.array([row.labels for row in held_out])[whole]
    against = metrics.any_risk_figures(highest[known], (unsafe[known] > 0.5).astype(float))
    return {
        **against,
        "map": metrics.macro_average_precision(degrees.numpy()[whole], labels),
        "between 0.3 and 0.7": float(((highest > 0.3) & (highest < 0.7)).mean()),
        "from teacher": float((degrees - teacher[:, :-1]).abs().mean()),
        "from teacher, any risk": float((degrees.amax(1) - teacher[:, -1]).abs().mean()),
        **flagged(student, development_rows(options)),
    }


def development_rows(options: argparse.Namespace) -> list[Example]:
    """Some of each set in DATA/dev, the same for every arm."""
    found: list[Example] = []
    for name in DEVELOPMENT:
        if (Path(options.data) / "dev" / f"{name}.jsonl").exists():
            rows = development(Path(options.data), name)
            most = min(options.development_rows, len(rows))
            found += random.Random(options.seed).sample(rows, most)
    return sorted(found, key=lambda row: len(row.prompt))


def flagged(student: RiskDetector, rows: Sequence[Example]) -> dict[str, float]:
    """Share of harmless and of harmful prompts above 0.5; NaN without prompts."""
    shares = {"harmless flagged": float("nan"), "harmful found": float("nan")}
    if rows:
        over = (degrees_of(student, rows).amax(1) > 0.5).numpy()
        safe = np.array([row.is_safe for row in rows])
        shares = {
            "harmless flagged": float(over[safe].mean()),
            "harmful found": float(over[~safe].mean()),
        }
    return shares


if __name__ == "__main__":
    main()
