"""Figures of a detector checkpoint on the development data.

    python benchmarks/detector.py --data DATA [--checkpoint FOLDER]

DATA is the folder with `train/` and `dev/`. Prints Markdown: the held-out side of the prompt-wise
split of beavertails_pairs (the recipe beside the checkpoint says which), and for each development
set the share of prompts flagged at 0.3, 0.5 and 0.7. Needs the extra `benchmark` (scikit-learn).
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from sklearn.metrics import average_precision_score, f1_score, roc_auc_score

from lance_graph.categories import KEYS
from lance_graph.detector.data import pairs, read_jsonl, split_by_prompt
from lance_graph.detector.detector import EMBEDDED, RiskDetector
from lance_graph.detector.score import Pair

THRESHOLDS = (0.3, 0.5, 0.7)
SETS = (
    ("oktest", True),
    ("mitre_frr", True),
    ("jailbreakbench", True),
    ("jailbreakbench", False),
    ("ailuminate", False),
    ("beavertails_evaluation", False),
)


def main() -> None:
    """Score everything and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--checkpoint", type=Path, default=EMBEDDED)
    options = parser.parse_args()
    detector = RiskDetector.from_pretrained(options.checkpoint)
    recipe = json.loads((options.checkpoint / "recipe.json").read_text())
    print(held_out_table(detector, options.data, recipe["held_out"], recipe["seed"]))
    print(flagged_table(detector, options.data))


def held_out_table(detector: RiskDetector, data: Path, share: float, seed: int) -> str:
    """Any-risk F1 and AUROC, and macro average precision, on pairs whose prompts were held out."""
    _, held = split_by_prompt(pairs(data), share, seed)
    degrees = matrix(detector, [(row.prompt, row.response) for row in held])
    labels = np.array([row.labels for row in held])
    unsafe, highest = labels.max(1), degrees.max(1)
    present = labels.any(0)
    average_precision = average_precision_score(labels[:, present], degrees[:, present])
    return "\n".join(
        [
            f"Held-out BeaverTails pairs: {len(held)}, of which unsafe {int(unsafe.sum())}",
            "",
            "| any-risk F1 at 0.5 | any-risk AUROC | macro average precision | chance (prevalence) |",
            "|---|---|---|---|",
            f"| {f1_score(unsafe, highest > 0.5):.3f} | {roc_auc_score(unsafe, highest):.3f} "
            f"| {average_precision:.3f} | {labels[:, present].mean():.3f} |",
            "",
        ]
    )


def flagged_table(detector: RiskDetector, data: Path) -> str:
    """Share of prompts flagged (max d_j above the threshold) per development set."""
    lines = [
        "| set | prompts | should be flagged | at 0.3 | at 0.5 | at 0.7 | AUROC |",
        "|---|---|---|---|---|---|---|",
    ]
    twins: dict[str, list[np.ndarray]] = {}
    for name, safe in SETS:
        rows = [
            row
            for row in read_jsonl(data / "dev" / f"{name}.jsonl")
            if row.get("is_safe", False) is safe
        ]
        highest = matrix(detector, [row["prompt"].strip() for row in rows]).max(1)
        twins.setdefault(name, []).append(highest)
        shares = " | ".join(f"{(highest > t).mean():.1%}" for t in THRESHOLDS)
        area = ""
        if len(twins[name]) == 2:
            harmless, harmful = twins[name]
            truth = np.r_[np.zeros(len(harmless)), np.ones(len(harmful))]
            area = f"{roc_auc_score(truth, np.r_[harmless, harmful]):.3f}"
        lines.append(f"| {name} | {len(rows)} | {'no' if safe else 'yes'} | {shares} | {area} |")
    return "\n".join(lines)


def matrix(detector: RiskDetector, texts: Sequence[Pair]) -> np.ndarray:
    """Degrees [N, K] of N texts."""
    return np.array([[score.mean[key] for key in KEYS] for score in detector.score(texts)])


if __name__ == "__main__":
    main()
