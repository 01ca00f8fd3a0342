"""LANCE as middleware of `langchain.agents.create_agent`."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from langchain.agents.middleware import (
    AgentMiddleware,
    AgentState,
    ModelRequest,
    ModelResponse,
    hook_config,
)
from langchain.agents.structured_output import StructuredOutputError
from langchain_core.messages import AIMessage, AnyMessage, ToolMessage
from langchain_core.runnables import RunnableConfig, RunnableLambda
from langchain_core.runnables.config import ensure_config
from typing_extensions import Unpack

from lance_graph.context import OFFLINE, LanceContext
from lance_graph.conversation.turns import answer_text
from lance_graph.integrations.options import LanceOptions, context_of
from lance_graph.integrations.running import (
    OnDegraded,
    SafeAnswer,
    aanswer,
    answer,
    check_on_degraded,
)
from lance_graph.review import written_by_reviewer
from lance_graph.runtime.langgraph_internals import without_parts
from lance_graph.runtime.quiet import inside, quiet_config
from lance_graph.runtime.replay import Replay, replayed

Handler = Callable[[ModelRequest[Any]], ModelResponse[Any]]
AsyncHandler = Callable[[ModelRequest[Any]], Awaitable[ModelResponse[Any]]]


class LanceMiddleware(AgentMiddleware[Any, Any, Any]):
    """LANCE around every model call of an agent: ``create_agent(model, middleware=[LanceMiddleware()])``.

    Takes the fields of `LanceContext` or a ``context``, but the target is the agent's own model:
    ``guard_input``, ``guard_tool_results`` and ``guard_answer`` say what is judged. The judged
    message takes the place of the model's in the history; the model's own never gets there. List
    it first, so that other middleware's retries and fall-backs stay inside. A message's
    ``response_metadata["lance"]`` holds status and verdict.

    Where a component fails the agent gives the prepared answer; ``on_degraded="raise"`` raises
    `DegradedError` instead. Where an agent with a ``response_format`` gets a prepared answer, or a
    reviewer's words that do not fit, it ends without a structured response.
    """

    def __init__(
        self,
        *,
        context: LanceContext | None = None,
        on_degraded: OnDegraded = "answer",
        **options: Unpack[LanceOptions],
    ) -> None:
        super().__init__()
        for name in ("target", "target_options"):
            if options.get(name):
                raise ValueError(f"the target is the agent's own model; leave out {name}")
        check_on_degraded(on_degraded)
        self.context = context_of(context, options)
        if self.context.target != OFFLINE:
            raise ValueError(
                "the target is the agent's own model; leave it out of the context, or read a file "
                "with LanceContext.from_file(…, target='offline')"
            )
        self.on_degraded = on_degraded

    def wrap_model_call(self, request: ModelRequest[Any], handler: Handler) -> ModelResponse[Any]:
        """The model's answer to what may be seen of the conversation, once judged."""
        call = ModelCall(request)
        target = RunnableLambda(partial(call.ask, handler))
        answered = self._checked(answer(list(request.messages), self._context(target)))
        if call.has_to_parse(answered):
            call.parse(handler, answered.message)
        response = call.response(answered)
        replayed(_message_of(response)).call()
        return response

    async def awrap_model_call(
        self, request: ModelRequest[Any], handler: AsyncHandler
    ) -> ModelResponse[Any]:
        """`wrap_model_call` for async runs."""
        call = ModelCall(request)

        async def ask(messages: list[AnyMessage]) -> AIMessage:
            return await call.aask(handler, messages)

        target = RunnableLambda(_sync_is_missing, ask)
        answered = self._checked(await aanswer(list(request.messages), self._context(target)))
        if call.has_to_parse(answered):
            await call.aparse(handler, answered.message)
        response = call.response(answered)
        await replayed(_message_of(response)).acall()
        return response

    @hook_config(can_jump_to=["end"])
    def after_model(self, state: AgentState[Any], runtime: Any) -> dict[str, Any] | None:
        """End the agent at an answer that will never be parsed, where it would ask again for one."""
        last = next((m for m in reversed(state["messages"]) if isinstance(m, AIMessage)), None)
        note = last.response_metadata.get("lance") if last else None
        return {"jump_to": "end"} if note and note.get("unparsed") else None

    @hook_config(can_jump_to=["end"])
    async def aafter_model(self, state: AgentState[Any], runtime: Any) -> dict[str, Any] | None:
        """`after_model` for async runs."""
        return self.after_model(state, runtime)

    def _context(self, target: RunnableLambda[Any, AIMessage]) -> LanceContext:
        return self.context.model_copy(update={"target": target})

    def _checked(self, answered: SafeAnswer) -> SafeAnswer:
        return answered.raise_if_degraded() if self.on_degraded == "raise" else answered


