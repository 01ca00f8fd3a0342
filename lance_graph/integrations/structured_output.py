"""Structured output behind LANCE: the target parses, LANCE judges the message that was parsed."""

from collections.abc import Callable
from typing import Any

from langchain_core.messages import AIMessage
from langchain_core.output_parsers import JsonOutputParser, PydanticOutputParser
from langchain_core.runnables import Runnable, RunnableConfig, RunnableLambda
from langchain_core.utils.pydantic import is_basemodel_subclass

from lance_graph.conversation.turns import PREPARED, answer_text
from lance_graph.runtime.replay import Replay

Output = dict[str, Any]
"""The keys ``raw``, ``parsed`` and ``parsing_error``, as in `with_structured_output`."""


class WithheldOutputError(ValueError):
    """LANCE withheld what had to be structured output or a tool call.

    ``message`` is what it would have said instead.
    """

    def __init__(self, message: AIMessage) -> None:
        status = message.response_metadata["lance"]["status"]
        super().__init__(
            f"no structured output, no tool call: LANCE withheld it (status {status!r})"
        )
        self.message = message


def structured(
    behind_lance: Callable[[Runnable[Any, Any]], Runnable[Any, AIMessage]],
    inner: Runnable[Any, Output],
    schema: Any,
    *,
    include_raw: bool,
) -> Runnable[Any, Any]:
    """A runnable from messages to parsed output.

    ``inner`` is a model's structured output with ``include_raw=True``; ``behind_lance`` puts a
    target behind LANCE.
    """

    def guarded() -> tuple[Runnable[Any, AIMessage], Newest]:
        parsed = Newest()

        def call(messages: Any) -> AIMessage:
            return parsed.keep(inner.invoke(messages))

        async def acall(messages: Any) -> AIMessage:
            return parsed.keep(await inner.ainvoke(messages))

        return behind_lance(RunnableLambda(call, acall)), parsed

    def finish(message: AIMessage, newest: Newest) -> Any:
        output = output_of(message, newest, schema)
        if include_raw:
            return output
        if output["parsing_error"] is not None:
            raise output["parsing_error"]
        return output["parsed"]

    def run(messages: Any, config: RunnableConfig) -> Any:
        model, newest = guarded()
        return finish(model.invoke(messages, config), newest)

    async def arun(messages: Any, config: RunnableConfig) -> Any:
        model, newest = guarded()
        return finish(await model.ainvoke(messages, config), newest)

    return RunnableLambda(run, arun, name="structured_output")


class Newest:
    """The newest of what the target gave; its repr says nothing of it, for it may be a draft."""

    __slots__ = ("_output",)

    def __init__(self) -> None:
        self._output: Output | None = None

    def keep(self, output: Output) -> AIMessage:
        """Remember ``output``; its raw message."""
        self._output = output
        return _raw(output)

    def output(self) -> Output | None:
        """What was kept; None where the target was not asked."""
        return self._output


def output_of(message: AIMessage, newest: Newest, schema: Any) -> Output:
    """What was parsed of the message that is delivered."""
    if message.response_metadata["lance"]["status"] in PREPARED:
        return {"raw": message, "parsed": None, "parsing_error": WithheldOutputError(message)}
    # the newest answer is the one that was judged last, and only that is ever delivered
    given = newest.output()
    if given and answer_text(_raw(given)) == answer_text(message):
        return {**given, "raw": message}
    return {**parse(message, schema), "raw": message}  # a reviewer let it pass, or wrote it


def parse(message: AIMessage, schema: Any) -> Output:
    """The message's tool call or JSON text as the schema wants it."""
    if message.tool_calls:
        again: Any = Replay(message=message).with_structured_output(schema, include_raw=True)
        output: Output = again.invoke("")
        return output
    is_class = isinstance(schema, type) and is_basemodel_subclass(schema)
    parser: Any = PydanticOutputParser(pydantic_object=schema) if is_class else JsonOutputParser()
    try:
        return {"parsed": parser.invoke(message), "parsing_error": None}
    except ValueError as error:  # OutputParserException, ValidationError
        return {"parsed": None, "parsing_error": error}


def _raw(output: Output) -> AIMessage:
    raw = output["raw"]
    if not isinstance(raw, AIMessage):
        raise TypeError(f"structured output gave a {type(raw).__name__} as its raw message")
    return raw
