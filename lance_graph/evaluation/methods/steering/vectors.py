"""Steering vectors, and the file that keeps them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from lance_graph.files import whole

Direction = Literal["mean-difference", "first-component"]
FORMAT = "lance-graph steering vectors 1"


@dataclass(frozen=True)
class SteeringVectors:
    """One vector of length ``hidden_size`` for each decoder layer, from harmless to harmful.

    Its length is the mean distance of the pairs along it, so that 1 × vector carries a harmless
    prompt's hidden state to where harmful ones lie on average. ``model`` names what it was computed
    from, ``pairs`` is a digest of the contrastive prompts.
    """

    vectors: Mapping[int, Tensor]
    direction: Direction
    model: str
    pairs: str

    @property
    def hidden_size(self) -> int:
        """Length of each vector."""
        return next(iter(self.vectors.values())).numel()

    def save(self, path: Path) -> None:
        """Write a safetensors file that is either whole or not there."""
        metadata = {
            "format": FORMAT,
            "direction": self.direction,
            "model": self.model,
            "pairs": self.pairs,
        }
        tensors = {f"layer.{layer}": vector for layer, vector in self.vectors.items()}
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole(path) as partial:
            save_file(tensors, partial, metadata)

    @classmethod
    def load(cls, path: Path) -> "SteeringVectors":
        """Read what `save` wrote; ValueError if the file is something else."""
        try:
            with safe_open(path, "pt") as file:
                metadata = file.metadata() or {}
                found = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118 - no mapping
        except SafetensorError as error:
            raise ValueError(f"vectors: {path} is no safetensors file ({error})") from error
        direction: Any = metadata.get("direction")
        if metadata.get("format") != FORMAT or direction not in get_args(Direction):
            raise ValueError(
                f"vectors: {path} holds no steering vectors of the format {FORMAT!r}; "
                "name a file that is not there yet to have them computed"
            )
        vectors = {int(key.removeprefix("layer.")): tensor for key, tensor in found.items()}
        ordered = {layer: vectors[layer] for layer in sorted(vectors)}
        return cls(ordered, direction, metadata["model"], metadata["pairs"])


def check_direction(direction: str) -> None:
    """ValueError unless ``direction`` is a way of computing vectors."""
    if direction not in get_args(Direction):
        raise ValueError(f"direction={direction!r}: known are {', '.join(get_args(Direction))}")
