"""Box `generate_response`: the target model answers the prompt as it now stands."""

import logging
import time
from dataclasses import replace
from typing import Any
from uuid import uuid4

from langchain_core.messages import (
    AIMessage,
    AIMessageChunk,
    AnyMessage,
    message_chunk_to_message,
)
from langgraph.errors import GraphInterrupt
from langgraph.runtime import Runtime

from lance_graph import models
from lance_graph.answers import declined
from lance_graph.context import LanceContext
from lance_graph.conversation.delivered import content_of, metadata_of
from lance_graph.conversation.turns import answer_text, is_result
from lance_graph.detectors import described
from lance_graph.modes import mode_of
from lance_graph.offline.responder import respond
from lance_graph.runtime import originals
from lance_graph.runtime.events import emit
from lance_graph.runtime.failures import report
from lance_graph.runtime.patience import LateError, Patience
from lance_graph.runtime.quiet import Quiet, TokenCounter
from lance_graph.runtime.steps import Steps, Update, blocking
from lance_graph.state import State, Step
from lance_graph.verdicts import leading_category


def generate_response(state: State, runtime: Runtime[LanceContext]) -> Steps[Update]:
    """r_t = Target(what may be seen of the conversation, x_t)."""
    context = LanceContext.of(runtime)
    repairs = mode_of(context).repairs
    begin = time.monotonic()
    quiet = Quiet(context.redact_callbacks, TokenCounter(state["usage"]))
    draft = state["draft"]
    step = Step(
        node="generate_response",
        iteration=state["iteration"],
        model=models.model_name(context.target),
        seconds=0.0,
    )
    failed: list[str] = []
    update: Update = {"trace": [*state["trace"], step]}
    emit(runtime, "answering", iteration=state["iteration"])
    try:
        if context.target == models.OFFLINE:
            answer = yield blocking(answer_offline, state, context)
            answer = deliverable(answer, context) if repairs else answer
        else:
            messages = yield blocking(state["dialogue"].messages, draft.prompt())
            patience = patience_with(context, state)
            answer = yield from answer_to(messages, context, quiet, patience, failed)
    except (GraphInterrupt, models.ModelError):
        raise
    except Exception as error:  # ends the run visibly; its text may quote the draft
        if not repairs:
            raise
        declined = state.get("unanswered")
        level = logging.WARNING if declined else logging.ERROR
        report("target model", error, reveal=context.reveal_drafts, level=level)
        if declined:  # that answer is there, and was judged
            failed.append(type(error).__name__)
            update["draft"] = declined[-1]
        else:
            quotes_nothing = isinstance(error, NoAnswerError | LateError)
            what = str(error) if quotes_nothing else type(error).__name__
            update["failure"] = step["failure"] = f"the target model failed ({what})"
    else:
        update["draft"] = draft.answered(answer)
    if failed:
        step["failed_attempts"] = failed
    step["seconds"] = round(time.monotonic() - begin, 4)
    return update | {"usage": quiet.counter.total}


def answer_to(
    messages: list[AnyMessage],
    context: LanceContext,
    quiet: Quiet,
    patience: Patience,
    failed: list[str],
) -> Steps[Any]:
    """What the target says to ``messages``: where LANCE repairs, an answer that can be delivered.

    `ModelError` where there is no such target, `NoAnswerError` where it gave nothing to judge; its own
    exceptions pass through. Failures after which it was asked the same again are added to ``failed``.
    """
    target = yield blocking(models.resolve, context.target, options=context.target_options)
    if context.redact_callbacks:
        target = models.redacted(target)
    own = models.identity(context.target, context.target_options)
    counted = quiet.of(models.configured_name(context.target))
    asked = models.ask(target, originals.given_back(messages, own), counted)
    answer = yield from patience.calling(asked, failed)
    if not mode_of(context).repairs:
        return answer
    return deliverable(answer, context, may_be_empty=is_result(messages[-1]))


def patience_with(context: LanceContext, state: State) -> Patience:
    """How long the target is waited for; what may act, and is no chat model, is asked once."""
    patience = Patience.of(context, "target", state["started"])
    return patience if models.only_says(context.target) else replace(patience, retries=0)


class NoAnswerError(ValueError):
    """The target gave nothing that could be judged; the message quotes nothing."""


def deliverable(answer: Any, context: LanceContext, *, may_be_empty: bool = False) -> AIMessage:
    """The parts of an answer that can be delivered: text, citations, tool calls and, if allowed, media.

    Whatever else a provider puts into a message (reasoning above all, and why a tool call could not
    be read) is not scored and so goes no further than back to the target; the ids of tool calls are
    LANCE's own. NoAnswerError where nothing is left, unless it ``may_be_empty``: after a tool has
    answered, some models have nothing to add.
    """
    if isinstance(answer, str):
        answer = AIMessage(answer)
    if isinstance(answer, AIMessageChunk):
        answer = message_chunk_to_message(answer)
    if not isinstance(answer, AIMessage):
        raise NoAnswerError(f"it gave a {type(answer).__name__} instead of an assistant message")
    model_name = models.name_of_reply(context.target, answer.response_metadata.get("model_name"))
    delivered = AIMessage(
        content_of(answer, with_media=context.unscored_parts != "refuse"),
        tool_calls=[{**call, "id": _new_id()} for call in answer.tool_calls],
        invalid_tool_calls=[
            {**call, "id": _new_id(), "error": None} for call in answer.invalid_tool_calls
        ],
        response_metadata={"model_name": model_name, **metadata_of(answer)},
    )
    is_empty = not (answer_text(delivered) or isinstance(delivered.content, list))
    if is_empty and (declined(answer) or not may_be_empty):
        raise NoAnswerError("an answer without text")
    originals.keep(answer, delivered, models.identity(context.target, context.target_options))
    return delivered


def _new_id() -> str:
    """An id for a tool call: the target's own would be a text that nobody judged."""
    return f"call_{uuid4().hex[:24]}"


def answer_offline(state: State, context: LanceContext) -> AIMessage:
    """The embedded responder: guidance on the leading category once the prompt was rewritten."""
    category = leading_category(state["trace"]) if state["iteration"] else None
    own = described([category], *context.judges)[category].guidance if category else ""
    return AIMessage(respond(state["draft"].prompt(), category, context.prompts, own))
