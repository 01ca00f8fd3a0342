"""What each stage of the offline refiner earns, and rewrites to read.

    python -m benchmarks.offline_refiner PROMPTS.jsonl --encoder FOLDER_OR_ID [--read 100]

Prints Markdown. Each prompt is scored once by the embedded detector; its gradient goes to the first
rewrite (attempt 0) of the whole refiner, of two short ones and of the whole without each stage in
turn. A row says how many prompts are rewritten, how many rewrites are distinct, their mean cosine to
the prompt, and how many differ from the whole. ``--read`` prints that many rewrites of the whole, the
same ones for the same ``--seed``, for a person to read. How the loop ends says
``benchmarks/refinement.py``.
"""

import argparse
import json
import random
from collections.abc import Sequence
from pathlib import Path

import torch

from benchmarks.refinement import embed
from lance_graph.detector.detector import RiskDetector, load_detector
from lance_graph.gradients import Clause, build_gradient
from lance_graph.offline import refiner
from lance_graph.offline.stages import ORDER, Stage
from lance_graph.routing import ThresholdPolicy, hazards

SHORT = {
    "topic table, spans, frames": ("with_care", "topic", "plain"),
    "the same and activities": ("with_care", "activity", "topic", "plain"),
}


def main() -> None:
    """Score the prompts, rewrite them in every way and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("prompts", type=Path)
    parser.add_argument("--encoder", required=True)
    parser.add_argument("--read", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    texts = [json.loads(line)["prompt"] for line in options.prompts.open(encoding="utf-8")]
    detector = load_detector()
    flagged = [(text, found) for text in texts if (found := gradient(detector, text))]
    if not flagged:
        parser.error(f"no prompt of {options.prompts} is flagged: there is nothing to rewrite")
    whole = rewrites(flagged, ORDER)
    for prompt, rewrite in random.Random(options.seed).sample(whole, min(options.read, len(whole))):
        print(f"- {prompt}\n  → {rewrite}")
    print(
        "\n| refiner | rewritten | distinct | cosine | other than the whole |\n|---|---|---|---|---|"
    )
    orders = {"the whole": ORDER}
    for name, kept in SHORT.items():
        orders[name] = tuple(stage for stage in ORDER if stage.name in kept)
    for left in ORDER[:-1]:
        orders[f"without `{left.name}`"] = tuple(stage for stage in ORDER if stage is not left)
    vectors = Vectors(options.encoder)
    for name, order in orders.items():
        print(row(name, rewrites(flagged, order), whole, vectors), flush=True)


def gradient(detector: RiskDetector, text: str) -> list[Clause]:
    """The gradient of a prompt at the default thresholds, empty if nothing is found."""
    [score] = detector.score([text])
    efforts = hazards(score.mean, ThresholdPolicy())
    words: dict[str, list[str]] = {}
    for span in detector.explain(text, None, list(efforts)) if efforts else ():
        words.setdefault(span.category, []).append(span.text)
    return build_gradient(score.mean, efforts, words)


def rewrites(
    flagged: Sequence[tuple[str, list[Clause]]], order: tuple[Stage, ...]
) -> list[tuple[str, str]]:
    """Each prompt with its first rewrite by the stages of ``order``."""
    kept, refiner.ORDER = refiner.ORDER, order
    try:
        return [(text, refiner.refine(text, clauses)) for text, clauses in flagged]
    finally:
        refiner.ORDER = kept


class Vectors:
    """Unit-length embeddings of texts; each text is embedded once, for most rows share theirs."""

    def __init__(self, encoder: str) -> None:
        self.encoder = encoder
        self.known: dict[str, torch.Tensor] = {}

    def of(self, texts: Sequence[str]) -> torch.Tensor:
        """The embeddings of ``texts`` [N, H]."""
        new = [text for text in dict.fromkeys(texts) if text not in self.known]
        if new:
            self.known.update(zip(new, embed(new, self.encoder), strict=True))
        return torch.stack([self.known[text] for text in texts])


def row(
    name: str, made: list[tuple[str, str]], whole: list[tuple[str, str]], vectors: Vectors
) -> str:
    """One line of the table."""
    before, after = zip(*made, strict=True)
    cosine = float((vectors.of(before) * vectors.of(after)).sum(1).mean())
    other = sum(one != another for one, another in zip(made, whole, strict=True))
    distinct = len(set(after)) / len(after)
    return f"| {name} | {len(made)} | {distinct:.1%} | {cosine:.3f} | {other} |"


if __name__ == "__main__":
    main()
