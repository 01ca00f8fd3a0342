"""``POST /v1/chat/completions``: one conversation through the graph."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from lance_graph.context import LanceContext
from lance_graph.integrations.running import Heard, SafeAnswer, aanswer
from lance_graph.models import ModelError
from lance_graph.runtime.failures import report
from lance_graph.runtime.threads import in_thread
from lance_graph.server import running, verdicts
from lance_graph.server.bodies import body_of
from lance_graph.server.completions import Completion
from lance_graph.server.edge import Record, record_of
from lance_graph.server.errors import ApiError, degraded
from lance_graph.server.instructions import check_instructions
from lance_graph.server.messages import conversation
from lance_graph.server.requests import ChatRequest
from lance_graph.server.service import Service, service_of
from lance_graph.server.streams import EventStream
from lance_graph.server.targets import bound_to, check_offered
from lance_graph.server.thresholds import with_thresholds

Answered = tuple[SafeAnswer, dict[str, Any]]
"""An answer, and the field ``lance`` that goes with it."""


async def chat_completions(request: Request) -> Response:
    """The answer to a conversation, once it was judged; whole, or in server-sent events."""
    service, record = service_of(request), record_of(request)
    service.check_ready()
    body = await body_of(request, ChatRequest, service.settings)
    service.check_name(body.model)
    check_offered(body)
    asked = body.lance.thresholds if body.lance else None
    context = service.context_of(record.key)
    context = with_thresholds(context, asked, service.settings.loosest)
    run = partial(judged_answer, body, context, service, record)
    work = running.start(service, record.key, record.id, run)
    if not body.stream:
        await running.wait_for(work, request)
    elif not await running.wait_for(work, request, service.settings.keep_alive):
        return EventStream(work, partial(_chunks, body), service.settings.keep_alive)
    answered, lance = work.result()()
    if body.stream:
        return EventStream(work, partial(_chunks, body), service.settings.keep_alive)
    headers = verdicts.headers(answered.verdict, context.switched_off)
    return JSONResponse(Completion(answered, body.model, lance).whole(), headers=headers)


async def judged_answer(
    body: ChatRequest,
    context: LanceContext,
    service: Service,
    record: Record,
    heard: Heard | None = None,
) -> Answered:
    """One run of the graph; `ApiError` where a component failed, unless the prepared answer is wanted.

    ``heard`` is told its progress.
    """
    try:
        await check_instructions(body, context)
        bound = await in_thread(partial(bound_to, body, context, service.settings.passed))
        answered = await aanswer(conversation(body.messages), bound.context, heard=heard)
    except ApiError:
        raise
    except Exception as error:
        # a target that cannot be had; in monitor mode, where nothing is repaired, also its own errors
        if not isinstance(error, ModelError) and context.mode != "monitor":
            raise
        report("target model", error, reveal=context.reveal_drafts)
        record.outcome = "degraded"
        service.note_without(record.key, record.id, record.outcome, record.seconds)
        raise degraded(f"the target model failed ({type(error).__name__})") from None
    record.outcome = answered.verdict["status"]
    service.note_run(record.key, record.id, answered, record.seconds)
    if answered.verdict["status"] == "degraded" and service.settings.on_degraded == "raise":
        raise degraded(answered.verdict["reason"])
    return answered, verdicts.shown(answered.verdict, bound.ignored)


def _chunks(body: ChatRequest, answered: Answered) -> Iterator[dict[str, Any]]:
    with_usage = bool(body.stream_options and body.stream_options.include_usage)
    answer, lance = answered
    return Completion(answer, body.model, lance).chunks(with_usage=with_usage)
