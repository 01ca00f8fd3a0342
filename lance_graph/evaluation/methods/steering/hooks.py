"""Steering: forward hooks that move a model's hidden states while it is used."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from math import isfinite
from threading import get_ident
from typing import Any, Literal, get_args

import torch
from torch import Tensor, nn

from lance_graph.evaluation.methods.steering.layers import (
    decoder_layers,
    hidden_of,
    middle_layers,
)
from lance_graph.evaluation.methods.steering.vectors import SteeringVectors

Positions = Literal["all", "last"]


@contextmanager
def steering(
    model: Any,
    vectors: SteeringVectors,
    *,
    layers: Sequence[int] | None = None,
    strength: float = 1.0,
    sign: Literal[1, -1] = 1,
    positions: Positions = "all",
) -> Iterator[None]:
    """Within it, each layer of ``layers`` puts out its hidden state + sign · strength · vector.

    ``layers`` is the middle third unless told; ``sign`` 1 leads to where harmful prompts are
    refused, -1 away from it. ``positions`` is every token, or ``"last"``: the last of the prompt and
    each one generated after it with a cache. Only the thread that entered is steered, so a model can
    be shared; leaving restores it exactly. ValueError where vectors and model do not fit.
    """
    found = decoder_layers(model)
    chosen = list(middle_layers(len(found)) if layers is None else dict.fromkeys(layers))
    check_shift(strength, sign, positions)
    if not chosen or any(layer not in vectors.vectors for layer in chosen):
        raise ValueError(
            f"layers={chosen}: the vectors are of layers {min(vectors.vectors)} to {max(vectors.vectors)}"
        )
    if any(not 0 <= layer < len(found) for layer in chosen):
        raise ValueError(f"layers={chosen}: the model has layers 0 to {len(found) - 1}")
    hidden_size = model.config.get_text_config().hidden_size
    if vectors.hidden_size != hidden_size:
        raise ValueError(
            f"vectors: they have {vectors.hidden_size} numbers, computed from {vectors.model!r}, and "
            f"this model's hidden states {hidden_size}"
        )
    with ExitStack() as hooks:
        for layer in chosen:
            shift = (sign * strength * vectors.vectors[layer]).to(model.device)
            hook = partial(_shifted, shift=shift, thread=get_ident(), positions=positions)
            hooks.callback(found[layer].register_forward_hook(hook).remove)
        yield


def check_shift(strength: float, sign: int, positions: str) -> None:
    """ValueError unless the options of `steering` are such as it knows."""
    if not (isinstance(strength, int | float) and isfinite(strength) and strength >= 0):
        raise ValueError(
            f"strength={strength!r}: a number from 0 on is needed; sign turns it around"
        )
    if sign not in (1, -1):
        raise ValueError(f"sign={sign!r}: it is 1 (towards refusal) or -1 (away from it)")
    if positions not in get_args(Positions):
        raise ValueError(f"positions={positions!r}: known are {', '.join(get_args(Positions))}")


def _shifted(
    _module: nn.Module,
    _inputs: Any,
    output: Any,
    *,
    shift: Tensor,
    thread: int,
    positions: Positions,
) -> Any:
    """A layer's output with its hidden state, [batch, tokens, hidden], moved by ``shift``."""
    if get_ident() != thread:
        return None
    hidden = hidden_of(output)
    added = shift.to(hidden.device, hidden.dtype)
    if positions == "all":
        moved = hidden + added
    else:  # prompts of a batch are padded on the left, so that the last column is a token of each
        moved = torch.cat([hidden[:, :-1], hidden[:, -1:] + added], dim=1)
    return (moved, *output[1:]) if isinstance(output, tuple) else moved
