"""A judged answer, said aloud: word by word, on every stream that listens, and nowhere else."""

import asyncio
import json
import re
from collections.abc import Iterator
from contextvars import Context
from typing import Any

from langchain_core.callbacks import BaseCallbackManager
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.tool import tool_call_chunk
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables.config import ensure_config

from lance_graph.runtime.quiet import inside, streams, with_handlers
from lance_graph.runtime.steps import Wait

_PIECE = re.compile(r"\s*\S+|\s+")


def replayed(message: AIMessage) -> Wait[object]:
    """Say ``message`` to the streaming handlers of the current run; callbacks and tracers hear nothing."""
    model = Replay(message=message)

    def call() -> object:
        context = _loud_context()
        return context and context.run(model.invoke, [])

    async def acall() -> object:
        context = _loud_context()
        if context is None:
            return None
        return await asyncio.create_task(model.ainvoke([]), context=context)

    return Wait(call, acall)


def _loud_context() -> Context | None:
    """A context whose callbacks are the streaming handlers alone; None if nobody listens."""
    config = with_handlers(ensure_config(), streams)
    manager = config.get("callbacks")
    handlers = manager.handlers if isinstance(manager, BaseCallbackManager) else manager
    if not handlers:
        return None
    return inside(config)


class Replay(BaseChatModel):
    """A chat model that says one given message."""

    message: AIMessage
    cache: bool = False

    @property
    def _llm_type(self) -> str:
        return "lance"

    def _generate(self, *_: Any, **__: Any) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=self.message)])

    def _stream(
        self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **_: Any
    ) -> Iterator[ChatGenerationChunk]:
        for chunk in chunks_of(self.message):
            generation = ChatGenerationChunk(message=chunk)
            if run_manager:
                run_manager.on_llm_new_token(generation.text, chunk=generation)
            yield generation

    def bind_tools(self, *_: Any, **__: Any) -> "Replay":
        """Itself: what it says is settled."""
        return self


def chunks_of(message: AIMessage) -> Iterator[AIMessageChunk]:
    """``message`` in pieces that add up to it: a word at a time, then everything that is no text."""
    text = message.content if isinstance(message.content, str) else None
    for piece in _PIECE.findall(text or ""):
        yield AIMessageChunk(content=piece, id=message.id)
    yield AIMessageChunk(
        content="" if text is not None else message.content,
        id=message.id,
        name=message.name,
        tool_call_chunks=[
            tool_call_chunk(
                name=call["name"], args=_as_json(call["args"]), id=call["id"], index=index
            )
            for index, call in enumerate([*message.tool_calls, *message.invalid_tool_calls])
        ],
        usage_metadata=message.usage_metadata,
        response_metadata=message.response_metadata,
        chunk_position="last",
    )


def _as_json(arguments: dict[str, Any] | str | None) -> str:
    return arguments if isinstance(arguments, str) else json.dumps(arguments or {})
