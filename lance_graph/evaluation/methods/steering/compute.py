"""Steering vectors from contrastive prompts."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from math import isfinite
from typing import Any

import torch
from torch import Tensor, nn

from lance_graph.evaluation.methods.steering.layers import decoder_layers, hidden_of
from lance_graph.evaluation.methods.steering.pairs import Pairs, digest_of
from lance_graph.evaluation.methods.steering.vectors import (
    Direction,
    SteeringVectors,
    check_direction,
)

NOISE = 1e-5
"""Length of a difference, by the length of a hidden state, that rounding alone can make."""


def compute_vectors(
    model: Any,
    tokenizer: Any,
    pairs: Pairs,
    direction: Direction = "mean-difference",
    *,
    name: str = "",
    batch_size: int = 8,
) -> SteeringVectors:
    """The vectors of every layer, from the hidden states at the last token of each prompt.

    ``model`` is a Hugging Face causal model with its ``tokenizer``, ``pairs`` are (harmful,
    harmless). ``"mean-difference"`` is the difference of the two means; ``"first-component"`` the
    first principal component of the pairs' differences about the origin, which points to the
    harmful side. ValueError where the pairs do not differ at a layer.
    """
    check_direction(direction)
    if not pairs:
        raise ValueError("pairs: none are given; steering vectors need contrastive prompts")
    layers = decoder_layers(model)
    texts = [text for pair in pairs for text in pair]
    batches = [texts[i : i + batch_size] for i in range(0, len(texts), batch_size)]
    states = torch.cat([_last_states(model, tokenizer, layers, batch) for batch in batches])
    differences = states[0::2] - states[1::2]  # [pairs, layers, hidden]
    find = _mean if direction == "mean-difference" else _first_component
    vectors = {layer: find(differences[:, layer]) for layer in range(len(layers))}
    for layer, vector in vectors.items():
        noise = NOISE * float(states[:, layer].norm(dim=-1).mean())
        if not isfinite(length := float(vector.norm())) or length <= noise:
            raise ValueError(f"pairs: they have no direction at layer {layer} (length {length})")
    return SteeringVectors(vectors, direction, name, digest_of(pairs))


def _mean(differences: Tensor) -> Tensor:
    return differences.mean(0).contiguous()


def _first_component(differences: Tensor) -> Tensor:
    """The component, as long as the differences reach along it on average."""
    component: Tensor = torch.linalg.svd(differences, full_matrices=False).Vh[0]
    return (component * (differences @ component).mean()).contiguous()


@torch.inference_mode()
def _last_states(
    model: Any, tokenizer: Any, layers: nn.ModuleList, prompts: Sequence[str]
) -> Tensor:
    """Hidden states of the prompts at their last token, float32 [prompts, layers, hidden]."""
    rendered = [
        tokenizer.apply_chat_template(
            [{"role": "user", "content": prompt}], add_generation_prompt=True, tokenize=True
        )
        for prompt in prompts
    ]
    ids = [one["input_ids"] if isinstance(one, Mapping) else one for one in rendered]
    lengths = torch.tensor([len(one) for one in ids])
    width = int(lengths.max())
    # padded on the right: a causal model does not look there, and positions start at 0
    filled = torch.tensor([[*one, *[0] * (width - len(one))] for one in ids])
    mask = (torch.arange(width) < lengths[:, None]).long()
    rows, last = torch.arange(len(ids)), lengths - 1
    states: list[Tensor] = []

    def keep(_module: nn.Module, _inputs: Any, output: Any) -> None:
        hidden = hidden_of(output)
        picked = hidden[rows.to(hidden.device), last.to(hidden.device)]
        states.append(picked.to("cpu", torch.float32))

    with ExitStack() as hooks:
        for layer in layers:
            hooks.callback(layer.register_forward_hook(keep).remove)
        device = model.device
        model(input_ids=filled.to(device), attention_mask=mask.to(device), use_cache=False)
    return torch.stack(states, dim=1)
