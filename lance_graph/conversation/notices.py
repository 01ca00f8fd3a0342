"""The notice before an answer: how the question was understood. It is LANCE's word, not the target's.

A judged answer gets it where it is delivered, and loses it where the conversation comes back: neither
the target nor the detector takes it for something that the assistant said. What was taken away is
shown to nobody, so a client that makes up a notice hides nothing with it.
"""

import json
import re
import unicodedata
from collections.abc import Sequence

from langchain_core.messages import AIMessage, AnyMessage

LONGEST = 600
"""Characters of the longest question that is quoted whole; of a longer one the beginning is."""
_BREAK = "\n\n"
_MARKS = str.maketrans({"<": "‹", ">": "›", "`": "'", "“": '"', "”": '"'})
_OBEYED = frozenset({"Cc", "Cf", "Co", "Cs"})
_JOINERS = "\u200c\u200d"
"""They belong into words of Persian and Indic scripts and into emoji, one at a time."""
_UNSEEN = re.compile(
    r"[\u034f\u115f\u1160\u3164\uffa0\U000e0100-\U000e01ef]"
    r"|(?<=[\x00-\x7f\u200c\u200d])[\u200c\u200d]|^[\u200c\u200d]"
)
_LINK = re.compile(r"\](?=[(\[])")


def quotable(question: str) -> str:
    """``question`` on one line, as plain text: no mark-up in it opens a tag, a link or an image.

    Nor does it hold anything that a terminal obeys, that turns the direction of what follows, or that
    nobody sees.
    """
    line = _LINK.sub("] ", " ".join(_visible(question).split()).translate(_MARKS))
    if len(line) <= LONGEST:
        return line
    return line[:LONGEST].rsplit(" ", 1)[0] + " …"


def _visible(text: str) -> str:
    """``text`` without control and formatting characters, private use and half characters; spaces stay."""
    kept = (
        c for c in text if c.isspace() or c in _JOINERS or unicodedata.category(c) not in _OBEYED
    )
    return _UNSEEN.sub("", "".join(kept))


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
    """``answer`` after ``notice``, in a block of its own where the answer has blocks.

    Log-probabilities are left out: they belong, token by token, to a text without it.
    """
    metadata = {k: v for k, v in answer.response_metadata.items() if k != "logprobs"}
    given, opening = answer.content, notice + _BREAK
    first = {"type": "text", "text": opening}
    content = opening + given if isinstance(given, str) else [first, *given]
    return answer.model_copy(update={"content": content, "response_metadata": metadata})


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
