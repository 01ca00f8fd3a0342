"""Structured output behind LANCE: the target parses, LANCE judges the message that was parsed."""

from collections.abc import Callable
from typing import Any

from langchain_core.messages import AIMessage
from langchain_core.runnables import Runnable, RunnableConfig, RunnableLambda


class WithheldOutputError(ValueError):
    """LANCE delivered another answer than the target's, so there is no structured output.

    ``message`` is what was delivered.
    """

    def __init__(self, message: AIMessage) -> None:
        status = message.response_metadata["lance"]["status"]
        super().__init__(f"no structured output: the answer was withheld (status {status!r})")
        self.message = message


def structured(
    behind_lance: Callable[[Runnable[Any, Any]], Runnable[Any, AIMessage]],
    inner: Runnable[Any, dict[str, Any]],
    *,
    include_raw: bool,
) -> Runnable[Any, Any]:
    """A runnable from messages to parsed output.

    ``inner`` is a model's structured output with ``include_raw=True``; ``behind_lance`` puts a
    target behind LANCE.
    """

    def guarded() -> tuple[Runnable[Any, AIMessage], list[dict[str, Any]]]:
        parsed: list[dict[str, Any]] = []

        def call(messages: Any) -> AIMessage:
            parsed.append(inner.invoke(messages))
            return _raw(parsed[-1])

        async def acall(messages: Any) -> AIMessage:
            parsed.append(await inner.ainvoke(messages))
            return _raw(parsed[-1])

        return behind_lance(RunnableLambda(call, acall)), parsed

    def finish(message: AIMessage, parsed: list[dict[str, Any]]) -> Any:
        # the newest answer is the one that was judged last, and only that is ever delivered
        withheld = message.response_metadata["lance"]["status"] in ("fell_back", "degraded")
        output: dict[str, Any] = {"raw": message, "parsed": None, "parsing_error": None}
        if withheld or not parsed:
            output["parsing_error"] = WithheldOutputError(message)
        else:
            output |= {key: parsed[-1][key] for key in ("parsed", "parsing_error")}
        if include_raw:
            return output
        if output["parsing_error"] is not None:
            raise output["parsing_error"]
        return output["parsed"]

    def run(messages: Any, config: RunnableConfig) -> Any:
        model, parsed = guarded()
        return finish(model.invoke(messages, config), parsed)

    async def arun(messages: Any, config: RunnableConfig) -> Any:
        model, parsed = guarded()
        return finish(await model.ainvoke(messages, config), parsed)

    return RunnableLambda(run, arun, name="structured_output")


def _raw(output: dict[str, Any]) -> AIMessage:
    raw = output["raw"]
    if not isinstance(raw, AIMessage):
        raise TypeError(f"structured output gave a {type(raw).__name__} as its raw message")
    return raw
