"""Server-sent events: comments or progress while an answer is judged, then the answer, or an error."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, TypeVar

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from lance_graph.files import dumps
from lance_graph.runtime.failures import report
from lance_graph.server.errors import ApiError, internal
from lance_graph.server.running import Work, end

Result = TypeVar("Result")
Progress = asyncio.Queue[dict[str, Any] | None]
"""What a run tells while it goes on; None once it has ended."""
WAITING = ": judging\n\n"
"""A comment, which clients skip and proxies take for life."""
DONE = "data: [DONE]\n\n"
HEADERS = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}


class EventStream(StreamingResponse):
    """The answer of a run that may go on for a while yet; with the client it ends, too.

    ``progress`` is what is to be sent before the answer, where a client is to have that.
    """

    media_type = "text/event-stream"

    def __init__(
        self,
        work: Work[Result],
        chunks: Callable[[Result], Iterator[dict[str, Any]]],
        keep_alive: float,
        progress: Progress | None = None,
    ) -> None:
        told = asyncio.Queue() if progress is None else progress
        super().__init__(_events(work, chunks, keep_alive, told), headers=HEADERS)
        self._work: Work[Any] = work

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it; whatever happens meanwhile, the run does not outlive it."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._work.cancel()


async def _events(
    work: Work[Result],
    chunks: Callable[[Result], Iterator[dict[str, Any]]],
    keep_alive: float,
    told: Progress,
) -> AsyncIterator[str]:
    try:
        async for part in _meanwhile(work, keep_alive, told):
            yield part
        for chunk in chunks(work.result()()):
            yield _event(chunk)
        yield DONE
    except ApiError as error:
        yield _event(error.body())
    except Exception as error:  # noqa: BLE001 - the response has begun: it has to end in a word
        report("server", error)
        yield _event(internal().body())
    finally:
        await end(work)


async def _meanwhile(work: Work[Any], keep_alive: float, told: Progress) -> AsyncIterator[str]:
    """What a run tells until it has ended, and a comment wherever it tells nothing for a while."""
    if not work.done():
        yield WAITING
    work.add_done_callback(lambda _: told.put_nowait(None))
    while True:
        try:
            async with asyncio.timeout(keep_alive):
                event = await told.get()
        except TimeoutError:
            yield WAITING
            continue
        if event is None:
            return
        yield _event(event)


def _event(value: dict[str, Any]) -> str:
    return f"data: {dumps(value)}\n\n"
