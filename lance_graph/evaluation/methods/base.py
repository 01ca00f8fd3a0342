"""What the methods of one run share."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from lance_graph.context import LanceContext
from lance_graph.model_options import ModelOptions


@dataclass(frozen=True)
class Setting:
    """Models and options of a run; each is given like the field of `LanceContext`.

    ``instruct`` is the officially aligned model, ``guard`` a guard model as `lance_graph.guards`
    names it, ``vectors`` a file of steering vectors, ``encoder`` a sentence encoder for the
    similarity of prompts (a folder or hub id). ``options`` are further fields of
    `LanceContext` (thresholds, target_options, …) for the methods that run the graph.
    ``method_options`` are options of single methods, by the method's name.
    """

    target: Any = "offline"
    refiner: Any = "offline"
    detector: Any = "embedded"
    instruct: Any = None
    guard: Any = None
    vectors: Path | None = None
    encoder: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    method_options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if "detectors" in self.options:
            raise ValueError(
                "detectors: an evaluation judges with one detector for all that it compares; give it as "
                "detector, as one object or one name"
            )

    def context(self, **changes: Any) -> LanceContext:
        """The context of a graph run; what fails counts as failed at once, as in the other methods."""
        models = {"target": self.target, "refiner": self.refiner, "detector": self.detector}
        return LanceContext(**{**models, "retries": 0, **self.options, **changes})

    @property
    def judged_by(self) -> Any:
        """The detector, with the options of its model if there are any."""
        return self.context().judged_by

    def options_of(self, role: Literal["target", "refiner"]) -> ModelOptions:
        """The options of the target's or the refiner's client."""
        return ModelOptions.of(self.options.get(f"{role}_options"))

    def with_target(self, model: Any) -> "Setting":
        """The same with ``model`` as target; another than this one's has none of its options."""
        if model == self.target:
            return self
        options = {k: v for k, v in self.options.items() if k != "target_options"}
        return replace(self, target=model, options=options)
