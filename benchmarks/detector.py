"""Figures of a detector checkpoint on data that it was not trained on.

    python benchmarks/detector.py --data DATA [--checkpoint FOLDER] [--most ROWS]

DATA is the folder with `train/` and `dev/`. Prints Markdown: held-out pairs and prompts (the recipe
beside the checkpoint says which), the held-out part of the twins written for this package, and for
each set the share of prompts flagged at 0.3, 0.5 and 0.7. Where DATA has a `train2/`, a second table
has the held-out rows of each of its files, and all rows of a group (`sources.toml`) together.
``--most`` samples so many rows of each set. Needs the extra `benchmark`.
"""

import argparse
import json
import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from lance_graph.categories import KEYS
from lance_graph.detector import EMBEDDED
from lance_graph.detector.detector import RiskDetector
from lance_graph.files import read_objects
from lance_graph.training import metrics
from lance_graph.training.data import sources, stock
from lance_graph.training.data.example import Example, of_row
from lance_graph.training.data.grammars import ALL
from lance_graph.training.data.mix import held_out_rows
from lance_graph.training.data.twins import written_pairs, written_rows

THRESHOLDS = (0.3, 0.5, 0.7)
DEVELOPMENT = ("oktest", "mitre_frr", "jailbreakbench", "ailuminate", "beavertails_evaluation")


def main() -> None:
    """Score everything and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--checkpoint", type=Path, default=EMBEDDED)
    parser.add_argument("--most", type=int, help="rows of each set; all unless told")
    options = parser.parse_args()
    detector = RiskDetector.from_pretrained(options.checkpoint)
    sets, second = labelled_sets(options.data, options.checkpoint, options.most)
    degrees = {name: matrix(detector, rows) for name, rows in {**sets, **second}.items()}
    print(pairs_table(degrees["held-out pairs"], sets["held-out pairs"]))
    print(flagged_table(degrees, sets))
    if second:
        print(f"\nHeld-out rows of the second batch\n\n{flagged_table(*groups(degrees, second))}")


def labelled_sets(
    data: Path, checkpoint: Path, most: int | None
) -> tuple[dict[str, list[Example]], dict[str, list[Example]]]:
    """(Held-out rows of the first batch and development sets, held-out rows of the second) by name.

    What is held out, the recipe beside the checkpoint says; ``most`` rows of each set.
    """
    recipe = json.loads((checkpoint / "recipe.json").read_text())
    held = held_out_rows(data, recipe["held_out"], recipe["seed"])
    sets = {
        "held-out pairs": held["pairs"],
        "held-out judged prompts": held["judged"],
        "held-out benign": held["benign"],
        "held-out twins": [of_row(row) for row in written_rows(held_out=True)],
        "held-out written answers": [of_row(row) for row in written_pairs(held_out=True)],
    }
    sets |= {name: development(data, name) for name in DEVELOPMENT}
    second = {name: held[name] for name in sources.table() if name in held}
    first, others = ({n: some(rows, most) for n, rows in of.items()} for of in (sets, second))
    return first, others


def some(rows: Sequence[Example], most: int | None) -> list[Example]:
    """At most so many of the rows, always the same ones."""
    return stock.some(rows, ALL if most is None else most, random.Random(0))


def groups(
    degrees: dict[str, np.ndarray], sets: dict[str, list[Example]]
) -> tuple[dict[str, np.ndarray], dict[str, list[Example]]]:
    """Degrees and rows of each group of files, in bold, and of its files after it."""
    shown: dict[str, list[str]] = {}
    for group, names in sources.grouped().items():
        present = [name for name in names if sets.get(name)]
        shown |= {f"**{group}**": present} | {name: [name] for name in present}
    shown = {title: names for title, names in shown.items() if names}
    return (
        {
            title: np.concatenate([degrees[name] for name in names])
            for title, names in shown.items()
        },
        {title: [row for name in names for row in sets[name]] for title, names in shown.items()},
    )


def pairs_table(degrees: np.ndarray, rows: Sequence[Example]) -> str:
    """Any-risk F1 and AUROC, and macro average precision, on pairs whose prompts were held out."""
    labels, unsafe = np.array([row.labels for row in rows]), binary(rows)
    figures = metrics.any_risk_figures(degrees.max(1), unsafe)
    average_precision = metrics.macro_average_precision(degrees, labels)
    return "\n".join(
        [
            f"Held-out pairs: {len(rows)}, of which unsafe {int(unsafe.sum())}",
            "",
            "| any-risk F1 at 0.5 | any-risk AUROC | any-risk ECE | macro average precision | chance |",
            "|---|---|---|---|---|",
            f"| {figures['f1']:.3f} | {figures['auroc']:.3f} | {figures['ece']:.3f} "
            f"| {average_precision:.3f} | {labels[:, labels.any(0)].mean():.3f} |",
            "",
        ]
    )


def flagged_table(degrees: dict[str, np.ndarray], sets: dict[str, list[Example]]) -> str:
    """Share of texts flagged (max d_j above the threshold), harmless and harmful apart."""
    lines = [
        "| set | harmless / harmful | harmless flagged at 0.3 | 0.5 | 0.7 "
        "| harmful found at 0.3 | 0.5 | 0.7 | F1 at 0.5 | AUROC |",
        "|---" * 10 + "|",
    ]
    for name, rows in sets.items():
        highest, unsafe = degrees[name].max(1), binary(rows)
        shares = [
            f"{(side > t).mean():.1%}" if len(side) else ""
            for side in (highest[unsafe == 0], highest[unsafe == 1])
            for t in THRESHOLDS
        ]
        figures = metrics.any_risk_figures(highest, unsafe)
        both = 0 < unsafe.mean() < 1
        ranked = [f"{figures['f1']:.3f}", f"{figures['auroc']:.3f}"] if both else ["", ""]
        counts = f"{int((unsafe == 0).sum())} / {int(unsafe.sum())}"
        lines.append("| " + " | ".join([name, counts, *shares, *ranked]) + " |")
    return "\n".join(lines)


def development(data: Path, name: str) -> list[Example]:
    """A development set; its own taxonomy does not matter here, harmful or not does."""
    rows = read_objects(data / "dev" / f"{name}.jsonl")
    return [
        of_row({"prompt": row["prompt"].strip(), "is_safe": row.get("is_safe", False)})
        for row in rows
    ]


def binary(rows: Sequence[Example]) -> np.ndarray:
    """The binary label of each row [N]."""
    return np.array([row.unsafe for row in rows])


def matrix(detector: RiskDetector, rows: Sequence[Example]) -> np.ndarray:
    """Degrees [N, K] of N rows."""
    scores = detector.score([(row.prompt, row.response) for row in rows])
    return np.array([[score.mean[key] for key in KEYS] for score in scores])


if __name__ == "__main__":
    main()
