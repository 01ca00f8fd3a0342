"""LANCE as middleware of `langchain.agents.create_agent`."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Literal

from langchain.agents.middleware import AgentMiddleware, ModelRequest, ModelResponse
from langchain_core.messages import AIMessage, AnyMessage
from langchain_core.runnables import RunnableConfig, RunnableLambda
from langchain_core.runnables.config import ensure_config

from lance_graph.context import LanceContext
from lance_graph.conversation import answer_text
from lance_graph.quiet import inside
from lance_graph.replay import Replay, replayed
from lance_graph.running import SafeAnswer, aanswer, answer

Handler = Callable[[ModelRequest[Any]], ModelResponse[Any]]
AsyncHandler = Callable[[ModelRequest[Any]], Awaitable[ModelResponse[Any]]]


class LanceMiddleware(AgentMiddleware[Any, Any, Any]):
    """LANCE around every model call of an agent: ``create_agent(model, middleware=[LanceMiddleware()])``.

    Takes the fields of `LanceContext` but the target, which is the agent's own model:
    ``guard_input``, ``guard_tool_results`` and ``guard_answer`` say what is judged. The judged
    message takes the place of the model's in the history; the model's own never gets there. List
    it first, so that other middleware's retries and fall-backs stay inside.

    Where a component fails the agent gives the prepared answer; ``on_degraded="raise"`` raises
    `DegradedError` instead.
    """

    def __init__(
        self, *, on_degraded: Literal["answer", "raise"] = "answer", **options: Any
    ) -> None:
        super().__init__()
        if "target" in options:
            raise ValueError("the target is the agent's own model; leave out target")
        self.context = LanceContext(**options)
        self.on_degraded = on_degraded

    def wrap_model_call(self, request: ModelRequest[Any], handler: Handler) -> ModelResponse[Any]:
        """The model's answer to what may be seen of the conversation, once judged."""
        call = ModelCall(request)
        target = RunnableLambda(partial(call.ask, handler))
        answered = answer(list(request.messages), self._context(target))
        message = self._delivered(answered)
        if call.lost(answered):
            return handler(request.override(model=Replay(message=message)))
        replayed(message).call()
        return call.response(answered)

    async def awrap_model_call(
        self, request: ModelRequest[Any], handler: AsyncHandler
    ) -> ModelResponse[Any]:
        """`wrap_model_call` for async runs."""
        call = ModelCall(request)

        async def ask(messages: list[AnyMessage]) -> AIMessage:
            return await call.aask(handler, messages)

        target = RunnableLambda(_sync_is_missing, ask)
        answered = await aanswer(list(request.messages), self._context(target))
        message = self._delivered(answered)
        if call.lost(answered):
            return await handler(request.override(model=Replay(message=message)))
        await replayed(message).acall()
        return call.response(answered)

    def _context(self, target: RunnableLambda[Any, AIMessage]) -> LanceContext:
        return self.context.model_copy(update={"target": target})

    def _delivered(self, answered: SafeAnswer) -> AIMessage:
        if self.on_degraded == "raise":
            answered.raise_if_degraded()
        return answered.message


class ModelCall:
    """One model call of an agent: what the model gave each time that LANCE asked it."""

    def __init__(self, request: ModelRequest[Any]) -> None:
        self.request = request
        self.config = ensure_config()
        self.responses: list[ModelResponse[Any]] = []

    def ask(self, handler: Handler, messages: list[AnyMessage]) -> AIMessage:
        """The agent's model, and whatever middleware lies between, on other messages."""
        call = partial(handler, self.request.override(messages=messages))
        return self._keep(inside(self._config()).run(call))

    async def aask(self, handler: AsyncHandler, messages: list[AnyMessage]) -> AIMessage:
        """`ask` for async code."""

        async def call() -> ModelResponse[Any]:
            return await handler(self.request.override(messages=messages))

        return self._keep(await asyncio.create_task(call(), context=inside(self._config())))

    def lost(self, answered: SafeAnswer) -> bool:
        """Whether a parsed answer came out of a checkpoint, and so has to be parsed again."""
        parses = self.request.response_format is not None
        return parses and _is_the_models(answered) and not self.responses

    def response(self, answered: SafeAnswer) -> ModelResponse[Any]:
        """The model's response with the judged message in the place of the model's own."""
        message = answered.message
        if not (_is_the_models(answered) and self.responses):
            return ModelResponse(result=[message])
        last = self.responses[-1]
        if answer_text(_message_of(last)) != answer_text(message):  # a reviewer has written it
            return ModelResponse(result=[message])
        rest = [other for other in last.result if not isinstance(other, AIMessage)]
        return ModelResponse(result=[message, *rest], structured_response=last.structured_response)

    def _keep(self, response: ModelResponse[Any]) -> AIMessage:
        self.responses.append(response)
        return _message_of(response)

    def _config(self) -> RunnableConfig:
        """The quiet configuration of LANCE's call, with the agent's own plumbing but its stream.

        Middleware in between may ask for the agent's runtime; nothing of a draft may be streamed.
        """
        plumbing = self.config.get("configurable") or {}
        kept = {key: value for key, value in plumbing.items() if key != "__pregel_stream"}
        return RunnableConfig(**{**ensure_config(), "configurable": kept})


def _message_of(response: ModelResponse[Any]) -> AIMessage:
    for message in response.result:
        if isinstance(message, AIMessage):
            return message
    raise TypeError("the agent's model call gave no assistant message")


def _is_the_models(answered: SafeAnswer) -> bool:
    return answered.verdict["status"] not in ("fell_back", "degraded")


def _sync_is_missing(_: Any) -> AIMessage:
    raise NotImplementedError("this agent runs async")
