"""Figures of a bulk run: outcomes, distinct rewrites, and how far they keep the topic.

    lance-graph run --input PROMPTS.jsonl --output RUN.jsonl
    python benchmarks/refinement.py RUN.jsonl --encoder FOLDER_OR_ID

The encoder is any Hugging Face sentence encoder with mean pooling (all-MiniLM-L6-v2 in our
figures); it is no part of the product.
"""

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import torch
from transformers import AutoModel, AutoTokenizer


def main() -> None:
    """Read the run and print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("--encoder", required=True)
    options = parser.parse_args()
    rows = [json.loads(line) for line in options.run.open(encoding="utf-8")]
    done = [row for row in rows if "error" not in row]
    print(outcomes(rows, done))
    rewritten = [row for row in done if row["refined_prompt"]]
    if rewritten:
        print(rewrites(rewritten, options.encoder))


def outcomes(rows: Sequence[dict], done: Sequence[dict]) -> str:
    """How the runs ended."""
    count = Counter(row["status"] for row in done)
    answered = sum(bool(row["response"].strip()) for row in done)
    reached = (count["safe"] + count["rewritten"]) / max(1, len(rows))
    iterations = Counter(row["iterations"] for row in done if row["status"] == "rewritten")
    return "\n".join(
        [
            f"- lines: {len(rows)}, answered: {answered}, errors: {len(rows) - len(done)}",
            f"- outcomes: {', '.join(f'{name} {n}' for name, n in count.most_common())}",
            f"- safe or rewritten: {reached:.1%}",
            f"- rewrites needed: {dict(sorted(iterations.items()))}",
        ]
    )


def rewrites(rows: Sequence[dict], encoder: str) -> str:
    """Distinctness, and cosine similarity of each rewrite to its original."""
    before = embed([row["prompt"] for row in rows], encoder)
    after = embed([row["refined_prompt"] for row in rows], encoder)
    similarity = (before * after).sum(1)
    shuffled = (before * after.roll(1, 0)).sum(1)
    distinct = len({row["refined_prompt"] for row in rows})
    low, median, high = similarity.quantile(torch.tensor([0.1, 0.5, 0.9])).tolist()
    return "\n".join(
        [
            f"- distinct rewrites: {distinct} of {len(rows)} ({distinct / len(rows):.1%})",
            f"- cosine similarity to the original: mean {similarity.mean():.3f} "
            f"(10 % {low:.2f}, median {median:.2f}, 90 % {high:.2f}); "
            f"to another prompt's original: {shuffled.mean():.3f}",
        ]
    )


@torch.inference_mode()
def embed(texts: Sequence[str], encoder: str) -> torch.Tensor:
    """Unit-length mean-pooled embeddings [N, H]."""
    tokenizer, model = AutoTokenizer.from_pretrained(encoder), AutoModel.from_pretrained(encoder)
    rows = []
    for start in range(0, len(texts), 64):
        batch = tokenizer(
            list(texts[start : start + 64]),
            padding=True,
            truncation=True,
            max_length=256,
            return_tensors="pt",
        )
        states = model(**batch).last_hidden_state
        mask = batch["attention_mask"].unsqueeze(-1)
        pooled = (states * mask).sum(1) / mask.sum(1)
        rows.append(torch.nn.functional.normalize(pooled, dim=-1))
    return torch.cat(rows)


if __name__ == "__main__":
    main()
