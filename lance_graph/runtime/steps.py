"""Nodes that wait for something, written once and run sync or async.

Such a node is a generator: it yields a `Wait` for each thing that takes time and is sent the
result, or has the error thrown in. `node` makes one box of it (docs/decisions/0002).
"""

import traceback
from collections.abc import Awaitable, Callable, Generator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial, wraps
from typing import Any, Generic, Literal, ParamSpec, TypeVar

from langchain_core.runnables import RunnableLambda
from langgraph.runtime import Runtime, get_runtime
from langgraph.types import Command

from lance_graph.context import LanceContext
from lance_graph.runtime.threads import in_thread
from lance_graph.runtime.tracing import span
from lance_graph.state import State

Result = TypeVar("Result")
Parameters = ParamSpec("Parameters")


@dataclass(frozen=True)
class Wait(Generic[Result]):
    """Something that takes time, as a call and as its async twin."""

    call: Callable[[], Result]
    acall: Callable[[], Awaitable[Result]]


Steps = Generator[Wait[Any], Any, Result]
Update = State
"""What a node changes: some of the fields of the state."""
WithoutDraft = Literal["run", "skip", "restart"]
Node = Callable[[State, Runtime[LanceContext]], Steps[Update]]
FIRST = "open_turn"
"""The box that begins a turn."""


def blocking(
    function: Callable[Parameters, Result], *args: Parameters.args, **kwargs: Parameters.kwargs
) -> Wait[Result]:
    """A plain function that computes or loads for long: async code runs it in a thread."""
    call = partial(function, *args, **kwargs)
    return Wait(call, partial(in_thread, call))


def run(steps: Steps[Result]) -> Result:
    """Drive a generator to its end; what it returns."""
    advance: Callable[[], Wait[Any]] = partial(next, steps)
    with closing(steps):
        while True:
            try:
                wait = advance()
            except StopIteration as end:
                result: Result = end.value
                return result
            try:
                advance = partial(steps.send, wait.call())
            except Exception as error:  # noqa: BLE001 - the generator decides what becomes of it
                advance = partial(steps.throw, error)


async def arun(steps: Steps[Result]) -> Result:
    """`run` for async code."""
    advance: Callable[[], Wait[Any]] = partial(next, steps)
    with closing(steps):
        while True:
            try:
                wait = advance()
            except StopIteration as end:
                result: Result = end.value
                return result
            try:
                advance = partial(steps.send, await wait.acall())
            except Exception as error:  # noqa: BLE001 - the generator decides what becomes of it
                advance = partial(steps.throw, error)


def node(
    function: Node,
    fixed: LanceContext | None = None,
    *,
    without_draft: WithoutDraft = "skip",
) -> RunnableLambda[State, Update | Command[str]]:
    """One box with a sync and an async face, named like its function.

    ``fixed`` takes the place of the context that comes with a run. A run that is resumed has no
    draft, for drafts are not stored: a node that works on one is skipped then, and the router
    behind `score_risk` begins the turn anew. ``"restart"`` is for a node whose edge does not lead
    there, ``"run"`` for one that needs no draft.
    """

    def resumed(state: State) -> bool:
        return without_draft != "run" and not state.get("draft")

    name = function.__name__
    anew: Update | Command[str] = Command(goto=FIRST) if without_draft == "restart" else {}

    @wraps(function)
    def call(state: State) -> Update | Command[str]:
        if resumed(state):
            return anew
        try:
            with span(name):
                return run(function(state, runtime_with(fixed)))
        except BaseException as error:
            forget_locals(error)
            raise

    async def acall(state: State) -> Update | Command[str]:
        if resumed(state):
            return anew
        try:
            with span(name):
                return await arun(function(state, runtime_with(fixed)))
        except BaseException as error:
            forget_locals(error)
            raise

    return RunnableLambda(call, acall, name=name)


def forget_locals(error: BaseException | None) -> None:
    """Empty the frames that an error has left behind: their variables may hold drafts.

    Tools that print or send a traceback with its variables would show them.
    """
    seen: set[int] = set()
    errors = [error]
    while errors:
        current = errors.pop()
        if current is None or id(current) in seen:
            continue
        seen.add(id(current))
        traceback.clear_frames(current.__traceback__)
        errors += [current.__cause__, current.__context__]
        if isinstance(current, BaseExceptionGroup):
            errors += current.exceptions


def runtime_with(fixed: LanceContext | None) -> Runtime[LanceContext]:
    """The run's own runtime; ValueError if it brings a context where one is fixed."""
    runtime = get_runtime(LanceContext)
    if fixed is None:
        return runtime
    given = runtime.context
    if isinstance(given, LanceContext) or (
        isinstance(given, Mapping) and given.keys() & LanceContext.model_fields.keys()
    ):
        raise ValueError("this graph's context is fixed; run it without a context of your own")
    return replace(runtime, context=fixed)
