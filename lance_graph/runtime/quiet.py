"""Calls whose words must not be heard outside: what is said in them is a draft until it is judged.

Every streaming handler is taken off before such a call (FIELD: no other way was seen to leak
nowhere). Callbacks and tracers that the caller attached keep working, unless they are to be
redacted.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import Context, copy_context
from copy import copy
from dataclasses import dataclass, field, replace
from functools import partial
from threading import Lock
from typing import Any, TypeVar
from uuid import UUID

from langchain_core.callbacks import BaseCallbackHandler, BaseCallbackManager
from langchain_core.messages import AIMessage
from langchain_core.messages.ai import UsageMetadata, add_usage
from langchain_core.outputs import ChatGeneration, LLMResult
from langchain_core.runnables import RunnableConfig
from langchain_core.runnables.config import ensure_config
from langchain_core.tracers.stdout import ConsoleCallbackHandler

from lance_graph.runtime.langgraph_internals import (
    STREAMING_HANDLERS,
    config_variable,
    configure_hooks,
    untraced,
    without_parts,
)
from lance_graph.runtime.steps import Wait
from lance_graph.runtime.threads import in_thread
from lance_graph.runtime.tracing import Span, begin_call, end_call
from lance_graph.runtime.usage import plain_usage
from lance_graph.state import Usage

Answer = TypeVar("Answer")


class TokenCounter(BaseCallbackHandler):
    """Sums the usage that models report, by the names that the caller configured; a call is a span.

    LangChain's `UsageMetadataCallbackHandler` goes by the name in a reply: that is the model's own
    word, which nobody judged, and a reply without one it leaves out. Here a counter counts for one
    ``model``, whatever the reply calls itself; `of` gives one for another that adds to the same sums.
    """

    def __init__(self, total: Usage | None = None, model: str = "lance") -> None:
        self.model = model
        self._total: Usage = dict(total or {})
        self._calls: dict[UUID, Span] = {}
        self._lock = Lock()

    @property
    def total(self) -> Usage | None:
        """The sum of each model so far; None while none reported any."""
        with self._lock:
            return dict(self._total) or None

    def of(self, model: str) -> "TokenCounter":
        """A counter for what ``model`` uses, into the same sums."""
        other = copy(self)
        other.model, other._calls = model, {}
        return other

    def close(self) -> None:
        """End the spans of calls whose end was not told: LangChain tells nobody of one that is cancelled."""
        for run_id in list(self._calls):
            end_call(self._calls.pop(run_id, None), error=asyncio.CancelledError())

    def on_chat_model_start(self, *_: Any, run_id: UUID, **__: Any) -> None:
        """Begin the span of a call."""
        self._calls[run_id] = begin_call(self.model)

    def on_llm_start(self, *_: Any, run_id: UUID, **__: Any) -> None:
        """Begin the span of a call of a model that takes a text."""
        self._calls[run_id] = begin_call(self.model)

    def on_llm_error(self, error: BaseException, *, run_id: UUID, **_: Any) -> None:
        """End the span of a call that failed."""
        end_call(self._calls.pop(run_id, None), error=error)

    def on_llm_end(self, response: LLMResult, *, run_id: UUID | None = None, **_: Any) -> None:
        """Add what one call used, and end its span."""
        used = self._add(response)
        if run_id is not None:
            end_call(self._calls.pop(run_id, None), used)

    def _add(self, response: LLMResult) -> UsageMetadata | None:
        used = None
        for generations in response.generations:
            first = generations[0] if generations else None
            message = first.message if isinstance(first, ChatGeneration) else None
            if isinstance(message, AIMessage) and message.usage_metadata:
                used = plain_usage(message.usage_metadata)
                with self._lock:
                    self._total[self.model] = add_usage(self._total.get(self.model), used)
        return used


class MuteConsole(ConsoleCallbackHandler):
    """Prints nothing; where it is, `langchain_core.globals.set_debug` adds no handler that prints."""

    def __init__(self) -> None:
        super().__init__()
        self.function_callback = _say_nothing


def _say_nothing(_: str) -> None:
    pass


@dataclass(frozen=True)
class Quiet:
    """How inner calls are made: counted, never streamed, with the caller's callbacks or without."""

    redact_callbacks: bool = False
    counter: TokenCounter = field(default_factory=TokenCounter)

    def of(self, model: str) -> "Quiet":
        """The same for calls of one model, which are counted under this name."""
        return replace(self, counter=self.counter.of(model))

    def wait(
        self,
        call: Callable[[], Answer],
        acall: Callable[[], Awaitable[Answer]] | None = None,
    ) -> Wait[Answer]:
        """Both faces of one inner call; without an async one it runs in a thread."""

        def quiet() -> Answer:
            with self._counted() as context:
                return context.run(call)

        async def aquiet() -> Answer:
            with self._counted() as context:
                if acall is None:
                    return await in_thread(partial(context.run, call))
                found = await asyncio.create_task(outcome(acall), context=context)
                return found()

        return Wait(quiet, aquiet)

    @contextmanager
    def _counted(self) -> Iterator[Context]:
        """The context of one call; however that ends, its spans have ended then."""
        counter = self.counter.of(self.counter.model)
        try:
            yield self._context(counter)
        finally:
            counter.close()

    def _context(self, counter: TokenCounter) -> Context:
        """A copy of the current context in which runnables neither stream nor know their graph."""
        config = quiet_config(ensure_config(), keep_callbacks=not self.redact_callbacks)
        config = with_handler(config, counter)
        if not self.redact_callbacks:
            return inside(config)
        config = with_handler(config, MuteConsole())
        with untraced():
            context = inside(config)
        for hook, *_ in configure_hooks:  # handlers that lie in context variables
            context.run(hook.set, None)
        return context


