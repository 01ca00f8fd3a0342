"""Box `generate_response`: the target model answers the prompt as it now stands."""

import time
from itertools import pairwise
from typing import Any
from uuid import uuid4

from langchain_core.messages import AIMessage, AIMessageChunk, message_chunk_to_message
from langgraph.errors import GraphInterrupt
from langgraph.runtime import Runtime

from lance_graph import models
from lance_graph.context import LanceContext
from lance_graph.conversation.blocks import media_of
from lance_graph.conversation.turns import answer_text
from lance_graph.modes import mode_of
from lance_graph.offline.responder import respond
from lance_graph.runtime.events import emit
from lance_graph.runtime.failures import report
from lance_graph.runtime.quiet import Quiet, TokenCounter
from lance_graph.runtime.steps import Steps, Update, blocking
from lance_graph.state import Draft, State, Step
from lance_graph.verdicts import leading_category


def generate_response(state: State, runtime: Runtime[LanceContext]) -> Steps[Update]:
    """r_t = Target(what may be seen of the conversation, x_t)."""
    context = LanceContext.of(runtime)
    repairs = mode_of(context).repairs
    begin = time.monotonic()
    quiet = Quiet(context.redact_callbacks, TokenCounter(state["usage"]))
    prompt = state["draft"].prompt()
    step = Step(
        node="generate_response",
        iteration=state["iteration"],
        model=models.model_name(context.target),
        seconds=0.0,
    )
    update: Update = {"trace": [*state["trace"], step]}
    emit(runtime, "answering", iteration=state["iteration"])
    name = models.configured_name(context.target)
    try:
        if context.target == models.OFFLINE:
            answer = yield blocking(answer_offline, state, context)
        else:
            target = yield blocking(models.resolve, context.target)
            if context.redact_callbacks:
                target = models.redacted(target)
            messages = yield blocking(state["dialogue"].messages, prompt)
            answer = yield models.ask(target, messages, quiet.of(name))
        if repairs:
            answer = deliverable(answer, context)
    except (GraphInterrupt, models.ModelError):
        raise
    except Exception as error:  # ends the run visibly; its text may quote the draft
        if not repairs:
            raise
        report("target model", error, reveal=context.reveal_drafts)
        what = str(error) if isinstance(error, NoAnswerError) else type(error).__name__
        update["failure"] = step["failure"] = f"the target model failed ({what})"
    else:
        update["draft"] = Draft(prompt, answer)
    step["seconds"] = round(time.monotonic() - begin, 4)
    return update | {"usage": quiet.counter.total}


class NoAnswerError(ValueError):
    """The target gave nothing that could be judged; the message quotes nothing."""


def deliverable(answer: Any, context: LanceContext) -> AIMessage:
    """The parts of an answer that can be delivered: its text, its tool calls and, if allowed, media.

    Whatever else a provider puts into a message (reasoning above all, and why a tool call could not
    be read) is not scored and so goes no further; the ids of tool calls are LANCE's own.
    NoAnswerError where nothing is left.
    """
    if isinstance(answer, str):
        answer = AIMessage(answer)
    if isinstance(answer, AIMessageChunk):
        answer = message_chunk_to_message(answer)
    if not isinstance(answer, AIMessage):
        raise NoAnswerError(f"it gave a {type(answer).__name__} instead of an assistant message")
    blocks = answer.content if isinstance(answer.content, list) else []
    media = [kept for block in blocks if (kept := media_of(block))]
    if context.unscored_parts == "refuse":
        media = []
    text = _text_blocks(answer)
    delivered = AIMessage(
        [*text, *media] if media or len(text) > 1 else answer.text,
        tool_calls=[{**call, "id": _new_id()} for call in answer.tool_calls],
        invalid_tool_calls=[
            {**call, "id": _new_id(), "error": None} for call in answer.invalid_tool_calls
        ],
        response_metadata={
            "model_name": models.name_of_reply(
                context.target, answer.response_metadata.get("model_name")
            )
        },
    )
    if not (answer_text(delivered) or media):
        raise NoAnswerError("an answer without text")
    return delivered


def _text_blocks(answer: AIMessage) -> list[dict[str, str]]:
    """The answer's text in one block; in its own blocks where words of two would grow together."""
    blocks = answer.content if isinstance(answer.content, list) else []
    texts = [AIMessage([block]).text for block in blocks]
    texts = [text for text in texts if text]
    joints = [before[-1].isalnum() and after[0].isalnum() for before, after in pairwise(texts)]
    whole = texts if any(joints) else [answer.text]
    return [{"type": "text", "text": text} for text in whole if text]


def _new_id() -> str:
    """An id for a tool call: the target's own would be a text that nobody judged."""
    return f"call_{uuid4().hex[:24]}"


def answer_offline(state: State, context: LanceContext) -> AIMessage:
    """The embedded responder: guidance on the leading category once the prompt was rewritten."""
    category = leading_category(state["trace"]) if state["iteration"] else None
    return AIMessage(respond(state["draft"].prompt(), category, context.prompts))
