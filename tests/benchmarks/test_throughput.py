"""The training step that is timed is one: its loss has a gradient, and weights move."""

import pytest
import torch
from transformers import AutoTokenizer

from benchmarks.throughput import synthetic_rows, training_step, untrained
from lance_graph.detector import EMBEDDED
from lance_graph.training.collator import PairCollator
from lance_graph.training.recipe import TrainingRecipe


@pytest.mark.parametrize("kind", ["lance", "classifier"])
def test_a_timed_step_moves_the_weights(kind, tmp_path):
    recipe = TrainingRecipe(
        data="twins", output=str(tmp_path), encoder=str(EMBEDDED), batch_size=2, precision="fp32"
    )
    model = untrained(recipe, kind)
    before = [parameter.detach().clone() for parameter in model.parameters()]
    collate = PairCollator(AutoTokenizer.from_pretrained(recipe.encoder), recipe.max_tokens)
    training_step(model, recipe)(collate(synthetic_rows()[:2]))
    moved = zip(before, model.parameters(), strict=True)
    assert any(not torch.equal(old, new) for old, new in moved)
