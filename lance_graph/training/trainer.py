"""transformers' Trainer for models of pairs: two learning rates, loss terms, figures, exact order."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor, nn
from transformers import EvalPrediction, PrinterCallback, Trainer, TrainerCallback

from lance_graph.detector.model import DetectorOutput
from lance_graph.training import metrics
from lance_graph.training.data.example import UNDECIDED, Example
from lance_graph.training.objectives import LABELS, Guidance, objective
from lance_graph.training.recipe import TrainingRecipe
from lance_graph.training.sampling import LengthBatchSampler


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


class DetectorTrainer(Trainer):
    """Trainer with one learning rate for the encoder and one for the heads; logs each loss term."""

    model_accepts_loss_kwargs: bool

    def __init__(self, recipe: TrainingRecipe, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.recipe = recipe
        # the models' **_ looks as if they scaled their loss for gradient accumulation themselves
        self.model_accepts_loss_kwargs = False
        self.remove_callback(PrinterCallback)
        self.add_callback(_EpochOrder(self))
        self.sampler: LengthBatchSampler | None = None
        self.guidance = Guidance.of(recipe)
        self._terms: dict[str, list[Tensor]] = {}

    def create_optimizer(self, model: Any = None) -> torch.optim.Optimizer:
        """AdamW over two parameter groups."""
        if self.optimizer is None:
            groups = parameter_groups(cast(nn.Module, self.model), self.recipe)
            self.optimizer = torch.optim.AdamW(
                groups, weight_decay=self.recipe.weight_decay, fused=True
            )
        return self.optimizer

    def _get_train_sampler(self, train_dataset: Any = None) -> torch.utils.data.Sampler[int]:
        """Rows of like length share a step, so that one step's rows do not depend on how it is cut.

        Accelerate deals the batches out to the processes in turn.
        """
        dataset = cast(ExampleDataset, train_dataset or self.train_dataset)
        rows = self.args.train_batch_size * self.args.gradient_accumulation_steps
        self.sampler = LengthBatchSampler(
            dataset.lengths, rows * self.args.world_size, self.recipe.seed
        )
        return self.sampler

    def compute_loss(  # type: ignore[override]  # newer keywords of the base class go to **_
        self, model: nn.Module, inputs: Mapping[str, Any], return_outputs: bool = False, **_: Any
    ) -> Any:
        """The objective on one batch; remembers the terms until the next log line."""
        output = self._judged(model, inputs)
        for name, term in (output.terms or {}).items():
            self._terms.setdefault(name, []).append(term)
        return (output.loss, output) if return_outputs else output.loss

    def _judged(self, model: nn.Module, inputs: Mapping[str, Any]) -> DetectorOutput:
        return cast(
            DetectorOutput,
            model(**inputs, objective=objective, guidance=self.guidance, kl_scale=self.kl_scale),
        )

    @property
    def kl_scale(self) -> float:
        """Factor of w3 at this step: from 0 to 1 over the warm-up, a function of the step alone."""
        steps = self.recipe.kl_warmup * self.state.max_steps
        return min(1.0, self.state.global_step / steps) if steps else 1.0

    def log(self, logs: dict[str, float], *args: Any, **kwargs: Any) -> None:
        """Add to a line of training the mean of each loss term since the last, over all processes."""
        if "loss" in logs and self._terms:
            means = torch.stack([torch.stack(values).mean() for values in self._terms.values()])
            means = self.accelerator.reduce(means, reduction="mean")
            names = (f"loss/{name}" for name in self._terms)
            logs = {**logs, **dict(zip(names, means.tolist(), strict=True))}
            self._terms.clear()
        super().log(logs, *args, **kwargs)

    def evaluate(self, *args: Any, **kwargs: Any) -> dict[str, float]:
        """Figures on the held-out rows, from random numbers of its own.

        So evaluating more or less often changes no weight.
        """
        with torch.random.fork_rng():
            torch.manual_seed(self.recipe.seed)
            return super().evaluate(*args, **kwargs)

    def prediction_step(
        self,
        model: nn.Module,
        inputs: dict[str, Any],
        prediction_loss_only: bool,
        ignore_keys: list[str] | None = None,
    ) -> tuple[Any, Any, Any]:
        """(loss, posterior means of d [B, K], (labels [B, K], label mask [B, K], unsafe [B]))."""
        inputs = self._prepare_inputs(inputs)
        with torch.no_grad():
            output = self._judged(model, inputs)
        if prediction_loss_only:
            return output.loss, None, None
        labels = tuple(inputs[name] for name in LABELS)
        return output.loss, output.rejection.mean, labels


class _EpochOrder(TrainerCallback):
    """Tells the sampler its epoch; accelerate does not reach it in a resumed run of two processes."""

    def __init__(self, trainer: DetectorTrainer) -> None:
        self.trainer = trainer

    def on_epoch_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        if self.trainer.sampler is not None:
            self.trainer.sampler.set_epoch(int(state.epoch or 0))


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


def held_out_figures(prediction: EvalPrediction) -> dict[str, float]:
    """Any-risk F1, AUROC and ECE of rows with a binary label, ``map`` of rows with all 14 labels.

    A borderline row has no binary label. NaN where no row can tell. ImportError names the extra if
    scikit-learn is missing.
    """
    degrees = cast(metrics.Array, prediction.predictions)
    labels, mask, unsafe = cast(tuple[metrics.Array, ...], prediction.label_ids)
    undecided = (unsafe > UNDECIDED[0]) & (unsafe < UNDECIDED[1])
    judged, whole = ~np.isnan(unsafe) & ~undecided, mask.all(-1)
    figures = dict.fromkeys(("f1", "auroc", "ece"), float("nan"))
    if judged.any():
        figures = metrics.any_risk_figures(degrees[judged].max(-1), hard(unsafe[judged]))
    return {**figures, "map": metrics.macro_average_precision(degrees[whole], hard(labels[whole]))}


def hard(labels: metrics.Array) -> metrics.Array:
    """Soft labels as 1 or 0."""
    decided: metrics.Array = (labels > 0.5).astype(np.float64)
    return decided
