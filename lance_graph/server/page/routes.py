"""The addresses of the page: itself, its files, what it has to know, and a run."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from lance_graph.runtime.threads import in_thread
from lance_graph.server import running
from lance_graph.server.bodies import body_of
from lance_graph.server.chat import Answered, judged_answer
from lance_graph.server.edge import record_of
from lance_graph.server.errors import ApiError
from lance_graph.server.messages import Message
from lance_graph.server.page.about import about
from lance_graph.server.page.comparing import Method, compared, may_compare
from lance_graph.server.page.drawn import MEDIA, asset, index
from lance_graph.server.page.telling import progress, result
from lance_graph.server.requests import MOST_MESSAGES, ChatRequest, Strict
from lance_graph.server.service import service_of
from lance_graph.server.streams import EventStream, Progress

HEADERS = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-cache",
}
"""No script, style or request but those of this server, and none that a text could become."""
AT_ONCE = 0.02
"""Seconds in which a run that finds no room has ended, so that this is an HTTP error."""


class PageRequest(Strict):
    """The body of ``POST /page/run``: a conversation as chat completions have it, and by which method."""

    messages: Annotated[list[Message], Field(min_length=1, max_length=MOST_MESSAGES)]
    method: Method = "lance"


def page_of(admit: Callable[[Request], Awaitable[None]]) -> APIRouter:
    """The routes of the page; those that tell or do something let in whom ``admit`` lets in."""
    router = APIRouter(include_in_schema=False)
    router.add_api_route("/", page, methods=["GET"])
    guarded = [Depends(admit)]
    router.add_api_route("/page/about", known, methods=["GET"], dependencies=guarded)
    router.add_api_route("/page/run", run, methods=["POST"], dependencies=guarded)
    router.add_api_route("/page/{name}", file, methods=["GET"])
    return router


async def page(request: Request) -> Response:
    """The page, which is the same for everybody and holds nothing of the server."""
    _check_here(request)
    html = await in_thread(index)
    return Response(html, media_type="text/html; charset=utf-8", headers=HEADERS)


async def file(name: str, request: Request) -> Response:
    """One of the files of the page."""
    _check_here(request)
    if name not in MEDIA:
        raise ApiError(404, "there is nothing at this address")
    media = f"{MEDIA[name]}; charset=utf-8"
    return Response(asset(name), media_type=media, headers=HEADERS)


async def known(request: Request) -> Response:
    """What the page has to know of the context of whoever asks."""
    service = service_of(request)
    service.check_ready()
    context = service.context_of(record_of(request).key)
    found = await in_thread(partial(about, context))
    return JSONResponse({**found, "compare": may_compare(service, context)}, headers=HEADERS)


async def run(request: Request) -> Response:
    """One run as server-sent events: its progress, then the answer and why, or an error.

    It is the run of a chat completion, and so are its limits.
    """
    service, record = service_of(request), record_of(request)
    service.check_ready()
    body = await body_of(request, PageRequest, service.settings)
    own = service.context_of(record.key)
    context, messages = compared(body.method, own, body.messages, service)
    asked = ChatRequest(model=service.settings.names[0], messages=messages)
    told: Progress = asyncio.Queue()

    def heard(event: Any) -> None:
        if (said := progress(event)) is not None:
            told.put_nowait(said)

    async def told_result() -> dict[str, Any]:
        answered: Answered = await judged_answer(asked, context, service, record, heard)
        return await in_thread(partial(result, *answered))

    work = running.start(service, record.key, record.id, told_result)
    if await running.wait_for(work, request, AT_ONCE):
        work.result()()
    return EventStream(work, _last, service.settings.keep_alive, told)


def _last(found: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield found


def _check_here(request: Request) -> None:
    """`ApiError` 403 where there are no keys and another machine asks, or a page of another site."""
    gate = service_of(request).gate
    if not gate.keys:
        gate.known(request)
