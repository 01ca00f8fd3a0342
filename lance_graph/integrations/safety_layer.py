"""LANCE as a plain callable: text in, text and verdict out."""

import inspect
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, convert_to_messages
from langchain_core.runnables import Runnable, RunnableLambda
from typing_extensions import Unpack

from lance_graph.context import LanceContext
from lance_graph.conversation.turns import user_text
from lance_graph.integrations.options import LanceOptions, context_of
from lance_graph.integrations.running import (
    OnDegraded,
    SafeAnswer,
    aanswer,
    answer,
    check_on_degraded,
)
from lance_graph.integrations.warming import warm_up

Conversation = str | Sequence[Any]
Ask = Callable[[str], str] | Callable[[str], Awaitable[str]]


class SafetyLayer:
    """A model behind LANCE: ``SafetyLayer(target)("text")``, ``await layer.acall("text")``.

    ``target`` is 'offline', a 'provider:model' string, a chat model, or a plain function, sync or
    async, from a prompt to an answer (which then sees no earlier turns). ``options`` are fields of
    `LanceContext`, or there is a ``context``, whose target a ``target`` replaces. Safe to share between
    threads and event loops; nothing is kept between calls. ValueError if an option is wrong, or asks
    for a person's review, which takes a graph with a checkpointer.

    Where a component fails the prepared answer is given; ``on_degraded="raise"`` raises
    `DegradedError` instead.
    """

    def __init__(
        self,
        target: "str | Runnable[Any, Any] | Ask | None" = None,
        *,
        context: LanceContext | None = None,
        on_degraded: OnDegraded = "answer",
        **options: Unpack[LanceOptions],
    ) -> None:
        check_on_degraded(on_degraded)
        self.on_degraded = on_degraded
        if not isinstance(target, str | Runnable) and callable(target):
            target = _as_model(target)
        if context is None and target is not None:
            options = {**options, "target": target}  # type: ignore[typeddict-unknown-key]
        self.context = context_of(context, options)
        if context is not None and target is not None:
            changed = {"target": target, "target_options": None}
            self.context = LanceContext(**{**dict(self.context), **changed})
        if self.context.may_pause:
            raise ValueError(
                f"{self.context.pausing} pauses a run, and a plain call cannot be resumed: "
                "use build_graph().compile(checkpointer=…), or LanceMiddleware in an agent"
            )

    def __call__(self, conversation: Conversation) -> SafeAnswer:
        """The safe answer to a text, or to the last human turn of a list of messages."""
        return self._checked(answer(_messages(conversation), self.context))

    async def acall(self, conversation: Conversation) -> SafeAnswer:
        """`__call__` for async code."""
        return self._checked(await aanswer(_messages(conversation), self.context))

    def warm_up(self) -> None:
        """Load models and detectors now, and use what runs on this machine, so that the first call is quick.

        The target is not asked. `DegradedError` or `ModelError` where a component is not to be had.
        """
        warm_up(self.context)

    def _checked(self, answered: SafeAnswer) -> SafeAnswer:
        return answered.raise_if_degraded() if self.on_degraded == "raise" else answered


def _messages(conversation: Conversation) -> list[AnyMessage]:
    if isinstance(conversation, str):
        return [HumanMessage(conversation)]
    return list(convert_to_messages(conversation))  # type: ignore[arg-type]


def _as_model(function: Ask) -> Runnable[Any, AIMessage]:
    """A plain function as something that takes messages."""

    def call(messages: Sequence[AnyMessage]) -> AIMessage:
        return AIMessage(_text(function(user_text(messages))))

    async def acall(messages: Sequence[AnyMessage]) -> AIMessage:
        said = function(user_text(messages))
        return AIMessage(_text(await said if inspect.isawaitable(said) else said))

    if inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(
        getattr(function, "__call__", None)  # noqa: B004 - an object whose call is async
    ):
        return RunnableLambda(acall)
    return RunnableLambda(call)


def _text(said: Any) -> str:
    if not isinstance(said, str):
        raise TypeError(f"the target function gave a {type(said).__name__}, not a text")
    return said
