"""Calls that block, made from async code."""

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from contextvars import copy_context
from functools import partial
from math import inf
from threading import Thread
from typing import TypeVar

from lance_graph.runtime.crew import Crew, Job

Result = TypeVar("Result")
FEW = 4
"""Threads of `in_few`: what they do holds Python's lock most of the time."""


async def in_thread(call: Callable[[], Result]) -> Result:
    """``call`` in a thread of its own, in a copy of the current context.

    The thread belongs to no pool and keeps nobody waiting: a call that hangs is left to itself when
    its run is cancelled, and does not hold up the end of the process. A StopIteration, which no
    future can hold, arrives as RuntimeError.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[Result] = loop.create_future()

    def settle(result: Result | None, error: BaseException | None) -> None:
        if done.cancelled():
            return
        if error is None:
            done.set_result(result)  # type: ignore[arg-type]
        else:
            done.set_exception(error)

    def work() -> None:
        result: Result | None = None
        error: BaseException | None = None
        try:
            result = call()
        except BaseException as raised:  # noqa: BLE001 - raised again where it is waited for
            error = raisable(raised)
        with suppress(RuntimeError):  # the loop has ended: nobody waits any more
            loop.call_soon_threadsafe(settle, result, error)

    Thread(target=copy_context().run, args=(work,), name="lance-call", daemon=True).start()
    return await done


async def in_few(call: Callable[[], Result]) -> Result:
    """``call`` in one of `FEW` threads that all calls share, in a copy of the current context.

    For what computes and never waits for anything: hundreds of callers do not need hundreds of threads.
    A call that is cancelled before its turn is not made. A StopIteration arrives as RuntimeError.
    """
    done: Future[Result] = Future()
    _few.put(partial(settle, done, partial(copy_context().run, call)))
    return await asyncio.wrap_future(done)


def settle(done: "Future[Result]", call: Callable[[], Result]) -> None:
    """Make ``call`` and give ``done`` what comes of it, unless nobody waits for it any more."""
    if not done.set_running_or_notify_cancel():
        return
    try:
        result = call()
    except BaseException as error:  # noqa: BLE001 - raised again where it is waited for
        done.set_exception(raisable(error))
    else:
        done.set_result(result)


def raisable(error: BaseException) -> BaseException:
    """``error``, or for a StopIteration, with which no future of asyncio would ever end, a RuntimeError."""
    if not isinstance(error, StopIteration):
        return error
    instead = RuntimeError("StopIteration")
    instead.__cause__ = error
    return instead


class _Few(Crew):
    """Calls in the order in which they came."""

    def put(self, job: Job) -> None:
        with self.turn:
            self._jobs.append(job)
            self.call(FEW)

    def take(self, free: int) -> Job | float:
        return self._jobs.popleft() if self._jobs else inf

    def waits(self) -> bool:
        return bool(self._jobs)

    def clear(self) -> None:
        self._jobs: deque[Job] = deque()


_few = _Few("lance-few")
