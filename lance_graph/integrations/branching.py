"""A chat model that asks others: where its run stands in the caller's callbacks, theirs stand below.

langchain-core expects a chat model's run to be a leaf: it passes the run to `_generate`, but not
always to `_stream`, and puts it into no context.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, closing
from contextvars import Context
from typing import Any, TypeVar
from uuid import UUID

from langchain_core.callbacks import (
    AsyncCallbackManager,
    AsyncCallbackManagerForLLMRun,
    BaseCallbackHandler,
    BaseCallbackManager,
    BaseRunManager,
    CallbackManager,
    CallbackManagerForLLMRun,
)
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatResult
from langchain_core.runnables import RunnableConfig
from langchain_core.runnables.config import ensure_config

from lance_graph.runtime.quiet import TokenCounter, inside, with_handler

Manager = TypeVar("Manager", bound=BaseCallbackManager)


class BranchingChatModel(BaseChatModel):
    """A chat model whose `_generate` and `_stream` find its own run around them.

    All that it asks for has to be there before its first chunk.
    """

    def stream(
        self,
        input: LanguageModelInput,
        config: RunnableConfig | None = None,
        *,
        stop: list[str] | None = None,
        **kwargs: Any,
    ) -> Iterator[AIMessageChunk]:
        """`BaseChatModel.stream`, in which the first chunk is made below the run that it starts."""
        config = ensure_config(config)
        run, inner = adopting(config, CallbackManager.configure(config.get("callbacks")))
        said: Any = super().stream(input, run, stop=stop, **kwargs)
        with closing(said) as chunks:
            first = inside(inner).run(next, chunks, None)  # all happens before the first chunk
            if first is not None:
                yield first
                yield from chunks

    async def astream(
        self,
        input: LanguageModelInput,
        config: RunnableConfig | None = None,
        *,
        stop: list[str] | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[AIMessageChunk]:
        """`stream` for async code."""
        config = ensure_config(config)
        run, inner = adopting(config, AsyncCallbackManager.configure(config.get("callbacks")))
        said: Any = super().astream(input, run, stop=stop, **kwargs)

        async def begin() -> AIMessageChunk | None:
            return await anext(said, None)

        async with aclosing(said) as chunks:
            first = await asyncio.create_task(begin(), context=inside(inner))
            if first is not None:
                yield first
                async for chunk in chunks:
                    yield chunk

    def _generate_with_cache(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        # the one place through which every invoke goes that knows its run: not all of `_stream` do
        around = _around(of_run(CallbackManager, run_manager) if run_manager else None)
        call = super()._generate_with_cache
        return around.run(lambda: call(messages, stop=stop, run_manager=run_manager, **kwargs))

    async def _agenerate_with_cache(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        around = _around(of_run(AsyncCallbackManager, run_manager) if run_manager else None)
        call = super()._agenerate_with_cache(messages, stop=stop, run_manager=run_manager, **kwargs)
        return await asyncio.create_task(call, context=around)


def of_run(kind: type[Manager], run: BaseRunManager) -> Manager:
    """Callbacks for what happens inside a run."""
    return _below(
        kind(
            handlers=list(run.inheritable_handlers),
            inheritable_handlers=list(run.inheritable_handlers),
            parent_run_id=run.run_id,
            tags=list(run.inheritable_tags),
            inheritable_tags=list(run.inheritable_tags),
            metadata=dict(run.inheritable_metadata),
            inheritable_metadata=dict(run.inheritable_metadata),
        )
    )


def adopting(config: RunnableConfig, manager: Manager) -> tuple[RunnableConfig, RunnableConfig]:
    """``config`` for a run that is about to start under ``manager``, and one for what it starts.

    For runs that langchain-core starts without telling: the second knows its parent once the run
    with the first has begun.
    """
    below = _below(manager.copy())
    below.set_handlers(list(below.inheritable_handlers))
    run = with_handler(RunnableConfig(**{**config, "callbacks": manager}), _Adoption(below))
    inner = RunnableConfig(**{**config, "callbacks": below})
    inner.pop("run_id", None)
    inner.pop("run_name", None)
    return run, inner


def _below(manager: Manager) -> Manager:
    """Without LANCE's own counters: they hear the sum with the end of the model's run."""
    for handler in list(manager.inheritable_handlers):
        if isinstance(handler, TokenCounter):
            manager.remove_handler(handler)
    return manager


def _around(callbacks: CallbackManager | AsyncCallbackManager | None) -> Context:
    config = ensure_config()
    return inside(RunnableConfig(**{**config, "callbacks": callbacks}) if callbacks else config)


class _Adoption(BaseCallbackHandler):
    """Makes the first chat model's run that it hears of the parent of what ``below`` will manage."""

    run_inline = True

    def __init__(self, below: BaseCallbackManager) -> None:
        self.below: BaseCallbackManager | None = below

    def on_chat_model_start(self, *_: Any, run_id: UUID, **__: Any) -> None:
        """Note the parent, once."""
        if self.below is not None:
            self.below.parent_run_id, self.below = run_id, None
