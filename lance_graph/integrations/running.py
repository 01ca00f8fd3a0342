"""How a door runs the graph: on its own, or inside the graph that the door stands in.

A door's run neither streams into the enclosing graph nor writes its checkpoints, but passes its
progress on to the enclosing graph's custom stream. Only where a person may have to review an answer
does it share the enclosing graph's checkpointer, so that the pause outlives the process.
"""

import asyncio
from collections.abc import Callable
from contextvars import copy_context
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, Literal, get_args

from langchain_core.callbacks import BaseCallbackManager
from langchain_core.messages import AIMessage, AnyMessage
from langchain_core.runnables import RunnableConfig
from langchain_core.runnables.config import ensure_config
from langgraph.errors import GraphInterrupt
from langgraph.graph.state import CompiledStateGraph

from lance_graph.context import LanceContext
from lance_graph.conversation.turns import PREPARED
from lance_graph.runtime.failures import ComponentError, Failure, noted
from lance_graph.runtime.langgraph_internals import INTERRUPTED, part_of, without_parts
from lance_graph.runtime.quiet import inside, quiet_config
from lance_graph.runtime.tracing import annotate, workflow
from lance_graph.state import InputState, OutputState, State, Verdict

OnDegraded = Literal["answer", "raise"]
"""Whether a door gives the prepared answer where a component fails, or raises `DegradedError`."""
Lance = CompiledStateGraph[State, LanceContext, InputState, OutputState]
Heard = Callable[[Any], None]
"""What is told of a run's progress while it goes on: the events of `lance_graph.runtime.events`, and
whatever else is written to the custom stream.
"""
STEPS = 1_000  # LANCE's loop bounds itself; the enclosing graph's limit counts its own steps
_NOTHING = RunnableConfig()  # langgraph adds what is around to what it is given, streams and all


class DegradedError(RuntimeError):
    """A component failed, so nothing was judged and nothing is delivered; ``verdict`` says which.

    ``__cause__`` is a `ComponentError` with the type, file, line and frames of the component's own
    error, which itself may quote a draft.
    """

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict["reason"])
        self.verdict = verdict


@dataclass(frozen=True)
class SafeAnswer:
    """What LANCE delivers, and how it came about."""

    message: AIMessage
    verdict: Verdict
    failures: tuple[Failure, ...] = ()
    """The failures that ended the run, if it is degraded."""

    @property
    def text(self) -> str:
        """The answer's text."""
        return self.message.text

    @property
    def is_prepared(self) -> bool:
        """Whether the text was prepared beforehand, for the target's was not to be had or withheld."""
        return self.verdict["status"] in PREPARED

    def __str__(self) -> str:
        return self.text

    def raise_if_degraded(self) -> "SafeAnswer":
        """Itself; `DegradedError` where a component failed."""
        if self.verdict["status"] == "degraded":
            causes = [ComponentError(failure) for failure in self.failures]
            raise DegradedError(self.verdict) from (causes[-1] if causes else None)
        return self


def check_on_degraded(value: object) -> None:
    """ValueError names a value that is none of `OnDegraded`."""
    if value not in get_args(OnDegraded):
        raise ValueError(f"on_degraded is 'answer' or 'raise', not {value!r}")


def answer(
    messages: list[AnyMessage],
    context: LanceContext,
    callbacks: BaseCallbackManager | None = None,
) -> SafeAnswer:
    """One run of the graph on a conversation."""
    config, forward = _surroundings(context, callbacks)

    def run() -> SafeAnswer:
        final: dict[str, Any] = {}
        failures: list[Failure] = []
        noted.set(failures)
        with workflow(mode=context.mode):
            for mode, chunk in _lance().stream(
                InputState(messages=messages),
                config,
                context=context,
                stream_mode=["custom", "values"],
            ):
                if mode == "custom":
                    forward(chunk)
                else:
                    final = chunk  # type: ignore[assignment]
            return _answer_of(final, failures)

    return inside(_NOTHING).run(run)


async def aanswer(
    messages: list[AnyMessage],
    context: LanceContext,
    callbacks: BaseCallbackManager | None = None,
    heard: Heard | None = None,
) -> SafeAnswer:
    """`answer` for async code; ``heard`` is told its progress instead of the enclosing graph's stream."""
    config, around = _surroundings(context, callbacks)
    forward = heard or around

    async def run() -> SafeAnswer:
        final: dict[str, Any] = {}
        failures: list[Failure] = []
        noted.set(failures)
        with workflow(mode=context.mode):
            async for mode, chunk in _lance().astream(
                InputState(messages=messages),
                config,
                context=context,
                stream_mode=["custom", "values"],
            ):
                if mode == "custom":
                    forward(chunk)
                else:
                    final = chunk  # type: ignore[assignment]
            return _answer_of(final, failures)

    return await asyncio.create_task(run(), context=inside(_NOTHING))


def _surroundings(
    context: LanceContext, callbacks: BaseCallbackManager | None
) -> tuple[RunnableConfig, Callable[[Any], None]]:
    """The configuration of a run inside the current one, and where its progress goes."""
    outer = ensure_config()
    configurable = outer.get("configurable") or {}
    runtime = part_of(configurable, "runtime")
    if callbacks is not None:
        outer = RunnableConfig(**{**outer, "callbacks": callbacks})
    config = quiet_config(outer)
    config["recursion_limit"] = STEPS
    config["run_name"] = "lance"
    if context.may_pause and part_of(configurable, "checkpointer"):
        config["configurable"] = without_parts(configurable, "stream")
    if runtime is None:
        return config, _nowhere
    # langgraph's writer looks into the context of its own run
    return config, partial(copy_context().run, runtime.stream_writer)


def _nowhere(_: Any) -> None:
    """Progress that nobody asked for."""


def _answer_of(final: dict[str, Any], failures: list[Failure]) -> SafeAnswer:
    if interrupts := final.get(INTERRUPTED):  # of the target: it pauses what the door stands in
        raise GraphInterrupt(interrupts)
    annotate(status=final["verdict"]["status"], iterations=final["verdict"]["iterations"])
    ended = tuple(failures) if final["verdict"]["status"] == "degraded" else ()
    return SafeAnswer(final["messages"][-1], final["verdict"], ended)


@cache
def _lance() -> Lance:
    from lance_graph.graph import build_graph

    return build_graph().compile(name="lance")
