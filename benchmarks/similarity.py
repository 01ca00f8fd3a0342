"""Which encoder tells best whether a rewrite has kept its topic.

    lance-graph run --input PROMPTS.jsonl --output RUN.jsonl
    python benchmarks/similarity.py RUN.jsonl [--encoder FOLDER_OR_ID]

Prints Markdown: for each encoder the mean cosine of a rewrite to its own original and to those of
other prompts, how often its own is the nearest of all, and the AUROC of own against other. An
encoder whose AUROC is near 0.5 says nothing about the topic.
"""

import argparse
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from torch import Tensor
from torch.nn.functional import normalize

from lance_graph.detector.detector import load_detector
from lance_graph.detector.encoding import assemble, pad, readable
from lance_graph.evaluation.scorers.similarity import Similarity

Embed = Callable[[Sequence[str]], Tensor]


def main() -> None:
    """Embed the rewrites of the run with each encoder and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("--encoder")
    options = parser.parse_args()
    rows = [json.loads(line) for line in options.run.open(encoding="utf-8")]
    rows = [row for row in rows if row.get("refined_prompt")]
    before, after = [row["prompt"] for row in rows], [row["refined_prompt"] for row in rows]
    encoders: dict[str, Embed] = {
        "the detector's context feature h": context_feature,
        "the detector's token embeddings (default)": Similarity().embed,
    }
    if options.encoder:
        encoders[f"--encoder {Path(options.encoder).name}"] = Similarity(
            encoder=options.encoder
        ).embed
    print(f"{len(rows)} rewrites\n")
    print(
        "| encoder | own original | other originals | own is nearest | AUROC |\n|---|---|---|---|---|"
    )
    for name, embed in encoders.items():
        cosines = in_batches(embed, after) @ in_batches(embed, before).T
        own = cosines.diagonal()
        other = cosines[~torch.eye(len(rows), dtype=torch.bool)]
        nearest = (cosines.argmax(1) == torch.arange(len(rows))).float().mean()
        above = torch.searchsorted(other.sort().values, own).float().mean() / len(other)
        print(f"| {name} | {own.mean():.3f} | {other.mean():.3f} | {nearest:.1%} | {above:.3f} |")


def in_batches(embed: Embed, texts: Sequence[str]) -> Tensor:
    """Embeddings [N, H] of many texts."""
    return torch.cat([embed(texts[start : start + 32]) for start in range(0, len(texts), 32)])


@torch.inference_mode()
def context_feature(texts: Sequence[str]) -> Tensor:
    """What the heads of the embedded detector read, of length 1 [N, H]."""
    detector = load_detector()
    encode = detector.tokenizer.backend_tokenizer.encode
    ids = [encode(readable(text), add_special_tokens=False).ids[:180] for text in texts]
    inputs = pad(detector.tokenizer, [assemble(detector.tokenizer, row, []) for row in ids])
    features = detector.model.encode(**{k: v.to(detector.model.device) for k, v in inputs.items()})
    return normalize(features.float().cpu(), dim=-1)


if __name__ == "__main__":
    main()
