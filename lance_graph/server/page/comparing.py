"""What the same target says without LANCE's repair: as it is, or told to be safe by a system prompt.

Both are runs of the same graph in which nothing is rewritten and nothing asked again: the prompt goes to the
target as it came, and its answer is judged beside it. What is hazardous is withheld here, too.
"""

from collections.abc import Sequence
from importlib.resources import files
from typing import Any, Literal

from lance_graph.context import OFFLINE, LanceContext
from lance_graph.models import only_says
from lance_graph.server.errors import ApiError
from lance_graph.server.messages import Instructions
from lance_graph.server.requests import MOST_MESSAGES
from lance_graph.server.service import Service

Method = Literal["lance", "vanilla", "sys_prompt"]
_UNREPAIRED: dict[str, Any] = {
    "mode": "enforce",
    "screening": "pair",
    "guard_answer": True,
    "guard_tool_results": False,
    "guard_system": False,
    "max_iterations": 0,
    "ask_again": False,
    "notice": False,
}


def may_compare(service: Service, context: LanceContext) -> bool:
    """Whether whoever asks may send the target a prompt that nobody has judged.

    That is so where there are no keys, so that it is the operator's own machine, a target to compare that
    only speaks, for what an agent does is not withheld with its answer, and where LANCE's own answers are
    judged, too.
    """
    judges = context.mode == "enforce" and context.guard_answer
    speaks = context.target != OFFLINE and only_says(context.target)
    return judges and not service.gate.keys and speaks


def compared(
    method: Method, context: LanceContext, messages: Sequence[Any], service: Service
) -> tuple[LanceContext, list[Any]]:
    """The context and the messages of a run by ``method``; `ApiError` 400 where that is not to be had."""
    if method == "lance":
        return context, list(messages)
    if not may_compare(service, context):
        said = (
            "side by side needs a server without keys, a chat model as target, and a context that "
            "judges answers"
        )
        raise ApiError(400, said, code="unsupported_parameter", param="method")
    told = [Instructions(role="system", content=safety())] if method == "sys_prompt" else []
    if len(told) + len(messages) > MOST_MESSAGES:
        said = f"messages: with the system prompt before them there are more than {MOST_MESSAGES:,}"
        raise ApiError(400, said, code="invalid_value", param="messages")
    return context.model_copy(update=_UNREPAIRED), [*told, *messages]


def safety() -> str:
    """The system prompt that the paper's SysPrompt stands for, as `lance-graph evaluate` has it."""
    text = (files(__package__) / "safety.md").read_text(encoding="utf-8")
    return text.strip()
