"""The conversation: which words are repaired, and what the target gets to see."""

from collections.abc import Sequence

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage


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
    """What the target sees: the conversation up to the last human turn, which holds ``prompt``.

    Parts of that turn that are no text (images, files) stay in place. Earlier turns of LANCE's own
    keep what was judged: a rewritten turn shows its rewritten prompt, and a turn that ended in a
    fall-back is left out with its answer.
    """
    last = max(i for i, message in enumerate(messages) if isinstance(message, HumanMessage))
    return [*_earlier(messages[:last]), _worded(messages[last], prompt)]


def _earlier(messages: Sequence[AnyMessage]) -> list[AnyMessage]:
    kept: list[AnyMessage] = []
    for message in messages:
        note = message.response_metadata.get("lance") if isinstance(message, AIMessage) else None
        asked = max((i for i, m in enumerate(kept) if isinstance(m, HumanMessage)), default=None)
        if not note or asked is None:
            kept.append(message)
        elif note.get("status") in ("fell_back", "degraded"):
            del kept[asked]
        else:
            if note.get("refined_prompt"):
                kept[asked] = _worded(kept[asked], note["refined_prompt"])
            kept.append(message)
    return kept


def _worded(message: AnyMessage, prompt: str) -> AnyMessage:
    """The human message with other words, or itself where they are the same."""
    if prompt == message.text:
        return message
    if isinstance(message.content, str):
        return HumanMessage(prompt)
    rest = [b for b in message.content if isinstance(b, dict) and b.get("type") != "text"]
    return HumanMessage([{"type": "text", "text": prompt}, *rest])
