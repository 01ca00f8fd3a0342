"""The conversation: which words are repaired, what is judged, and what the target gets to see.

A turn is a run of human messages and what follows up to the next one. The prompt under repair is
the text of the last turn's human messages. Everything else that the target would read and that did
not come from the application itself (its system messages) is judged as well; what is hazardous is
left out, so that neither an earlier turn nor a tool's result reaches the target in its unsafe form.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, SystemMessage

PREPARED = ("fell_back", "degraded")
"""Statuses of runs that ended with a prepared answer, and not with the target's."""
_NO_WORDS = frozenset(
    [
        "type",
        "source_type",
        "media_type",
        "mime_type",
        "format",
        "detail",
        "id",
        "file_id",
        "index",
        "tool_use_id",
        "tool_call_id",
        "data",
        "base64",
        "url",
        "signature",
        "encrypted_content",
    ]
)


@dataclass
class Turn:
    """Human messages in a row and what came after them; no human message before the first turn."""

    messages: list[AnyMessage] = field(default_factory=list)

    @property
    def human(self) -> list[HumanMessage]:
        """What the user sent."""
        return [message for message in self.messages if isinstance(message, HumanMessage)]

    @property
    def typed(self) -> str:
        """The user's own words."""
        return "\n".join(text for message in self.human if (text := text_of(message)).strip())

    @property
    def question(self) -> str:
        """The words as the target got to see them: rewritten where LANCE has rewritten them."""
        notes = [note.get("refined_prompt") for note in self.notes]
        refined = (text for text in reversed(notes) if isinstance(text, str) and text.strip())
        return next(refined, self.typed)

    @property
    def answer(self) -> str:
        """What the assistant said and did in this turn, as text."""
        said = (answer_text(message) for message in self.messages if isinstance(message, AIMessage))
        return "\n".join(text for text in said if text)

    @property
    def notes(self) -> list[dict[str, Any]]:
        """What LANCE wrote of its own answers in this turn."""
        return [
            message.response_metadata["lance"]
            for message in self.messages
            if isinstance(message, AIMessage)
            and isinstance(message.response_metadata.get("lance"), dict)
        ]

    @property
    def given_up(self) -> bool:
        """Whether LANCE held this turn's answer back, or would have."""
        return any(
            note.get("status") in PREPARED or note.get("would_have", "deliver") != "deliver"
            for note in self.notes
        )


def turns_of(messages: Sequence[AnyMessage]) -> list[Turn]:
    """The conversation by turns; the first holds what stands before any human message.

    Human messages with nothing but system messages between them are one turn: none of them has
    been answered yet.
    """
    turns, answered = [Turn()], True
    for message in messages:
        if isinstance(message, HumanMessage) and answered:
            turns.append(Turn())
            answered = False
        answered = answered or not isinstance(message, HumanMessage | SystemMessage)
        turns[-1].messages.append(message)
    return turns


def last_turn(messages: Sequence[AnyMessage]) -> Turn:
    """The turn that is to be answered; ValueError if there is none, or none with words."""
    turn = turns_of(messages)[-1]
    if not turn.human:
        raise ValueError(
            "the input has no human message; pass {'messages': [('user', 'your prompt')]} or the like"
        )
    if not turn.typed:
        raise ValueError("the last human message has no text; LANCE needs a prompt to work on")
    return turn


def user_text(messages: Sequence[AnyMessage]) -> str:
    """The user's words as typed, which are what gets repaired; ValueError if there are none."""
    return last_turn(messages).typed


def answer_text(message: AIMessage) -> str:
    """What an assistant message says and asks tools to do: its text, then every call's arguments."""
    calls = [*message.tool_calls, *message.invalid_tool_calls]
    lines = [text_of(message).strip()]
    for call in calls:
        arguments = call["args"]
        if not isinstance(arguments, str):
            arguments = "\n".join(_leaves(arguments))
        lines += [f"{call['name']}:", arguments]
    return "\n".join(line for line in lines if line)


def text_of(message: AnyMessage) -> str:
    """Everything that can be read in a message: its text, and words in blocks of other kinds."""
    blocks = message.content if isinstance(message.content, list) else []
    words = [
        word
        for block in blocks
        if isinstance(block, dict) and block.get("type") != "text"
        for word in _words_in(block)
    ]
    return "\n".join([message.text, *words]) if words else message.text


def unscored_parts(messages: Sequence[AnyMessage]) -> list[str]:
    """Types of what users and tools sent that no detector of texts can judge, such as images."""
    return [
        str(block.get("type"))
        for message in messages
        if not isinstance(message, SystemMessage | AIMessage) and isinstance(message.content, list)
        for block in message.content
        if isinstance(block, dict) and block.get("type") != "text"
    ]


def with_prompt(turn: Turn, prompt: str) -> list[AnyMessage]:
    """The turn's messages, in which the user asks ``prompt``.

    Parts of the user's messages that hold no words (images, files) stay.
    """
    if not turn.human or prompt == turn.typed:
        return list(turn.messages)
    parts = [
        block
        for message in turn.human
        if isinstance(message.content, list)
        for block in message.content
        if isinstance(block, dict) and block.get("type") != "text" and not any(_words_in(block))
    ]
    asked = HumanMessage([{"type": "text", "text": prompt}, *parts] if parts else prompt)
    last = turn.human[-1]
    return [
        asked if message is last else message
        for message in turn.messages
        if message is last or not isinstance(message, HumanMessage)
    ]


def _words_in(block: dict[str, Any]) -> Iterator[str]:
    """The words in a block that is no plain text: what a file holds, a search found, a model thought."""
    for key, value in block.items():
        if key in _NO_WORDS:
            continue
        if isinstance(value, str) and not value.startswith("data:") and value.strip():
            yield value
        elif isinstance(value, dict):
            yield from _words_in(value)
        elif isinstance(value, list | tuple):
            for item in value:
                yield from _words_in(item if isinstance(item, dict) else {"": item})


def is_result(message: AnyMessage) -> bool:
    """Whether a message comes from a tool, or from a source that nothing is known of."""
    return not isinstance(message, HumanMessage | AIMessage | SystemMessage)


def _leaves(value: Any, name: str = "") -> Iterator[str]:
    """Every name, text and number in a JSON value, each with the name that it stands under."""
    if isinstance(value, dict):
        for key, item in value.items():
            if isinstance(item, dict | list | tuple):
                yield f"{key}:"
            yield from _leaves(item, str(key))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _leaves(item, name)
    else:
        text = value if isinstance(value, str) else json.dumps(value, default=str)
        yield f"{name}: {text}" if name else text
