"""Box `fall_back`: a constructive answer when nothing safe could be had, or nothing could be checked."""

import logging
from typing import Any

from langgraph.runtime import Runtime

from lance_graph.categories import BY_KEY
from lance_graph.context import LanceContext
from lance_graph.detector.score import Reading
from lance_graph.detectors import read, resolve
from lance_graph.prompts import prose
from lance_graph.state import State, Status
from lance_graph.verdicts import conclude, leading_category

logger = logging.getLogger(__name__)


def fall_back(state: State, runtime: Runtime[LanceContext]) -> dict[str, Any]:
    """Answer from the prompt file of the strongest category of the user's own request."""
    context = LanceContext.of(runtime)
    text = prose(f"fall_back/{fallback_topic(state)}", context.prompts)
    status: Status = "degraded" if state["failure"] else "fell_back"
    return conclude(state, context, text, status, delivered=measure(text, context))


def fallback_topic(state: State) -> str:
    """Slug of the leading category; ``unavailable`` when a component failed."""
    if state["failure"]:
        return "unavailable"
    known = BY_KEY.get(leading_category(state["trace"]) or "")
    return known.slug if known else "general"


def measure(text: str, context: LanceContext) -> Reading | None:
    """The risk of the fall-back text itself; None if the detector cannot say."""
    try:
        return read(resolve(context.detector), text, None)
    except Exception as error:  # noqa: BLE001 - the prompt file's text is delivered anyhow
        logger.warning("the fall-back text could not be scored: %s", type(error).__name__)
        return None
