"""A judged answer in the protocol's form: whole, or in chunks."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from langchain_core.messages import AIMessage
from langchain_core.messages.ai import UsageMetadata

from lance_graph.integrations.running import SafeAnswer
from lance_graph.runtime.replay import chunks_of

CUT = frozenset({"length", "max_tokens", "max_output_tokens", "model_length"})
"""What providers call an answer that ended at its limit."""
FILTERED = "content_filter"
PIECE = 48
"""Characters of an answer in a chunk: it was judged as a whole, so that small ones would only cost."""


@dataclass(frozen=True)
class Completion:
    """What is said of one answer: under which id and name, with which field ``lance``."""

    answered: SafeAnswer
    model: str
    lance: Mapping[str, Any]
    id: str = field(default_factory=lambda: f"chatcmpl-{uuid4().hex}")
    created: int = field(default_factory=lambda: int(time.time()))

    def whole(self) -> dict[str, Any]:
        """``chat.completion``."""
        message = self.answered.message
        said: dict[str, Any] = {"role": "assistant", "content": str(message.text), "refusal": None}
        if calls := _calls(message):
            said = {**said, "content": said["content"] or None, "tool_calls": calls}
        choice = {
            "index": 0,
            "message": said,
            "logprobs": _logprobs(message),
            "finish_reason": self._ending,
        }
        usage = usage_of(message.usage_metadata)
        return {
            **self._head("chat.completion"),
            "choices": [choice],
            "usage": usage,
            "lance": self.lance,
        }

    def chunks(self, *, with_usage: bool) -> Iterator[dict[str, Any]]:
        """``chat.completion.chunk``s that add up to the answer.

        The one that says how it ended has the field ``lance``; behind it, if asked for, that with the usage.
        """
        usage = {"usage": None} if with_usage else {}
        message, text = self.answered.message, str(self.answered.text)
        yield {**self._chunk({"role": "assistant", "content": ""}), **usage}
        for start in range(0, len(text), PIECE):
            yield {**self._chunk({"content": text[start : start + PIECE]}), **usage}
        for place, call in enumerate(_calls(message)):
            yield {**self._chunk({"tool_calls": [{"index": place, **call}]}), **usage}
        last = self._chunk({}, self._ending, _logprobs(message))
        yield {**last, **usage, "lance": self.lance}
        if with_usage:
            spent = usage_of(message.usage_metadata)
            yield {**self._head("chat.completion.chunk"), "choices": [], "usage": spent}

    def _head(self, kind: str) -> dict[str, Any]:
        return {"id": self.id, "object": kind, "created": self.created, "model": self.model}

    def _chunk(
        self, delta: Mapping[str, Any], ending: str | None = None, logprobs: Any = None
    ) -> dict[str, Any]:
        choice = {"index": 0, "delta": delta, "logprobs": logprobs, "finish_reason": ending}
        return {**self._head("chat.completion.chunk"), "choices": [choice]}

    @property
    def _ending(self) -> str:
        """``content_filter`` where the words are prepared ones, for the target's were not to be had."""
        message = self.answered.message
        if self.answered.is_prepared:
            return FILTERED
        if message.tool_calls or message.invalid_tool_calls:
            return "tool_calls"
        metadata = message.response_metadata
        ended = metadata.get("finish_reason") or metadata.get("stop_reason") or "stop"
        return "length" if str(ended).casefold() in CUT else "stop"


def usage_of(usage: UsageMetadata | None) -> dict[str, Any] | None:
    """Tokens of all calls that a request led to, in the protocol's names; None where no model told any."""
    if usage is None:
        return None
    return {
        "prompt_tokens": usage["input_tokens"],
        "completion_tokens": usage["output_tokens"],
        "total_tokens": usage["total_tokens"],
    }


def _calls(message: AIMessage) -> list[dict[str, Any]]:
    """Calls of tools, those among them whose arguments are no object."""
    *_, last = chunks_of(message.model_copy(update={"content": ""}))
    return [
        {
            "id": call["id"],
            "type": "function",
            "function": {"name": call["name"], "arguments": call["args"]},
        }
        for call in last.tool_call_chunks
    ]


def _logprobs(message: AIMessage) -> dict[str, Any] | None:
    found = message.response_metadata.get("logprobs")
    return {**found, "refusal": None} if isinstance(found, Mapping) else None