def inside(config: RunnableConfig) -> Context:
    """A copy of the current context in which runnables find ``config`` around them."""
    context = copy_context()
    context.run(config_variable.set, config)
    return context


def quiet_config(config: RunnableConfig, *, keep_callbacks: bool = True) -> RunnableConfig:
    """``config`` without streaming handlers, and without the enclosing graph's own plumbing."""
    quiet = with_handlers(config, lambda handler: keep_callbacks and not streams(handler))
    quiet["configurable"] = without_parts(config.get("configurable"))
    return quiet


def streams(handler: object) -> bool:
    """Whether a callback handler passes on what a model says while it is said."""
    return isinstance(handler, STREAMING_HANDLERS)


def with_handlers(config: RunnableConfig, keep: Callable[[object], bool]) -> RunnableConfig:
    """``config`` with only those callback handlers that ``keep`` accepts."""
    kept = RunnableConfig(**config)
    manager = config.get("callbacks")
    if isinstance(manager, BaseCallbackManager):
        manager = manager.copy()
        for handler in [*manager.handlers, *manager.inheritable_handlers]:
            if not keep(handler):
                manager.remove_handler(handler)
        kept["callbacks"] = manager
    elif manager:
        kept["callbacks"] = [handler for handler in manager if keep(handler)]
    return kept


def with_handler(config: RunnableConfig, handler: BaseCallbackHandler) -> RunnableConfig:
    """``config`` with one more callback handler, for it and whatever it starts."""
    manager = config.get("callbacks")
    if isinstance(manager, BaseCallbackManager):
        manager = manager.copy()
        manager.add_handler(handler, inherit=True)
        return RunnableConfig(**{**config, "callbacks": manager})
    return RunnableConfig(**{**config, "callbacks": [*(manager or ()), handler]})


async def outcome(call: Callable[[], Awaitable[Answer]]) -> Callable[[], Answer]:
    """What came of a call, given or raised when asked for.

    A task that ended with the answer or the error itself would show it in asyncio's debug log.
    """
    try:
        answer = await call()
    except Exception as error:  # noqa: BLE001 - raised where it is asked for
        failure = error
    else:
        return lambda: answer

    def fail() -> Answer:
        raise failure

    return fail
