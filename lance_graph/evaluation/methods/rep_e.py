"""RepE: the target with a refusal direction added to its hidden states (paper, 4.1.3; Zou et al. 2023)."""

import asyncio
import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal

from langchain_core.messages import HumanMessage

from lance_graph import models
from lance_graph.evaluation.methods.asking import text_of
from lance_graph.evaluation.methods.base import Setting
from lance_graph.evaluation.sample import Reply, Sample

if TYPE_CHECKING:
    from lance_graph.evaluation.methods.steering import Direction, Positions, SteeringVectors

logger = logging.getLogger(__name__)


class RepE:
    """A local model, steered while it answers; see `lance_graph.evaluation.methods.steering`.

    ``Setting.vectors`` is a safetensors file: read where it is there, else computed from the target
    by ``direction`` and written. ``layers`` are the middle third unless told, and each of them adds
    ``strength`` times its vector, so that the layers' shifts add up. The paper gives neither; try
    some on prompts of your own. ``pairs`` names the file of contrastive prompts (`load_pairs`).
    Vectors of the aligned original of an abliterated target fit too.
    """

    name = "rep-e"
    title = "RepE"
    max_calls = 1

    def __init__(
        self,
        setting: Setting,
        direction: "Direction" = "mean-difference",
        layers: Sequence[int] | int | None = None,
        strength: float = 0.2,
        sign: Literal[1, -1] = 1,
        positions: "Positions" = "all",
        pairs: str | None = None,
    ) -> None:
        from lance_graph.evaluation.methods import steering

        target = setting.target
        if not (isinstance(target, str) and target.startswith(f"{models.LOCAL}:")):
            raise ValueError(
                f"rep-e steers a model in this process and needs target='{models.LOCAL}:PATH' (or "
                f"an id on the hub), not {models.model_name(target)!r}"
            )
        setting.context()
        self._options = setting.options_of("target")
        steering.check_direction(direction)
        steering.check_shift(strength, sign, positions)
        self.model: str = target
        self._file = Path(setting.vectors) if setting.vectors else None
        self._direction, self._pairs = direction, pairs
        self._how: dict[str, Any] = {
            "layers": _as_layers(layers),
            "strength": strength,
            "sign": sign,
            "positions": positions,
        }
        self._vectors: SteeringVectors | None = None
        self._loading = Lock()

    async def answer(self, sample: Sample) -> Reply:
        """One call of the steered target."""
        chat, vectors = await asyncio.to_thread(self._load)
        async with asyncio.timeout(models.call_timeout.get()):
            said = await asyncio.to_thread(self._answer, chat, vectors, sample.prompt)
        return Reply(said)

    def _load(self) -> "tuple[Any, SteeringVectors]":
        chat: Any = models.resolve(self.model, options=self._options)
        with self._loading:
            if self._vectors is None:
                self._vectors = self._find_vectors(chat.llm.pipeline)
            return chat, self._vectors

    def _answer(self, chat: Any, vectors: "SteeringVectors", prompt: str) -> str:
        from lance_graph.evaluation.methods.steering import steering

        # a cache of answers knows a model by its name, and would mix them up with the unsteered ones
        steered = chat.model_copy(update={"cache": False})
        with steering(chat.llm.pipeline.model, vectors, **self._how):
            return text_of(models.complete(steered, [HumanMessage(prompt)]))

    def _find_vectors(self, pipeline: Any) -> "SteeringVectors":
        from lance_graph.evaluation.methods.steering import (
            SteeringVectors,
            compute_vectors,
            load_pairs,
        )

        if self._file and self._file.exists():
            return self._checked(SteeringVectors.load(self._file))
        pairs = load_pairs(self._pairs)
        print(f"computing steering vectors of {self.model} ...", file=sys.stderr, flush=True)
        name = self.model.partition(":")[2]
        found = compute_vectors(
            pipeline.model, pipeline.tokenizer, pairs, self._direction, name=name
        )
        if self._file:
            found.save(self._file)
        return found

    def _checked(self, vectors: "SteeringVectors") -> "SteeringVectors":
        if vectors.direction != self._direction:
            raise ValueError(
                f"vectors: {self._file} was computed by direction={vectors.direction!r}, and "
                f"{self._direction!r} is wanted; name another file or that direction"
            )
        if vectors.model != self.model.partition(":")[2]:
            logger.warning("the steering vectors were computed from %s", vectors.model)
        return vectors


def _as_layers(layers: Any) -> tuple[int, ...] | None:
    """Layers as they may stand on a command line: a number, or several."""
    given = (layers,) if isinstance(layers, int) else layers
    if given is None:
        return None
    if isinstance(given, str) or not all(isinstance(layer, int) for layer in given):
        raise ValueError(f"layers={layers!r}: numbers of decoder layers from 0 on are needed")
    return tuple(given)
