"""Train the detector on the transformers Trainer and write a checkpoint that `RiskDetector` loads."""

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, cast

import torch
from torch import nn
from transformers import AutoConfig, AutoModel, AutoTokenizer, Trainer, TrainingArguments, set_seed
from transformers.trainer_pt_utils import LengthGroupedSampler

from lance_graph.detector.collator import PairCollator
from lance_graph.detector.config import LanceDetectorConfig
from lance_graph.detector.data import (
    Example,
    pair_examples,
    pairs,
    split_by_prompt,
    training_examples,
)
from lance_graph.detector.model import LanceDetector


@dataclass(frozen=True)
class TrainingRecipe:
    """Everything that a training run depends on; written beside the checkpoint.

    ``encoder`` is a path or hub id of a Hugging Face encoder; learning rates are per optimiser
    step; ``held_out`` is the share of BeaverTails prompts that training never sees. ``stage`` is
    ``"whole"``, or ``"pairs"`` for a second stage: ``encoder`` then is the first stage's output.
    """

    data: str
    output: str
    encoder: str
    stage: str = "whole"
    pooling: str = "mean"
    epochs: float = 1.3
    batch_size: int = 32
    encoder_learning_rate: float = 8e-5
    head_learning_rate: float = 1e-3
    weight_decay: float = 0.01
    warmup: float = 0.06
    max_tokens: int = 192
    beta_floor: float = 0.05
    loss_weights: tuple[float, float, float, float] = (1.0, 0.1, 0.002, 1.0)
    contrasts: int = 16_000
    held_out: float = 0.1
    limit: int | None = None
    train_word_embeddings: bool = False
    bf16: bool = True
    seed: int = 13


def second_stage(recipe: TrainingRecipe) -> TrainingRecipe:
    """The recipe that goes on from a first stage's output, gently, with pairs before prompts."""
    return replace(
        recipe,
        stage="pairs",
        epochs=1.0,
        contrasts=6_000,
        encoder_learning_rate=5e-5,
        head_learning_rate=3e-4,
    )


