"""Box `fall_back`: a constructive answer when nothing safe could be had, or nothing could be checked."""

import logging

from langchain_core.messages import AIMessage
from langgraph.runtime import Runtime

from lance_graph.categories import BY_KEY, KNOWN
from lance_graph.context import LanceContext
from lance_graph.detectors import configured_name, described, resolve, scoring
from lance_graph.prompts import prose
from lance_graph.runtime.events import emit
from lance_graph.runtime.failures import report
from lance_graph.runtime.patience import within
from lance_graph.runtime.quiet import Quiet, TokenCounter
from lance_graph.runtime.replay import replayed
from lance_graph.runtime.steps import Steps, Update, blocking
from lance_graph.scores import Reading
from lance_graph.state import State, Status
from lance_graph.verdicts import SELF_HARM, conclude, is_answer_alone, leading_category


def fall_back(state: State, runtime: Runtime[LanceContext]) -> Steps[Update]:
    """Answer from the prompt file of the strongest category of the user's own request."""
    context = LanceContext.of(runtime)
    text = yield blocking(fallback_text, state, context)
    status: Status = "degraded" if state["failure"] else "fell_back"
    quiet = Quiet(context.redact_callbacks, TokenCounter(state["usage"]))
    delivered = yield from measure(text, context, quiet)
    counted: State = {**state, "usage": quiet.counter.total}
    message, update = conclude(counted, context, AIMessage(text), status, delivered=delivered)
    yield replayed(message)
    emit(runtime, "delivered", status=status, iterations=state["iteration"])
    return update


def fallback_topic(state: State) -> str:
    """Slug of the leading category; ``unavailable`` when a component failed.

    Where the user's own words were judged harmless it is the ``answer``: nobody is told off for what
    they did not say.
    """
    if state["failure"]:
        return "unavailable"
    if state["declined"] == "unscored_parts":
        return "unscored_parts"
    leading = leading_category(state["trace"])
    if is_answer_alone(state):
        return "answer_self_harm" if leading == SELF_HARM else "answer"
    known = BY_KEY.get(leading or "")
    return known.slug if known else "general"


def fallback_text(state: State, context: LanceContext) -> str:
    """The prepared answer: what a category of one's own has for it, else the file of the topic."""
    topic, key = fallback_topic(state), leading_category(state["trace"])
    if topic in ("general", "answer") and key and key not in KNOWN:
        own = described([key], *context.judges)[key].fall_back
        if own or topic == "general":
            return own or prose("fall_back/own_category", context.prompts)
    return prose(f"fall_back/{topic}", context.prompts)


def measure(text: str, context: LanceContext, quiet: Quiet) -> Steps[Reading | None]:
    """The risk of the fall-back text itself; None if the detector cannot say."""
    try:
        detector = yield blocking(resolve, context.judged_by)
        name = configured_name(context.judged_by)
        asked = scoring(detector, [text], (), quiet.of(name))
        readings: list[Reading] = yield within(asked, context.longest("detector"))
    except Exception as error:  # noqa: BLE001 - the prompt file's text is delivered anyhow
        what, reveal = "scoring of the fall-back text", context.reveal_drafts
        report(what, error, reveal=reveal, level=logging.WARNING)
        return None
    return readings[0]
