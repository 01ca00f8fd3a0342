"""Box `fall_back`: a constructive answer when nothing safe could be had, or nothing could be checked."""

import logging
from math import isnan
from typing import Any

from langgraph.runtime import Runtime

from lance_graph.categories import BY_KEY
from lance_graph.context import LanceContext
from lance_graph.detectors import resolve
from lance_graph.prompts import prose
from lance_graph.state import Reading, State, Status
from lance_graph.verdicts import conclude

logger = logging.getLogger(__name__)


def fall_back(state: State, runtime: Runtime[LanceContext]) -> dict[str, Any]:
    """Answer from the prompt file of the strongest category of the user's own request."""
    context = LanceContext.of(runtime)
    text = prose(f"fall_back/{fallback_topic(state)}", context.prompts)
    status: Status = "degraded" if state["failure"] else "fell_back"
    return conclude(state, context, text, status, delivered=measure(text, context))


def fallback_topic(state: State) -> str:
    """Slug of the strongest category, or ``unavailable`` when a component failed."""
    reading = state["initial"]
    if state["failure"] or reading is None:
        return "unavailable"
    risk = reading["risk"]
    strongest = max(risk, key=lambda key: (isnan(risk[key]), risk[key]))
    known = BY_KEY.get(strongest)
    return known.slug if known else "unavailable"


def measure(text: str, context: LanceContext) -> Reading | None:
    """The risk of the fall-back text itself; None if the detector cannot say."""
    try:
        score = resolve(context.detector).score([text])[0]
    except Exception as error:  # noqa: BLE001 - the prompt file's text is delivered anyhow
        logger.warning("the fall-back text could not be scored: %s", type(error).__name__)
        return None
    return Reading(risk=dict(score.mean), spread=dict(score.std))