class DetectorTrainer(Trainer):
    """Trainer with one learning rate for the encoder and one for the heads; logs each loss term."""

    def __init__(self, recipe: TrainingRecipe, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.recipe = recipe
        self._terms: dict[str, list[float]] = {}

    def create_optimizer(self, model: Any = None) -> torch.optim.Optimizer:
        """AdamW over two parameter groups."""
        if self.optimizer is None:
            groups = parameter_groups(cast(nn.Module, self.model), self.recipe)
            self.optimizer = torch.optim.AdamW(groups, weight_decay=self.recipe.weight_decay)
        return self.optimizer

    def _get_train_sampler(self, train_dataset: Any = None) -> torch.utils.data.Sampler[int]:
        """Rows of like length share a batch: little padding on short prompts."""
        dataset = cast(ExampleDataset, train_dataset or self.train_dataset)
        return LengthGroupedSampler(self.args.train_batch_size, lengths=dataset.lengths)

    def compute_loss(  # type: ignore[override]  # newer keywords of the base class go to **_
        self, model: nn.Module, inputs: Mapping[str, Any], return_outputs: bool = False, **_: Any
    ) -> Any:
        """Eq. 16 on one batch; remembers the terms until the next log line."""
        output = model(**inputs)
        for name, term in (output.terms or {}).items():
            self._terms.setdefault(name, []).append(float(term))
        return (output.loss, output) if return_outputs else output.loss

    def log(self, logs: dict[str, float], *args: Any, **kwargs: Any) -> None:
        """Add the mean of each loss term since the last line."""
        means = {name: sum(values) / len(values) for name, values in self._terms.items() if values}
        self._terms.clear()
        super().log(
            {**logs, **{f"loss/{name}": round(m, 5) for name, m in means.items()}}, *args, **kwargs
        )


class ExampleDataset(torch.utils.data.Dataset[Example]):
    """A list of examples and their approximate lengths in tokens."""

    def __init__(self, examples: Sequence[Example]) -> None:
        self.examples = list(examples)
        self.lengths = [
            1 + len(row.prompt) // 4 + len(row.response or "") // 4 for row in self.examples
        ]

    def __len__(self) -> int:
        return len(self.examples)

    def __getitem__(self, index: int) -> Example:
        return self.examples[index]


def parameter_groups(model: nn.Module, recipe: TrainingRecipe) -> list[dict[str, Any]]:
    """Encoder and heads with their learning rates; frozen parameters are left out."""
    encoder = [
        p for n, p in model.named_parameters() if n.startswith("encoder.") and p.requires_grad
    ]
    heads = [p for n, p in model.named_parameters() if not n.startswith("encoder.")]
    return [
        {"params": encoder, "lr": recipe.encoder_learning_rate},
        {"params": heads, "lr": recipe.head_learning_rate},
    ]


def new_detector(recipe: TrainingRecipe) -> LanceDetector:
    """A detector whose encoder starts from the recipe's pretrained weights."""
    encoder_config = AutoConfig.from_pretrained(recipe.encoder)
    if isinstance(encoder_config, LanceDetectorConfig):
        return _prepared(LanceDetector.from_pretrained(recipe.encoder), recipe)
    encoder_config.attention_probs_dropout_prob = 0.0  # dropout there costs a third of a CPU step
    config = LanceDetectorConfig(
        encoder={k: v for k, v in encoder_config.to_dict().items() if k != "_name_or_path"},
        pooling=recipe.pooling,
        beta_floor=recipe.beta_floor,
        loss_weights=recipe.loss_weights,
        max_tokens=recipe.max_tokens,
    )
    detector = LanceDetector(config)
    pretrained = AutoModel.from_pretrained(recipe.encoder)
    missing, _ = detector.encoder.load_state_dict(pretrained.state_dict(), strict=False)
    if missing:
        raise ValueError(
            f"{recipe.encoder} has no weights for {missing[:3]} ...; is it an encoder?"
        )
    return _prepared(detector, recipe)


def _prepared(detector: LanceDetector, recipe: TrainingRecipe) -> LanceDetector:
    detector.encoder.set_attn_implementation(
        "eager"
    )  # the fastest on CPU; a saved model does not care
    if not recipe.train_word_embeddings:
        detector.encoder.get_input_embeddings().requires_grad_(False)
    return detector


def train(recipe: TrainingRecipe) -> Path:
    """Train as the recipe says; returns the folder with model, tokenizer, recipe and held-out rows."""
    set_seed(recipe.seed)
    output = Path(recipe.output)
    output.mkdir(parents=True, exist_ok=True)
    train_rows, held_out = split_by_prompt(pairs(Path(recipe.data)), recipe.held_out, recipe.seed)
    mix = pair_examples if recipe.stage == "pairs" else training_examples
    examples = mix(
        Path(recipe.data),
        train_pairs=train_rows,
        contrast_count=recipe.contrasts,
        seed=recipe.seed,
    )
    kept = {row.prompt for row in held_out}
    examples = [row for row in examples if row.prompt not in kept][: recipe.limit]
    tokenizer = AutoTokenizer.from_pretrained(recipe.encoder)
    tokenizer.save_pretrained(output)
    detector = new_detector(recipe)
    trainer = DetectorTrainer(
        recipe,
        model=detector,
        args=_arguments(recipe, output, steps=len(examples) // recipe.batch_size),
        train_dataset=ExampleDataset(examples),
        data_collator=PairCollator(tokenizer, recipe.max_tokens),
    )
    trainer.train()
    detector.save_pretrained(output)
    (output / "recipe.json").write_text(json.dumps(asdict(recipe), indent=2) + "\n")
    return output


def ship(run: Path, destination: Path) -> Path:
    """Copy a trained checkpoint in half precision, its recipe without the paths of one machine."""
    detector = LanceDetector.from_pretrained(run).half()  # type: ignore[no-untyped-call]
    detector.config.encoder.pop("_name_or_path", None)
    detector.save_pretrained(destination)
    AutoTokenizer.from_pretrained(run).save_pretrained(destination)
    recipe = json.loads((run / "recipe.json").read_text())
    first = Path(recipe["encoder"]) / "recipe.json"
    recipe |= {"data": "DATA", "output": "RUN", "encoder": Path(recipe["encoder"]).name}
    if first.exists():
        before = json.loads(first.read_text())
        recipe["first_stage"] = before | {"data": "DATA", "output": "RUN", "encoder": "ENCODER"}
    (destination / "recipe.json").write_text(json.dumps(recipe, indent=2) + "\n")
    return destination


def _arguments(recipe: TrainingRecipe, output: Path, steps: int) -> TrainingArguments:
    return TrainingArguments(
        output_dir=str(output / "trainer"),
        num_train_epochs=recipe.epochs,
        per_device_train_batch_size=recipe.batch_size,
        learning_rate=recipe.encoder_learning_rate,
        lr_scheduler_type="linear",
        warmup_steps=int(recipe.warmup * steps * recipe.epochs),
        max_grad_norm=1.0,
        bf16=recipe.bf16,
        use_cpu=not torch.cuda.is_available(),
        remove_unused_columns=False,
        label_names=["labels"],
        logging_steps=50,
        save_strategy="epoch",
        save_total_limit=1,
        save_only_model=True,
        report_to="none",
        seed=recipe.seed,
    )


def held_out_sample(recipe: TrainingRecipe, count: int) -> list[Example]:
    """A seeded sample of the held-out pairs, for a figure that training never saw."""
    _, held_out = split_by_prompt(pairs(Path(recipe.data)), recipe.held_out, recipe.seed)
    return random.Random(recipe.seed).sample(held_out, min(count, len(held_out)))
