"""The notice before an answer: how the question was understood. It is LANCE's word, not the target's.

A judged answer gets it where it is delivered, and loses it where the conversation comes back: neither
the target nor the detector takes it for something that the assistant said. What was taken away is
shown to nobody, so a client that makes up a notice hides nothing with it.
"""

import json
import re
from collections.abc import Sequence

from langchain_core.messages import AIMessage, AnyMessage

LONGEST = 600
"""Characters of the longest question that is quoted whole; of a longer one the beginning is."""
_BREAK = "\n\n"
_MARKS = str.maketrans({"<": "‹", ">": "›", "`": "'", "“": '"', "”": '"'})
_LINK = re.compile(r"\](?=[(\[])")


def quotable(question: str) -> str:
    """``question`` on one line, as plain text: no mark-up in it opens a tag, a link or an image."""
    line = _LINK.sub("] ", " ".join(question.split()).translate(_MARKS))
    if len(line) <= LONGEST:
        return line
    return line[:LONGEST].rsplit(" ", 1)[0] + " …"


def takes_notice(answer: AIMessage) -> bool:
    """Whether a person is to read ``answer``: it is no tool call, and no JSON that a program waits for."""
    if answer.tool_calls or answer.invalid_tool_calls or not answer.text.strip():
        return False
    try:
        json.loads(answer.text)
    except ValueError:
        return True
    except RecursionError:  # brackets within brackets, more than JSON is read in
        return False
    return False


def with_notice(answer: AIMessage, notice: str) -> AIMessage:
    """``answer`` after ``notice``, in a block of its own where the answer has blocks."""
    if isinstance(answer.content, str):
        return answer.model_copy(update={"content": notice + _BREAK + answer.content})
    first = {"type": "text", "text": notice + _BREAK}
    return answer.model_copy(update={"content": [first, *answer.content]})


def without_notices(messages: Sequence[AnyMessage]) -> list[AnyMessage]:
    """The conversation without the notices that LANCE put before its answers."""
    return [_without(m) if isinstance(m, AIMessage) else m for m in messages]


def _without(message: AIMessage) -> AIMessage:
    note = message.response_metadata.get("lance")
    notice = note.get("notice") if isinstance(note, dict) else None
    if not isinstance(notice, str) or not notice:
        return message
    content, opening = message.content, notice + _BREAK
    if isinstance(content, str):
        return message.model_copy(update={"content": content.removeprefix(opening)})
    first = content[0] if content else None
    said = first.get("text") if isinstance(first, dict) else first
    if not isinstance(said, str) or not said.startswith(opening):
        return message
    rest = (
        [first | {"text": said.removeprefix(opening)}]
        if said != opening and isinstance(first, dict)
        else []
    )
    return message.model_copy(update={"content": [*rest, *content[1:]]})
