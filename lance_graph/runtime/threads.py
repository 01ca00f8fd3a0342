"""Calls that block, made from async code."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from contextvars import copy_context
from threading import Thread
from typing import TypeVar

Result = TypeVar("Result")


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
        except StopIteration as stop:
            error = RuntimeError("StopIteration")
            error.__cause__ = stop
        except BaseException as raised:  # noqa: BLE001 - raised again where it is waited for
            error = raised
        with suppress(RuntimeError):  # the loop has ended: nobody waits any more
            loop.call_soon_threadsafe(settle, result, error)

    Thread(target=copy_context().run, args=(work,), name="lance-call", daemon=True).start()
    return await done
