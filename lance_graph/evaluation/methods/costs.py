"""The most model calls that a run of the graph can take."""

from typing import Any

from lance_graph import models
from lance_graph.context import LanceContext
from lance_graph.guards.known import guard_named
from lance_graph.rewriting.clauses import MOST
from lance_graph.rewriting.parsing import MOST as REWRITES


def most_calls(context: LanceContext, per_scoring: int | None = None) -> int:
    """Every answer hazardous until the budget is spent, every attempt and try but the last a failure.

    ``per_scoring`` is what one scoring costs; that of the context's detector, unless told.
    """
    monitored = context.mode == "monitor"
    rewrites = 0 if monitored else context.max_iterations
    answers = rewrites + 1
    again = int(context.asks_again and context.guard_answer and not monitored)
    # a first error with structured output costs no attempt; a local pipeline offers none
    free = not (isinstance(context.refiner, str) and context.refiner.startswith(models.LOCAL))
    refining = rewrites * (context.refiner_attempts + free) * is_model(context.refiner)
    # an answer is judged beside the prompt and alone; once that is rewritten also beside the user's
    # own, where a refusal is judged as well, once
    judgings = 2 * (answers + again) + (rewrites + 1 if rewrites else 0)
    scorings = answers * context.screens_prompts + judgings * context.guard_answer
    scorings += not monitored  # the text that the run falls back to
    # a rewrite is judged where it is made, and each of its clauses; one that passes is known by then
    weighed = (
        rewrites * context.refiner_attempts * REWRITES * (1 + MOST) * is_model(context.refiner)
    )
    scorings += weighed * context.guard_input
    if per_scoring is None:
        per_scoring = scoring_calls(context.detector)
    tried = (answers + again) * is_model(context.target) + scorings * per_scoring
    return tried * (1 + context.retries) + refining


def scoring_calls(detector: Any) -> int:
    """Model calls that one scoring takes: 1 for a guard LLM, 0 for a classifier."""
    from lance_graph.guards.guard_model import GuardModelDetector

    guard = guard_named(detector)
    named = guard is not None and guard.format is not None
    return int(named or isinstance(detector, GuardModelDetector))


def is_model(model: Any) -> bool:
    """Whether a target or refiner is a language model."""
    return bool(model != models.OFFLINE)
