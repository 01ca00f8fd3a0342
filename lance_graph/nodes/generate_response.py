"""Box `generate_response`: the target model answers the prompt as it now stands."""

import asyncio
import time
from typing import Any

from langchain_core.messages import AIMessage
from langgraph.runtime import Runtime

from lance_graph import models
from lance_graph.context import LanceContext
from lance_graph.conversation import with_prompt
from lance_graph.offline.responder import respond
from lance_graph.state import Draft, State, Step
from lance_graph.verdicts import leading_category


def generate_response(state: State, runtime: Runtime[LanceContext]) -> dict[str, Any]:
    """r_t = Target(earlier turns, x_t)."""
    if not state.get("draft"):
        return {}  # a resumed run: drafts are not stored, so `score_risk` starts it again
    context = LanceContext.of(runtime)
    begin = time.monotonic()
    if context.target == models.OFFLINE:
        return _answered(state, context, begin, answer_offline(state, context))
    target = models.resolve(context.target)
    try:
        answer = models.complete(target, with_prompt(state["messages"], state["draft"].prompt()))
    except Exception as error:  # noqa: BLE001 - ends the run visibly; its text may quote the draft
        return _failed(state, context, begin, type(error).__name__)
    return _answered(state, context, begin, answer)


async def agenerate_response(state: State, runtime: Runtime[LanceContext]) -> dict[str, Any]:
    """`generate_response` for async runs."""
    if not state.get("draft"):
        return {}
    context = LanceContext.of(runtime)
    begin = time.monotonic()
    if context.target == models.OFFLINE:
        return _answered(
            state, context, begin, await asyncio.to_thread(answer_offline, state, context)
        )
    target = await models.aresolve(context.target)
    try:
        answer = await models.acomplete(
            target, with_prompt(state["messages"], state["draft"].prompt())
        )
    except Exception as error:  # noqa: BLE001 - ends the run visibly; its text may quote the draft
        return _failed(state, context, begin, type(error).__name__)
    return _answered(state, context, begin, answer)


def answer_offline(state: State, context: LanceContext) -> AIMessage:
    """The embedded responder: guidance on the leading category once the prompt was rewritten."""
    category = leading_category(state["trace"]) if state["iteration"] else None
    return AIMessage(respond(state["draft"].prompt(), category, context.prompts))


def _answered(
    state: State, context: LanceContext, begin: float, answer: AIMessage
) -> dict[str, Any]:
    if not answer.text.strip():
        return _failed(state, context, begin, "an answer without text")
    metadata = {
        "usage_metadata": answer.usage_metadata,
        "model_name": answer.response_metadata.get("model_name"),
    }
    step = _step(state, context, begin)
    return {
        "draft": Draft(state["draft"].prompt(), answer.text, metadata=metadata),
        "trace": [*state["trace"], step],
    }


def _failed(state: State, context: LanceContext, begin: float, what: str) -> dict[str, Any]:
    failure = f"the target model failed ({what})"
    step = _step(state, context, begin)
    step["failure"] = failure
    return {"failure": failure, "trace": [*state["trace"], step]}


def _step(state: State, context: LanceContext, begin: float) -> Step:
    return Step(
        node="generate_response",
        iteration=state["iteration"],
        model=models.model_name(context.target),
        seconds=round(time.monotonic() - begin, 4),
    )
