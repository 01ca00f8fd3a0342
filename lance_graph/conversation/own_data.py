"""Whose data a tool call holds: what the user has told is theirs to have passed on.

A table is booked with a name and a number. The calls of a message stay whole where one of them goes
to somebody whom the user has not named: then what was told may be passed on. The name of an argument
that is not a plain one may hold somebody's data itself, and stays.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from langchain_core.messages import AIMessage, AnyMessage

from lance_graph.conversation.turns import (
    answer_text,
    calls_of,
    is_users,
    line_of,
    named_leaves,
    text_of,
    text_with_calls,
)

_DATE = re.compile(r"\b(?:19|20)\d\d-[01]\d-[0-3]\d(?:[T ][0-2]\d:[0-5]\d(?::[0-5]\d)?)?\b")
_CONTACT = re.compile(r"@|://|www\.|[\w-]\.[a-z]{2}|(?:\d[\s()/.-]{0,3}){6}", re.IGNORECASE)
_RECEIVER = re.compile(
    r"to|b?cc|(.*_)?(recipients?|receivers?|channel|chat|handle|destination)(_.*)?", re.IGNORECASE
)
_DIGITS = 5
_NO_WORD = re.compile(r"[\W_]+")


def without_own_data(answers: Iterable[AIMessage], conversation: Sequence[AnyMessage]) -> str:
    """What the assistant says and asks tools to do, less the arguments that the user has told.

    Their names go as well. Without any such argument it is `answer_text`.
    """
    told = _Told.of(conversation)
    return "\n".join(filter(str.strip, (_rest(answer, told) for answer in answers)))


def untold(texts: Iterable[str], conversation: Sequence[AnyMessage]) -> list[str]:
    """Those of ``texts`` that the user has not said word for word."""
    told = _Told.of(conversation)
    return [text for text in texts if text not in told]


def _rest(answer: AIMessage, told: "_Told") -> str:
    is_foreign = any(_goes_elsewhere(call["args"], told) for call in calls_of(answer))

    def lines_of(arguments: Any) -> list[str]:
        leaves = list(named_leaves(arguments))
        return [line_of(*leaf) for leaf in leaves if is_foreign or not _is_told(*leaf, told)]

    return text_with_calls(answer, answer_text(answer.model_copy(update=_NO_CALLS)), lines_of)


def _goes_elsewhere(arguments: Any, told: "_Told") -> bool:
    """Whether a call holds somebody's address, or a receiver, of whom the user has not spoken."""
    if isinstance(arguments, str):
        return _is_contact(arguments)
    return any(
        (_is_contact(part) and part not in told)
        for name, text in named_leaves(arguments)
        for part in (name, text)
    ) or any(
        _RECEIVER.fullmatch(name) and text and text not in told
        for name, text in named_leaves(arguments)
    )


def _is_contact(text: str) -> bool:
    """Whether somebody can be reached by it: a day of the calendar is no telephone number."""
    return _CONTACT.search(_DATE.sub(" ", text)) is not None


def _is_told(name: str, text: str, told: "_Told") -> bool:
    is_plain = name.isidentifier() and not any(map(str.isdigit, name))
    return (not name or is_plain) and text in told


_NO_CALLS: dict[str, Any] = {"tool_calls": [], "invalid_tool_calls": []}


class _Told:
    """The user's words; a text is in them word for word, a number also if it is written otherwise."""

    def __init__(self, words: str) -> None:
        self.words = f" {_spaced(words)} "
        self.glued = self.words.replace(" ", "")

    @classmethod
    def of(cls, conversation: Sequence[AnyMessage]) -> "_Told":
        """What the user says in a conversation."""
        return cls("\n".join(text_of(message) for message in conversation if is_users(message)))

    def __contains__(self, text: str) -> bool:
        spaced = _spaced(text)
        if not spaced:
            return False
        digits = sum(character.isdigit() for character in spaced)
        return f" {spaced} " in self.words or (
            digits >= _DIGITS and spaced.replace(" ", "") in self.glued
        )


def _spaced(text: str) -> str:
    return _NO_WORD.sub(" ", text).strip().casefold()
