"""The conversation: which words are repaired, and what the target gets to see."""

from collections.abc import Sequence
from typing import Any

from langchain_core.messages import AnyMessage, HumanMessage


def user_text(messages: Sequence[AnyMessage]) -> str:
    """Text of the last human turn, which is what gets repaired; ValueError if there is none."""
    for message in reversed(messages):
        if isinstance(message, HumanMessage):
            if message.text.strip():
                return message.text
            raise ValueError("the last human message has no text; LANCE needs a prompt to work on")
    raise ValueError(
        "the input has no human message; pass {'messages': [('user', 'your prompt')]} or the like"
    )


def with_prompt(messages: Sequence[AnyMessage], prompt: str) -> list[AnyMessage]:
    """The conversation up to the last human turn, which holds ``prompt`` instead of its own text.

    Parts of that turn that are no text (images, files) stay in place.
    """
    last = max(i for i, message in enumerate(messages) if isinstance(message, HumanMessage))
    typed = messages[last]
    if prompt == typed.text:
        return list(messages[: last + 1])
    content: Any = prompt
    if not isinstance(typed.content, str):
        rest = [b for b in typed.content if isinstance(b, dict) and b.get("type") != "text"]
        content = [{"type": "text", "text": prompt}, *rest]
    return [*messages[:last], HumanMessage(content)]
