"""A conversation with the graph: every turn with those before it, and its progress as it comes."""

import asyncio
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self, cast

from langchain_core.messages import AnyMessage, HumanMessage

from lance_graph.context import LanceContext
from lance_graph.graph import build_graph
from lance_graph.state import InputState, Verdict

Heard = Callable[[Mapping[str, Any]], None]
"""What is told of each event of `lance_graph.runtime.events`."""


class Conversation:
    """Messages as typed and answers as delivered; a turn that was stopped leaves nothing behind.

    All turns run on one event loop, for a model's client may keep to one; to be used as a context manager.
    """

    def __init__(self, context: LanceContext) -> None:
        self.context = context
        self.messages: list[AnyMessage] = []
        self.verdict: Verdict | None = None
        """The newest turn's; None before the first one."""
        self._graph = build_graph().compile(name="lance")
        self._runner = asyncio.Runner()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._runner.close()

    def ask(self, prompt: str, heard: Heard) -> str:
        """The answer to ``prompt``; KeyboardInterrupt, and nothing kept, where Ctrl-C comes first."""
        result = self._runner.run(self._run(prompt, heard))
        self.messages, self.verdict = result["messages"], result["verdict"]
        return str(self.messages[-1].text)

    def forget(self) -> None:
        """Begin anew."""
        self.messages, self.verdict = [], None

    async def _run(self, prompt: str, heard: Heard) -> dict[str, Any]:
        given: InputState = {"messages": [*self.messages, HumanMessage(prompt)]}
        result: dict[str, Any] = {}
        stream = self._graph.astream(given, context=self.context, stream_mode=["custom", "values"])
        async for event in stream:
            mode, part = cast(tuple[str, Any], event)  # as with several modes it always is
            if mode == "values":
                result = part
            elif isinstance(part, Mapping) and "lance" in part:
                heard(part)
        return result
