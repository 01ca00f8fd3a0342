"""What model calls cost: a meter around a piece of work."""

import asyncio
import time
from collections import Counter, defaultdict, deque
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from threading import Lock
from typing import Any, TypeVar

from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.outputs import ChatGeneration, LLMResult
from langchain_core.runnables.config import ensure_config

from lance_graph import models
from lance_graph.evaluation.sample import Cost
from lance_graph.runtime.quiet import inside, with_handler

Result = TypeVar("Result")
current_meter: ContextVar["Meter | None"] = ContextVar("lance_graph_meter", default=None)


class Meter(BaseCallbackHandler):
    """Counts the model calls that one piece of work makes, failed ones included, and their tokens.

    A call that the cache answered counts like any other, with the tokens and seconds that it took
    when it was made, so that figures are the same with a cold and a warm cache; ``cached`` says how
    many there were. ``tokens`` is None as soon as one call that came back reported none. What a
    client tries again by itself is one call.
    """

    run_inline = True

    def __init__(self, scope: str = "", *, fresh: bool = False) -> None:
        """``scope`` names the work in a cache that is not shared; ``fresh`` work reads no cache."""
        self.scope = scope
        self.fresh = fresh
        self.calls = 0
        self.cached = 0
        self.seconds = 0.0
        self.tokens: int | None = 0
        self.asked: Counter[str] = Counter()
        self.waiting: dict[str, deque[tuple[int, float]]] = defaultdict(deque)
        self.lock = Lock()

    def on_chat_model_start(self, *_: Any, **__: Any) -> None:
        """One call more."""
        with self.lock:
            self.calls += 1

    def on_llm_start(self, *_: Any, **__: Any) -> None:
        """One call more, of a model that completes text."""
        with self.lock:
            self.calls += 1

    def on_llm_error(self, error: BaseException, **_: Any) -> None:
        """A model without an async path was not called: it is asked again in a thread."""
        if isinstance(error, NotImplementedError):
            with self.lock:
                self.calls -= 1

    def on_llm_end(self, response: LLMResult, **_: Any) -> None:
        """Add the tokens that a call reports."""
        first = next((one for several in response.generations for one in several), None)
        message = first.message if isinstance(first, ChatGeneration) else None
        usage = getattr(message, "usage_metadata", None) or {}
        used = usage.get("total_tokens")
        with self.lock:
            known = self.tokens is not None and used is not None
            self.tokens = self.tokens + used if known else None  # type: ignore[operator]

    def cost(self) -> Cost:
        """What the work cost."""
        return Cost(
            calls=self.calls,
            cached=self.cached,
            tokens=self.tokens,
            seconds=round(self.seconds, 4),
        )

    async def measure(
        self, work: Callable[[], Awaitable[Result]], *, timeout: float | None = None
    ) -> Result:
        """Do a piece of work with this meter around it; a model call may last ``timeout`` seconds."""
        context = inside(with_handler(ensure_config(), self))
        context.run(current_meter.set, self)
        context.run(models.call_timeout.set, timeout)

        async def working() -> Result:
            return await work()

        started = time.monotonic()
        try:
            return await asyncio.create_task(working(), context=context)
        finally:
            self.seconds += time.monotonic() - started
