"""Where a causal model's decoder layers are, and their hidden state in what they put out."""

from typing import Any

from torch import Tensor, nn


def decoder_layers(model: Any) -> nn.ModuleList:
    """The decoder layers of a causal model; ValueError if it has no single list of them."""
    config = model.config.get_text_config()
    count = getattr(config, "num_hidden_layers", None)
    lists = [
        (name, module)
        for name, module in model.named_modules()
        if isinstance(module, nn.ModuleList) and len(module) == count
    ]
    outer = [
        (name, module)
        for name, module in lists
        if not any(name.startswith(f"{other}.") for other, _ in lists)
    ]
    if len(outer) != 1:
        raise ValueError(
            f"{type(model).__name__} has {len(outer)} lists of {count} decoder layers where one is "
            "needed; steering knows decoder-only models such as Llama, Mistral, Qwen2 and Gemma"
        )
    return outer[0][1]


def middle_layers(count: int) -> range:
    """The middle third of a model's layers, at least one."""
    first = count // 3
    return range(first, max(first + 1, 2 * count // 3))


def hidden_of(output: Any) -> Tensor:
    """The hidden state: what a decoder layer puts out, or the first part of it in older models."""
    hidden: Tensor = output[0] if isinstance(output, tuple) else output
    return hidden
