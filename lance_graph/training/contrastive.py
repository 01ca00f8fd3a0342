"""The contrastive stage before the detector's training (METHOD, "Contrastive refinement").

Lu et al., arXiv 2603.03323: truly toxic and only seemingly toxic texts are pushed apart in
representation space first. Here on the detector's own encoder, at the last or an earlier layer.
"""

from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor
from transformers import AutoTokenizer, TrainerCallback, set_seed

from lance_graph.detector.config import PairConfig
from lance_graph.detector.model import DetectorOutput, PairEncoder
from lance_graph.training import contrastive_losses as losses
from lance_graph.training.arguments import training_arguments
from lance_graph.training.collator import PairCollator
from lance_graph.training.data.hub import HubRows
from lance_graph.training.data.loading import check_licences, load_examples
from lance_graph.training.data.opposites import Opposites, kindred_rows, opposite_pairs
from lance_graph.training.models import new_model
from lance_graph.training.recipe import TrainingRecipe
from lance_graph.training.run_folder import (
    begin_run,
    check_run,
    finish_run,
    is_finished,
    last_checkpoint,
)
from lance_graph.training.stages import fit, run_callbacks
from lance_graph.training.trainer import DetectorTrainer, ExampleDataset


class ContrastiveEncoder(PairEncoder):
    """An encoder that is trained on the similarities within a batch; it has no heads."""

    def __init__(self, start: PairEncoder, recipe: TrainingRecipe) -> None:
        super().__init__(cast(PairConfig, start.config))
        self.encoder, self.recipe = start.encoder, recipe
        layers = int(self.encoder.config.num_hidden_layers)
        if recipe.contrastive_layer is not None and recipe.contrastive_layer > layers:
            raise ValueError(
                f"contrastive_layer is {recipe.contrastive_layer}, but {recipe.encoder} has "
                f"{layers} layers; take 1 to {layers}, or none for the last"
            )
        highest = recipe.contrastive_layer or layers
        if highest <= recipe.frozen_layers:
            raise ValueError(
                f"frozen_layers is {recipe.frozen_layers}, but the contrastive stage trains layers 1 to "
                f"{highest} of {recipe.encoder}; set frozen_layers to {highest - 1} or less"
            )

    def forward(  # type: ignore[override]  # the loss is all there is, and it needs a class per row
        self,
        input_ids: Tensor,
        attention_mask: Tensor,
        unsafe: Tensor,
        token_type_ids: Tensor | None = None,
        **_: Any,
    ) -> DetectorOutput:
        """The recipe's loss on a batch with classes ``unsafe`` [B] (see `contrastive_losses`)."""
        recipe = self.recipe
        h = self.encode(
            layer=recipe.contrastive_layer,
            input_ids=input_ids,
            attention_mask=attention_mask,
            token_type_ids=token_type_ids,
        )
        if recipe.contrastive_loss == "circle":
            loss = losses.circle_loss(
                h, unsafe, recipe.contrastive_margin, recipe.contrastive_scale
            )
        else:
            loss = losses.supervised_contrastive_loss(h, unsafe, recipe.contrastive_temperature)
        return DetectorOutput(loss=loss, terms={recipe.contrastive_loss: loss.detach()})


class PairsDataset(torch.utils.data.Dataset[Opposites]):
    """Opposite pairs, and their approximate lengths in tokens."""

    def __init__(self, pairs: Sequence[Opposites]) -> None:
        self.pairs = list(pairs)
        self.lengths = [max(ExampleDataset(pair).lengths) for pair in self.pairs]

    def __len__(self) -> int:
        return len(self.pairs)

    def __getitem__(self, index: int) -> Opposites:
        return self.pairs[index]


class PairsCollator(PairCollator):
    """P opposite pairs to a batch of B = 2 P rows: twins share their batch, half of it is unsafe."""

    def __call__(self, pairs: Sequence[Opposites]) -> dict[str, Tensor]:  # type: ignore[override]
        """See `PairCollator`; a soft label becomes the class that it is nearer to."""
        batch = super().__call__([row for pair in pairs for row in pair])
        unsafe = batch["unsafe"]
        batch["unsafe"] = torch.where(unsafe.isnan(), unsafe, (unsafe > 0.5).to(unsafe.dtype))
        return batch


def load_pairs(recipe: TrainingRecipe) -> list[Opposites]:
    """The recipe's data in (unsafe, safe) pairs, ``limit`` rows at most.

    From the research data: `CONTRASTIVE_MIX`. From any other source: its training rows, those with
    the same prompt together (a harmful answer to it beside a harmless one); of a stream the first
    ``limit``, ValueError if there is none.
    """
    check_licences(recipe)
    if Path(recipe.data).is_dir():
        kin = kindred_rows(
            Path(recipe.data),
            recipe.mix,
            recipe.held_out,
            recipe.seed,
            recipe.twins,
            recipe.licences,
        )
    else:
        rows, _ = load_examples(recipe.model_copy(update={"limit": None}))  # it would part twins
        if isinstance(rows, HubRows):
            if recipe.limit is None:
                raise ValueError(
                    "limit is missing: the contrastive stage pairs rows, so a stream must end"
                )
            rows = list(islice(rows, recipe.limit))
        kin = ((row.prompt, row) for row in rows)
    pairs = opposite_pairs(kin, recipe.seed)
    return pairs if recipe.limit is None else pairs[: max(1, recipe.limit // 2)]


def train_contrastive(
    recipe: TrainingRecipe,
    *,
    resume: bool = False,
    overwrite: bool = False,
    callbacks: Sequence[TrainerCallback] = (),
) -> Path:
    """Run the stage; returns the run folder, which is an encoder: weights, tokenizer, recipe.

    The main stage starts from that folder as from any encoder. ``recipe.encoder`` may also be a
    trained detector, whose heads are then left behind. A batch is ``batch_size`` rows in pairs;
    accumulated gradients and further processes add batches, but no pairs between batches.
    ``resume`` and ``overwrite`` as in `lance_graph.training.training.train`.
    """
    if recipe.batch_size < 4 or recipe.batch_size % 2:
        raise ValueError(
            f"batch_size is {recipe.batch_size}; the contrastive stage needs an even one, 4 or more"
        )
    output = check_run(recipe, resume=resume, overwrite=overwrite)
    if resume and is_finished(output):
        return output
    set_seed(recipe.seed)
    pairs = load_pairs(recipe)
    tokenizer = AutoTokenizer.from_pretrained(recipe.encoder_source)
    model = ContrastiveEncoder(new_model(recipe), recipe)
    begin_run(recipe, resume=resume)
    in_pairs = recipe.model_copy(
        update={"batch_size": recipe.batch_size // 2, "early_stopping": None}
    )
    trainer = DetectorTrainer(
        in_pairs,
        model=model,
        args=training_arguments(
            in_pairs,
            output,
            len(pairs),
            ddp_find_unused_parameters=recipe.contrastive_layer is not None,
        ),
        train_dataset=PairsDataset(pairs),
        data_collator=PairsCollator(tokenizer, recipe.max_tokens),
        callbacks=[*run_callbacks(in_pairs, output), *callbacks],
    )
    fit(trainer, last_checkpoint(output) if resume else None)
    steps = {"steps": trainer.state.global_step, "epochs": trainer.state.epoch}
    finish_run(output, model.encoder, tokenizer, {**steps, "training_rows": 2 * len(pairs)})
    return output
