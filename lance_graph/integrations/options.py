"""The options of the doors that take the fields of `LanceContext`, as an editor completes them."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from langchain_core.runnables import Runnable
from typing_extensions import TypedDict

from lance_graph.asking import Excuses
from lance_graph.context import LanceContext, quoted
from lance_graph.model_options import ModelOptions
from lance_graph.routing import Review, Thresholds, WhenUncertain
from lance_graph.scores import Detector

Taus = Thresholds | float | Mapping[str, float]
"""Thresholds as one may write them: the object, tau alone, or some of them by name."""


def context_of(context: LanceContext | None, options: Mapping[str, Any]) -> LanceContext:
    """A door's context: as given, or made of its options; ValueError for both."""
    if context is None:
        return LanceContext.model_validate(options)
    if not isinstance(context, LanceContext):
        raise ValueError(
            "context is a LanceContext, such as LanceContext.from_file('lance.yaml'), "
            f"not {quoted(context)}"
        )
    if options:
        raise ValueError(f"give a context or {', '.join(options)}, not both")
    return context


class LanceOptions(TypedDict, total=False):
    """The fields of `LanceContext` but the target; what each does stands there."""

    target_options: ModelOptions | Mapping[str, Any]
    refiner: str | Runnable[Any, Any]
    refiner_options: ModelOptions | Mapping[str, Any]
    detector: str | Detector
    detectors: Sequence[str | Detector | Excuses]
    guard_options: ModelOptions | Mapping[str, Any]
    mode: Literal["enforce", "monitor"]
    review: Review
    out_of_language: str
    screening: Literal["prompt", "pair"]
    guard_input: bool
    guard_tool_results: bool
    guard_system: bool
    guard_answer: bool
    unscored_parts: Literal["pass", "refuse"]
    notice: bool
    thresholds: Taus
    category_thresholds: Mapping[str, Taus | Literal["off"]]
    abstain: float
    when_uncertain: WhenUncertain
    max_iterations: int
    max_seconds: float | None
    target_timeout: float | None
    refiner_timeout: float | None
    detector_timeout: float | None
    retries: int
    ask_again: bool
    ask_otherwise: bool
    refiner_attempts: int
    prompts: Mapping[str, str]
    reveal_drafts: bool
    redact_callbacks: bool
