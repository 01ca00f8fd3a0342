"""How fast LANCE trains and scores, as ratios measured side by side in one run.

    python benchmarks/throughput.py [--encoder FOLDER_OR_ID] [--data DATA] [--repeats 9] [--threads 2]

Prints Markdown: training steps of `LanceDetector` against those of the plain `RiskClassifier` on the
same encoder and batches, and `RiskDetector.score` against the bare encoder's forward pass on the
very token batches that it makes. Both sides take turns, batch by batch; each figure is a median over
repetitions, so that a busy machine slows both alike. Weights are random, which changes no speed.
Without --encoder it is the embedded checkpoint's; without --data texts come from the package's own
contrasts, at lengths like those of the training data.
"""

import argparse
import random
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import torch
from transformers import AutoConfig, AutoTokenizer

from lance_graph.detector import EMBEDDED
from lance_graph.detector.config import PairConfig
from lance_graph.detector.detector import RiskDetector
from lance_graph.detector.model import PairEncoder
from lance_graph.training.arguments import autocast
from lance_graph.training.collator import PairCollator
from lance_graph.training.data import research
from lance_graph.training.data.example import Example
from lance_graph.training.data.grammars import generated_rows
from lance_graph.training.models import random_model
from lance_graph.training.objectives import objective
from lance_graph.training.recipe import TrainingRecipe
from lance_graph.training.sampling import LengthBatchSampler
from lance_graph.training.trainer import ExampleDataset, parameter_groups

TRAINING_BATCHES = 6
SCORED_ROWS = 96
Step = Callable[[dict[str, torch.Tensor]], object]


