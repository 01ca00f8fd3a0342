"""What a provider demands back: the target's own messages that called tools, kept in this process.

A thinking model signs its thoughts, and its service refuses the results of its calls without them.
Thoughts are not judged and go to nobody: not into history, checkpoints or streams. The target gets
its own message back, with the ids that it gave; another target gets nothing of it, and a process
that has not seen it has nothing to give.
"""

from collections.abc import Sequence
from typing import Any

from langchain_core.messages import AIMessage, AnyMessage, ToolMessage

from lance_graph.runtime.forking import ForkSafeLock
from lance_graph.state import Withheld

REMEMBERED = 1_024
"""How many messages are kept; the oldest are forgotten."""
MOST_CHARACTERS = 64_000_000
"""How long they may be together, written out; a message that is longer alone is not kept."""
_PLAIN = frozenset(
    ["type", "text", "id", "index", "name", "input", "args", "arguments"]
) | frozenset(["call_id", "caller", "status", "partial_json"])
_SAID = frozenset(["text", "tool_use", "tool_call", "function_call", "input_json_delta"])
_BESIDE = frozenset(["tool_calls", "function_call", "refusal", "parsed"])
_keeping = ForkSafeLock()
_kept: dict[tuple[str, str], "Original"] = {}


class Original(Withheld[AIMessage]):
    """A message as the target gave it: no error, log or repr shows it."""

    __slots__ = ("size",)

    def __init__(self, message: AIMessage) -> None:
        self._hold(message)
        self.size = len(repr(message))

    def message(self) -> AIMessage:
        """The message."""
        return self._content()


def keep(original: AIMessage, delivered: AIMessage, target: str) -> None:
    """Keep what a target said, if it is more than is delivered, under its name and the first new id."""
    calls = delivered.tool_calls
    if not calls or calls[0]["id"] is None or not (_thoughts(original) or _beside(original)):
        return
    kept = Original(original)
    if kept.size > MOST_CHARACTERS:
        return
    with _keeping:
        _kept[target, calls[0]["id"]] = kept
        size = sum(one.size for one in _kept.values())
        while len(_kept) > REMEMBERED or size > MOST_CHARACTERS:
            size -= _kept.pop(next(iter(_kept))).size


def given_back(messages: Sequence[AnyMessage], target: str) -> list[AnyMessage]:
    """The messages for the target of that name, in which its own are as it gave them.

    One that was changed since, as by a person who edits a call, has its thoughts before it.
    """
    ids: dict[str | None, str | None] = {}
    return [_with_own_ids(_as_given(message, target, ids), ids) for message in messages]


def _as_given(message: AnyMessage, target: str, ids: dict[str | None, str | None]) -> AnyMessage:
    if not isinstance(message, AIMessage) or not message.tool_calls:
        return message
    kept = _kept.get((target, message.tool_calls[0]["id"] or ""))
    original = kept.message() if kept else None
    if original is None or len(original.tool_calls) != len(message.tool_calls):
        return message
    pairs = list(zip(message.tool_calls, original.tool_calls, strict=True))
    ids.update({call["id"]: own["id"] for call, own in pairs})
    is_same = message.text == original.text and all(
        (call["name"], call["args"]) == (own["name"], own["args"]) for call, own in pairs
    )
    if is_same:
        return original
    words = [{"type": "text", "text": message.text}] if message.text else []
    return message.model_copy(
        update={
            "content": [*_thoughts(original), *words],
            "additional_kwargs": _beside(original),
            "tool_calls": [{**call, "id": own["id"]} for call, own in pairs],
        }
    )


def _with_own_ids(message: AnyMessage, ids: dict[str | None, str | None]) -> AnyMessage:
    if isinstance(message, ToolMessage) and (own := ids.get(message.tool_call_id)):
        return message.model_copy(update={"tool_call_id": own})
    return message


def _thoughts(message: AIMessage) -> list[Any]:
    """Blocks of a message that are neither its text nor its calls, or say more than these."""
    blocks = message.content if isinstance(message.content, list) else []
    return [
        block
        for block in blocks
        if isinstance(block, dict)
        and (block.get("type") not in _SAID or (block.keys() - _PLAIN and block["type"] != "text"))
    ]


def _beside(message: AIMessage) -> dict[str, Any]:
    """What a message holds beside its content and its calls, such as thoughts or their signatures."""
    more = message.additional_kwargs
    return {name: value for name, value in more.items() if value and name not in _BESIDE}
