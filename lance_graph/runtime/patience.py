"""How long a component's call may last, and which failed call is made again.

A provider's client has limits of its own; these hold for whatever a component is, a function of the
caller's or a model in this process among them.
"""

import asyncio
import random
import time
from collections.abc import Iterator, Mapping
from contextvars import copy_context
from dataclasses import dataclass
from math import inf
from threading import Event, Thread
from typing import Any, TypeVar

from lance_graph.context import LanceContext, Role
from lance_graph.runtime.quiet import outcome
from lance_graph.runtime.steps import Steps, Wait

Result = TypeVar("Result")
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
"""Seconds before the first try after a failure; a server that asks for more than the longest has failed."""
_PASSING = frozenset((408, 425, 429))
_LASTING = frozenset((501, 505))
_NAMES = frozenset(
    (
        "APIConnectionError", "APITimeoutError", "ClientConnectionError", "ConnectTimeoutError",
        "ConnectionClosedError", "ConnectionError", "EndpointConnectionError", "OutOfMemoryError",
        "OverloadedError", "RateLimitError", "ReadTimeoutError", "ResourceExhausted", "ServiceUnavailable",
        "ServiceUnavailableException", "ThrottlingException", "Timeout", "TransportError",
    )
)  # fmt: skip
"""Classes of clients' errors that may pass, with what is derived from them; no client is imported for it.
AWS tells some of them in the error's code alone."""
_ERRORS = range(400, 600)
"""HTTP statuses of failures."""
_OTHERS = ("code", "status")
_MOST_CAUSES = 10


class LateError(TimeoutError):
    """A call that lasted too long; the message quotes nothing."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"no answer within {seconds:g} s")


@dataclass(frozen=True)
class Patience:
    """``seconds`` of one call, ``retries`` after a failure that may pass, none of them ``until`` a time.

    ``until`` is a time of `time.monotonic`.
    """

    seconds: float | None = None
    retries: int = 0
    until: float = inf

    @classmethod
    def of(cls, context: LanceContext, role: Role, started: float | None = None) -> "Patience":
        """What a context allows a component, in a run that has ``started`` then; else from now on."""
        begin = time.monotonic() if started is None else started
        until = inf if context.max_seconds is None else begin + context.max_seconds
        return cls(context.longest(role), context.retries, until)

    def calling(self, wait: Wait[Result], failed: list[str] | None = None) -> Steps[Result]:
        """What ``wait`` gives; `LateError` after ``seconds``, its own exceptions where no retry helps.

        The types of the failures that passed, or might have, are added to ``failed``.
        """
        for attempt in range(self.retries + 1):
            try:
                found: Result = yield within(wait, self.seconds)
                return found
            except Exception as error:
                pause = pause_after(error, attempt)
                if attempt == self.retries or pause is None:
                    raise
                if time.monotonic() + pause >= self.until:
                    raise
                if failed is not None:
                    failed.append(type(error).__name__)
            yield _pausing(pause)
        raise AssertionError("the last attempt returns or raises")


def within(wait: Wait[Result], seconds: float | None) -> Wait[Result]:
    """``wait`` with `LateError` after ``seconds``.

    A call that does not end is left to itself, in a thread or a task of its own, and nobody hears of what
    becomes of it.
    """
    if seconds is None:
        return wait

    def call() -> Result:
        return _from_thread(wait, seconds)

    async def acall() -> Result:
        task = asyncio.create_task(outcome(wait.acall))
        try:
            done, _ = await asyncio.wait({task}, timeout=seconds)
        except asyncio.CancelledError:
            task.cancel()
            raise
        if not done:
            task.cancel()
            raise LateError(seconds)
        return task.result()()

    return Wait(call, acall)


def _from_thread(wait: Wait[Result], seconds: float) -> Result:
    results: list[Result] = []
    errors: list[BaseException] = []
    ended = Event()

    def work() -> None:
        try:
            results.append(wait.call())
        except BaseException as error:  # noqa: BLE001 - raised again where it is waited for
            errors.append(error)
        ended.set()

    Thread(target=copy_context().run, args=(work,), name="lance-limited", daemon=True).start()
    if not ended.wait(seconds):
        raise LateError(seconds)
    if errors:
        raise errors[0]
    return results[0]


def pause_after(error: Exception, attempt: int) -> float | None:
    """Seconds to the next try: what the server asks for, else twice as long each time, less up to a half.

    None where the same call would fail again.
    """
    if not may_pass(error):
        return None
    asked = _asked_for(error)
    if asked is None:
        return min(FIRST_PAUSE * 2.0**attempt, LONGEST_PAUSE) * random.uniform(0.5, 1.0)
    return asked if asked <= LONGEST_PAUSE else None


def may_pass(error: BaseException) -> bool:
    """Whether the same call may succeed later: rate limits, 5xx, lost connections, too little memory.

    A `LateError` of our own does not count: a component that hangs would be waited for once more.
    """
    if isinstance(error, LateError):
        return False
    if any(_aws(one).get("Error", {}).get("Code") in _NAMES for one in _with_causes(error)):
        return True
    status = status_of(error)
    if status is not None:
        return status in _PASSING or (status >= 500 and status not in _LASTING)
    return any(
        isinstance(one, ConnectionError | TimeoutError | MemoryError)
        or any(kind.__name__ in _NAMES for kind in type(one).__mro__)
        for one in _with_causes(error)
    )


def _with_causes(error: BaseException) -> Iterator[BaseException]:
    inner: BaseException | None = error
    for _ in range(_MOST_CAUSES):
        if inner is None:
            return
        yield inner
        inner = inner.__cause__


def status_of(error: BaseException) -> int | None:
    """The HTTP status that a client's error carries, or what led to it."""
    for one in _with_causes(error):
        answer = getattr(one, "response", None)
        told = [getattr(holder, "status_code", None) for holder in (one, answer)]
        told.append(_aws(one).get("ResponseMetadata", {}).get("HTTPStatusCode"))
        # Google's clients and urllib call it code, aiohttp status: names that may hold something else
        told += [number for name in _OTHERS if (number := getattr(one, name, None)) in _ERRORS]
        for status in told:
            if isinstance(status, int):
                return int(status)
    return None


def _aws(error: BaseException) -> Mapping[str, Any]:
    """What botocore read of a service's answer; empty for other clients' errors."""
    answer = getattr(error, "response", None)
    return answer if isinstance(answer, Mapping) else {}


def _asked_for(error: BaseException) -> float | None:
    """Seconds in the header ``retry-after`` of the answer that an error carries."""
    for one in _with_causes(error):
        headers: Any = getattr(getattr(one, "response", None), "headers", None)
        said = headers.get("retry-after") if hasattr(headers, "get") else None
        try:
            return max(float(said), 0.0) if said is not None else None
        except (TypeError, ValueError):  # a date: our own pause will do
            return None
    return None


def _pausing(seconds: float) -> Wait[None]:
    return Wait(lambda: time.sleep(seconds), lambda: asyncio.sleep(seconds))