class ModelCall:
    """One model call of an agent: what the model gave each time that LANCE asked it.

    A response that comes after LANCE has asked again is nobody's: its call was given up (`patience`).
    """

    def __init__(self, request: ModelRequest[Any]) -> None:
        self.request = request
        self.config = ensure_config()
        self.responses: list[ModelResponse[Any]] = []
        self._asked = 0

    def ask(self, handler: Handler, messages: list[AnyMessage]) -> AIMessage:
        """The agent's model, and whatever middleware lies between, on other messages."""
        call, number = partial(handler, self.request.override(messages=messages)), self._number()
        return self._keep(inside(self._within(ensure_config())).run(call), number)

    async def aask(self, handler: AsyncHandler, messages: list[AnyMessage]) -> AIMessage:
        """`ask` for async code."""
        call, number = _awaited(handler, self.request.override(messages=messages)), self._number()
        context = inside(self._within(ensure_config()))
        return self._keep(await asyncio.create_task(call, context=context), number)

    def has_to_parse(self, answered: SafeAnswer) -> bool:
        """Whether an answer that is to be parsed was not, for it waited for a reviewer or is theirs."""
        parses = self.request.response_format is not None
        return parses and not answered.is_prepared and not self.responses

    def parse(self, handler: Handler, message: AIMessage) -> None:
        """Have the agent parse ``message`` as if its model had just said it.

        RuntimeError where another model was asked instead.
        """
        call, number = partial(handler, self._saying(message)), self._number()
        try:
            said = self._keep(inside(self._within(quiet_config(self.config))).run(call), number)
        except StructuredOutputError:
            return  # a reviewer's words need not fit the schema
        _check_same(said, message)

    async def aparse(self, handler: AsyncHandler, message: AIMessage) -> None:
        """`parse` for async code."""
        call, number = _awaited(handler, self._saying(message)), self._number()
        context = inside(self._within(quiet_config(self.config)))
        try:
            said = self._keep(await asyncio.create_task(call, context=context), number)
        except StructuredOutputError:
            return  # a reviewer's words need not fit the schema
        _check_same(said, message)

    def response(self, answered: SafeAnswer) -> ModelResponse[Any]:
        """The model's response with the judged message in the place of the model's own."""
        is_prepared = answered.is_prepared
        last = None if is_prepared or not self.responses else self.responses[-1]
        rest = _results_for(answered.message, last) if last else []
        parsed = last.structured_response if last else None
        message = answered.message
        note = message.response_metadata["lance"] | {"verdict": answered.verdict}
        is_final = is_prepared or written_by_reviewer(answered.verdict["trace"])
        if self.request.response_format is not None and parsed is None and is_final:
            note["unparsed"] = True
        update = {
            "name": message.name or (self.config.get("metadata") or {}).get("lc_agent_name"),
            "response_metadata": message.response_metadata | {"lance": note},
        }
        return ModelResponse([message.model_copy(update=update), *rest], parsed)

    def _number(self) -> int:
        self._asked += 1
        return self._asked

    def _keep(self, response: ModelResponse[Any], number: int) -> AIMessage:
        if number == self._asked:
            self.responses.append(response)
        return _message_of(response)

    def _saying(self, message: AIMessage) -> ModelRequest[Any]:
        """The request to a model that says ``message``, and is otherwise like the agent's."""
        return self.request.override(
            model=Replay(message=message, profile=self.request.model.profile)
        )

    def _within(self, config: RunnableConfig) -> RunnableConfig:
        """A quiet ``config`` with the agent's own plumbing, except where that leads outside.

        Middleware in between may ask for the agent's runtime or pause the agent; but a graph that it
        runs on a draft must neither stream nor be stored.
        """
        kept = without_parts(self.config.get("configurable"), "stream", "checkpointer")
        return RunnableConfig(**{**config, "configurable": kept})


async def _awaited(handler: AsyncHandler, request: ModelRequest[Any]) -> ModelResponse[Any]:
    return await handler(request)


def _message_of(response: ModelResponse[Any]) -> AIMessage:
    for message in response.result:
        if isinstance(message, AIMessage):
            return message
    raise TypeError("the agent's model call gave no assistant message")


def _results_for(message: AIMessage, response: ModelResponse[Any]) -> list[AnyMessage]:
    """What came with a model's message, as results of the calls of ``message``: its ids are LANCE's own."""
    new_ids: dict[str | None, list[str | None]] = {}
    for call, new in zip(_message_of(response).tool_calls, message.tool_calls, strict=False):
        new_ids.setdefault(call["id"], []).append(new["id"])
    results: list[Any] = []
    for result in response.result:
        if isinstance(result, ToolMessage) and (ids := new_ids.get(result.tool_call_id)):
            new_id = ids.pop(0) if len(ids) > 1 else ids[0]
            results.append(result.model_copy(update={"tool_call_id": new_id}))
        elif not isinstance(result, AIMessage):
            results.append(result)
    return results


def _check_same(said: AIMessage, approved: AIMessage) -> None:
    if _without_ids(said) != _without_ids(approved):
        raise RuntimeError(
            "another model was asked while an approved answer was parsed: list middleware that "
            "chooses the model before LanceMiddleware, then resume the thread with None"
        )


def _without_ids(message: AIMessage) -> tuple[str, list[tuple[str, dict[str, Any]]]]:
    return answer_text(message), [(call["name"], call["args"]) for call in message.tool_calls]


def _sync_is_missing(_: Any) -> AIMessage:
    raise NotImplementedError("this agent runs async")
