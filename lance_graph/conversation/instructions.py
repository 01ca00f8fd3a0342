"""What LANCE tells a target beside the conversation."""

from collections.abc import Sequence

from langchain_core.messages import AnyMessage, SystemMessage


def instructed(messages: Sequence[AnyMessage], told: str) -> list[AnyMessage]:
    """``messages`` with ``told`` at the end of the first system message, or in one of its own in front.

    Many providers take one system message only.
    """
    system = next((one for one in messages if isinstance(one, SystemMessage)), None)
    if system is None:
        return [SystemMessage(told), *messages]
    said = system.content
    content = (
        [*said, {"type": "text", "text": told}] if isinstance(said, list) else f"{said}\n\n{told}"
    )
    more = system.model_copy(update={"content": content})
    return [more if message is system else message for message in messages]