def main() -> None:
    """Measure both ratios and print them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--encoder", default=str(EMBEDDED), help="folder or hub id")
    parser.add_argument("--data", type=Path, help="folder with train/ and dev/")
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    recipe = TrainingRecipe(data="", output="", encoder=options.encoder)
    examples = real_rows(options.data) if options.data else synthetic_rows()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    print(f"{device}, {options.threads} threads, medians of {options.repeats} repetitions\n")
    print("| what | against | rate | rate of the other | ratio (quartiles) |")
    print("|---|---|---|---|---|")
    training(recipe, examples, device, options.repeats)
    scoring(recipe, examples[:SCORED_ROWS], device, options.repeats)


def training(recipe: TrainingRecipe, examples: list[Example], device: str, repeats: int) -> None:
    """Rows per second of whole training steps: forward, backward, clipping, optimizer."""
    tokenizer = AutoTokenizer.from_pretrained(recipe.encoder)
    collate, dataset = PairCollator(tokenizer, recipe.max_tokens), ExampleDataset(examples)
    size = recipe.batch_size
    order = list(LengthBatchSampler(dataset.lengths, size, recipe.seed))
    starts = range(0, min(len(order), TRAINING_BATCHES * size), size)
    batches = [
        on(collate([dataset[index] for index in order[start : start + size]]), device)
        for start in starts
    ]
    rows = sum(len(batch["input_ids"]) for batch in batches)
    steps = [
        training_step(untrained(recipe, kind).to(device), recipe)
        for kind in ("lance", "classifier")
    ]
    ours, theirs = alternate(steps[0], steps[1], batches, repeats)
    print(row("training step of LanceDetector", "RiskClassifier", "rows/s", rows, ours, theirs))


def training_step(model: PairEncoder, recipe: TrainingRecipe) -> Step:
    """What `DetectorTrainer` does with one batch."""
    model.train()
    model.encoder.set_attn_implementation("eager")
    model.encoder.get_input_embeddings().requires_grad_(recipe.train_word_embeddings)
    optimizer = torch.optim.AdamW(parameter_groups(model, recipe), fused=True)
    half = autocast(recipe) == "bf16"

    def step(batch: dict[str, torch.Tensor]) -> None:
        with torch.autocast(batch["labels"].device.type, torch.bfloat16, enabled=half):
            output = model(**batch, objective=objective)
        output.loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()

    return step


def scoring(recipe: TrainingRecipe, rows: list[Example], device: str, repeats: int) -> None:
    """Tokens per second of `RiskDetector.score` and of the bare encoder on its token batches."""
    detector = RiskDetector(
        untrained(recipe, "lance").to(device), AutoTokenizer.from_pretrained(recipe.encoder)
    )
    pairs = [(example.prompt, example.response) for example in rows]
    batches = token_batches(detector, pairs)
    tokens = sum(int(batch["attention_mask"].sum()) for batch in batches)
    encoder = detector.model.encoder
    segments = getattr(encoder.config, "type_vocab_size", 2) > 1

    def bare(_: object) -> None:
        with torch.inference_mode():
            for batch in batches:
                encoder(**{k: v for k, v in batch.items() if segments or k != "token_type_ids"})

    def score(_: object) -> None:
        detector.score(pairs)

    def tokenise(_: object) -> None:
        for text in (text for pair in pairs for text in pair if text):
            detector.tokenizer.backend_tokenizer.encode(text, add_special_tokens=False)

    ours, theirs = alternate(score, bare, [{}], repeats)
    print(row("RiskDetector.score", "bare encoder", "tokens/s", tokens, ours, theirs))
    alone = median(alternate(tokenise, tokenise, [{}], repeats)[0])
    print(f"\nOf the time of `score`, tokenisation is {alone / median(ours):.1%}.")


def token_batches(
    detector: RiskDetector, pairs: Sequence[tuple[str, str | None]]
) -> list[dict[str, torch.Tensor]]:
    """The inputs of every forward pass of ``detector.score(pairs)``."""
    batches: list[dict[str, torch.Tensor]] = []

    def keep(_: Any, __: Any, inputs: dict[str, torch.Tensor]) -> None:
        batches.append(inputs)

    handle = detector.model.register_forward_pre_hook(keep, with_kwargs=True)
    detector.score(pairs)
    handle.remove()
    return batches


def alternate(
    ours: Step, theirs: Step, batches: Sequence[dict[str, torch.Tensor]], repeats: int
) -> tuple[list[float], list[float]]:
    """Seconds of each repetition over all batches, for both sides; the first, a warm-up, is left out."""
    spent: tuple[list[float], list[float]] = ([], [])
    for repetition in range(repeats + 1):
        total = [0.0, 0.0]
        for number, batch in enumerate(batches):
            for side in sorted((0, 1), reverse=(repetition + number) % 2 == 1):
                begin = time.perf_counter()
                (ours, theirs)[side](batch)
                if torch.cuda.is_available():
                    torch.cuda.synchronize()
                total[side] += time.perf_counter() - begin
        if repetition:
            for seconds, value in zip(spent, total, strict=True):
                seconds.append(value)
    return spent


def row(
    what: str, other: str, unit: str, count: int, ours: Sequence[float], theirs: Sequence[float]
) -> str:
    """A line of the table: rates are medians, the ratio is the median of the repetitions' ratios."""
    ratios = sorted(b / a for a, b in zip(ours, theirs, strict=True))
    low, high = ratios[len(ratios) // 4], ratios[-1 - len(ratios) // 4]
    return (
        f"| {what} | {other} | {count / median(ours):,.0f} {unit} | "
        f"{count / median(theirs):,.0f} {unit} | {median(ratios):.3f} ({low:.3f}–{high:.3f}) |"
    )


def untrained(recipe: TrainingRecipe, kind: str) -> PairEncoder:
    """A new model of the recipe's encoder and sizes: the detector, or the plain classifier."""
    config = AutoConfig.from_pretrained(recipe.encoder)
    if isinstance(config, PairConfig):
        config = AutoConfig.for_model(**config.encoder)
    return random_model(config, recipe.model_copy(update={"objective": kind}))


def real_rows(data: Path) -> list[Example]:
    """Pairs and prompts of the research data, half and half, shuffled."""
    rng = random.Random(0)
    count = 50 * TRAINING_BATCHES
    rows = rng.sample(research.pairs(data), count) + rng.sample(
        research.judged_prompts(data), count
    )
    rng.shuffle(rows)
    return rows


def synthetic_rows() -> list[Example]:
    """Contrasts as prompts, half of them with three to nine others joined as an answer."""
    rng = random.Random(0)
    contrasts = generated_rows(100 * TRAINING_BATCHES, 0)
    texts = [str(contrast["prompt"]) for contrast in contrasts]
    rows = []
    for contrast in contrasts:
        answer = " ".join(rng.sample(texts, rng.randint(3, 9))) if rng.random() < 0.5 else None
        rows.append(Example.full(str(contrast["prompt"]), answer, contrast["categories"]))  # type: ignore[arg-type]
    return rows


def on(batch: dict[str, torch.Tensor], device: str) -> dict[str, torch.Tensor]:
    """The batch on the device."""
    return {name: value.to(device) for name, value in batch.items()}


if __name__ == "__main__":
    main()
