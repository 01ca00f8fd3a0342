"""What a model's answer says: its words, the JSON among them, and whether its service declined.

Tolerant in form, for models put fences, thoughts and courtesies around what they were asked for;
nothing here raises, whatever the answer, and all of it takes linear time.
"""

import json
import re
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage

_THINKING = re.compile(r"<think>.*?(?:</think>|\Z)", re.DOTALL | re.IGNORECASE)
_OPENING_THOUGHTS = re.compile(r"\A\s*<think>.*?</think>", re.DOTALL | re.IGNORECASE)
_FENCE = "```"
_OPENED = re.compile(rf"{_FENCE}\w*\s*")
_FLAT = re.compile(r"\{[^{}]*\}")
_STOPPED = frozenset(["content_filter", "safety", "refusal", "blocklist", "prohibited_content"])
_DECLINED = frozenset(["OpenAIRefusalError", "ContentFilterFinishReasonError"])
_NONE = object()


def said(answer: object) -> str | None:
    """The words of a model's answer: an assistant's message, or a text; None for anything else.

    Of a message whose content is a list its text counts.
    """
    if isinstance(answer, AIMessage):
        return str(answer.text)
    return answer if isinstance(answer, str) else None


def without_fence(text: str) -> str:
    """``text`` without the Markdown fence that begins or ends it."""
    if opened := _OPENED.match(text):
        text = text[opened.end() :]
    return text.removesuffix(_FENCE).rstrip() if text.endswith(_FENCE) else text


def without_thinking(text: str) -> str:
    """What a model said after it had thought aloud."""
    return _THINKING.sub("", text).strip()


def without_opening_thoughts(text: str) -> str:
    """`without_thinking`, for an answer that may quote thoughts: only what it opens with goes."""
    return _OPENING_THOUGHTS.sub("", text).strip()


def json_in(text: str) -> list[Any]:
    """The JSON in a model's prose: all of the text where that is JSON, else the objects inside it.

    Objects inside are the one from the first brace to the last, else each that has none within.
    (LangChain's `parse_json_markdown` finds none in prose without a fence, guesses the end of one
    that was cut short, and raises RecursionError for one that is too deep.)
    """
    text = without_fence(without_thinking(text)).strip()
    if (value := _value(text)) is not _NONE:
        return [value]
    start, end = text.find("{"), text.rfind("}")
    if start < 0 or end < start:
        return []
    if (value := _value(text[start : end + 1])) is not _NONE:
        return [value]
    flat = (_value(found.group()) for found in _FLAT.finditer(text))
    return [value for value in flat if value is not _NONE]


def declined(outcome: Any) -> bool:
    """Whether a model's service says, in a message or an exception, that the model declined."""
    if isinstance(outcome, BaseException):
        return type(outcome).__name__ in _DECLINED
    if not isinstance(outcome, BaseMessage):
        return False
    metadata = outcome.response_metadata
    reasons = {str(metadata.get(key)).casefold() for key in ("finish_reason", "stop_reason")}
    return bool(outcome.additional_kwargs.get("refusal")) or not reasons.isdisjoint(_STOPPED)


def _value(text: str) -> Any:
    """The value of a JSON text; `_NONE` where it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return _NONE
