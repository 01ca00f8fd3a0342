"""One request's work: within its time, in its place, and only as long as somebody waits for it."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from starlette.requests import Request

from lance_graph.runtime.quiet import outcome
from lance_graph.server.errors import ApiError, took_too_long
from lance_graph.server.keys import Key
from lance_graph.server.service import Service

Result = TypeVar("Result")
Work = asyncio.Task[Callable[[], Result]]
"""A run that goes on beside its request; it ends with what gives the result, or raises it."""


class ClientGoneError(Exception):
    """Nobody waits for the answer any more."""


def start(
    service: Service, key: Key, request: str, run: Callable[[], Awaitable[Result]]
) -> Work[Result]:
    """Begin a run; what comes of it is known when the task ends, and is never in asyncio's own log.

    `ApiError` 429 where there is no room for it, 504 where it takes too long.
    """

    async def work() -> Result:
        began = time.monotonic()

        def came_to(reason: str) -> None:
            service.note_without(key, request, reason, time.monotonic() - began)

        with service.slots.one(), service.metrics.at_once.track_inprogress():
            running = asyncio.create_task(outcome(run))
            try:
                await asyncio.wait({running}, timeout=service.settings.timeout)
            except asyncio.CancelledError:
                came_to("cancelled")
                raise
            finally:  # once: cancelled twice, LangGraph leaves the tasks of its nodes behind
                ended = running.done() or not running.cancel()
            if not ended:
                came_to("timeout")
                raise took_too_long(service.settings.timeout)
            try:
                return running.result()()
            except ApiError:
                raise
            except Exception:
                came_to("failed")
                raise

    return asyncio.create_task(outcome(work))


async def wait_for(work: Work[Result], request: Request, seconds: float | None = None) -> bool:
    """Whether a run has ended, after so many seconds at most.

    `ClientGoneError` where the client went away first; then, and where this is cancelled, the run is ended.
    """
    gone = asyncio.create_task(_gone(request))
    try:
        await asyncio.wait({work, gone}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if gone.done() and not work.done():
            await end(work)
            raise ClientGoneError
    except asyncio.CancelledError:
        await end(work)
        raise
    finally:
        gone.cancel()
    return work.done()


async def end(work: Work[Result]) -> None:
    """End a run, if it has not ended, and wait until it has."""
    if not work.done():
        work.cancel()
        await asyncio.wait({work})


async def _gone(request: Request) -> None:
    """Until the client has gone away; its body was read before."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
