"""The conversation: which words are repaired, what is judged, and what the target gets to see.

A turn is a run of the user's messages and what follows up to the next one; what the assistant does
in it are steps. The prompt under repair is the text of the last turn's human messages: none, where
the conversation has none, or they hold no words. Everything else that the target would read and that did
not come from the application itself (its system messages) is judged as well; what is hazardous is
left out, so that neither an earlier turn nor a tool's result reaches the target in its unsafe form.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import cached_property
from itertools import takewhile
from typing import Any, TypeGuard

from langchain_core.messages import (
    AIMessage,
    AnyMessage,
    HumanMessage,
    InvalidToolCall,
    SystemMessage,
    ToolCall,
)

from lance_graph.conversation.blocks import MOST_LEVELS, is_unread, pieces_of, words_of
from lance_graph.conversation.editing import data_of

PREPARED = ("fell_back", "degraded")
"""Statuses of runs that ended with a prepared answer, and not with the target's."""


@dataclass
class Turn:
    """Human messages in a row and what came after them; no human message before the first turn.

    Its words are put together once: the messages are complete when they are first asked for.
    ``unfit`` are the id()s of blocks that cannot stand beside a rewritten prompt.
    """

    messages: list[AnyMessage] = field(default_factory=list)
    unfit: AbstractSet[int] = frozenset()

    @property
    def human(self) -> list[HumanMessage]:
        """What the user sent."""
        return [message for message in self.messages if is_users(message)]

    @property
    def steps(self) -> list["Turn"]:
        """What the assistant did, one thing after the other: its messages in a row, which providers
        may join, and what tools gave back.
        """  # noqa: D205
        steps: list[Turn] = []
        speaks = False
        for message in self.messages:
            if isinstance(message, SystemMessage) or is_users(message):
                continue
            if isinstance(message, AIMessage) and not speaks:
                steps.append(Turn())
            speaks = isinstance(message, AIMessage)
            if steps:
                steps[-1].messages.append(message)
        return steps

    @property
    def typed(self) -> str:
        """The user's own words: blocks and messages each on lines of their own."""
        return self.readings[0]

    @cached_property
    def readings(self) -> tuple[str, ...]:
        """What providers may make of the user's words, `typed` first: they join blocks, and messages
        in a row, with line breaks or with nothing.
        """  # noqa: D205
        asides = [aside_of(message) for message in self.human]
        lined = [text_of(message) for message in self.human]
        glued = [readings_of(message)[-1] for message in self.human]
        return _distinct(
            _lines(lined + asides), _lines(glued + asides), _lines(["".join(glued), *asides])
        )

    @property
    def question(self) -> str:
        """The words as the target got to see them: rewritten where LANCE has rewritten them."""
        return self.asked[0]

    @property
    def asked(self) -> tuple[str, ...]:
        """Every reading of `question`, that first."""
        notes = [note.get("refined_prompt") for note in self.notes]
        refined = (text for text in reversed(notes) if isinstance(text, str) and text.strip())
        newest = next(refined, None)
        return self.readings if newest is None else _distinct(newest, *self.rewritten(newest))

    def of(self, messages: list[AnyMessage]) -> "Turn":
        """The turn with other messages."""
        return Turn(messages, self.unfit)

    def rewritten(self, prompt: str) -> tuple[str, ...]:
        """What providers may make of the user's words once they are ``prompt``."""
        return Turn(with_prompt(self, prompt)).readings

    @property
    def answer(self) -> str:
        """What the assistant said and did in this turn, as text."""
        return self.answers[0]

    @cached_property
    def answers(self) -> tuple[str, ...]:
        """What providers may make of `answer`, that first, with what a history holds beside it."""
        said = [message for message in self.messages if isinstance(message, AIMessage)]
        glued = [text for m in said for text in (answer_text(m), aside_of(m))]
        lined = [text for m in said for text in (answer_readings(m)[-1], aside_of(m))]
        return _distinct(_lines(glued), _lines(lined))

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
            note.get("status") == "fell_back" or note.get("would_have", "deliver") != "deliver"
            for note in self.notes
        )

    @property
    def degraded(self) -> bool:
        """Whether a notice of an outage is among its answers."""
        return any(note.get("status") == "degraded" for note in self.notes)


def turns_of(messages: Sequence[AnyMessage]) -> list[Turn]:
    """The conversation by turns; the first holds what stands before any human message.

    Human messages with nothing but system messages between them are one turn: none of them has
    been answered yet.
    """
    turns, answered = [Turn()], True
    for message in messages:
        asks = is_users(message)
        if asks and answered:
            turns.append(Turn())
            answered = False
        answered = answered or not (asks or isinstance(message, SystemMessage))
        turns[-1].messages.append(message)
    return turns


def last_turn(messages: Sequence[AnyMessage]) -> Turn:
    """The turn that is to be answered: what the user said last, if anything, and what followed."""
    return turns_of(messages)[-1]


def user_text(messages: Sequence[AnyMessage]) -> str:
    """The user's words as typed, which are what gets repaired; empty if there are none."""
    return last_turn(messages).typed


def readable_data(turn: Turn) -> dict[int, str]:
    """What can be read in the blocks that stay beside a rewritten prompt, by the blocks' id().

    An address may be a sentence, a file hold words that it does not say it holds.
    """
    blocks = [b for m in turn.human if isinstance(m.content, list) for b in m.content]
    read = {id(block): words_of(data) for block in blocks if (data := data_of(block))}
    return {place: _lines(words) for place, words in read.items() if words}


def is_users(message: AnyMessage) -> TypeGuard[HumanMessage]:
    """Whether a message is the user's own, and not an application's in a user's form."""
    return isinstance(message, HumanMessage) and not is_summary(message)


def is_summary(message: AnyMessage) -> bool:
    """Whether a message is what LangChain's summarization left of a conversation."""
    source = message.additional_kwargs.get("lc_source")
    return isinstance(message, HumanMessage) and source == "summarization"


def beside_summary(earlier: Sequence[AnyMessage], turn: Turn, prompt: str) -> tuple[str, ...]:
    """What providers may make of ``prompt`` and a summary next to it: both are messages of a user's."""
    before = takewhile(_has_users_form, reversed(earlier))
    after = takewhile(_has_users_form, with_prompt(turn, prompt))
    run = [m for m in (*reversed([*before]), *after) if isinstance(m, HumanMessage)]
    if not any(map(is_summary, run)):
        return ()
    return _lines(map(text_of, run)), "".join(readings_of(message)[-1] for message in run)


def _has_users_form(message: AnyMessage) -> bool:
    return isinstance(message, HumanMessage | SystemMessage)


def answer_text(message: AIMessage) -> str:
    """What an assistant message says and asks tools to do: its text, then every call's arguments."""
    return answer_readings(message)[0]


def answer_readings(message: AIMessage, *, without_names: bool = False) -> tuple[str, ...]:
    """What may be made of an assistant message, `answer_text` first: its text glued, as LangChain
    and LANCE deliver it, and its blocks on lines of their own.

    ``without_names`` leaves out what tools and arguments are called.
    """  # noqa: D205
    lined, glued = _joined(message, strict=True)
    said = values if without_names else leaves
    read = (text_with_calls(message, t, said, named=not without_names) for t in (glued, lined))
    return _distinct(*read)


def text_with_calls(
    message: AIMessage, text: str, lines_of: Callable[[Any], Iterable[str]], *, named: bool = True
) -> str:
    """``text`` and the message's calls, with their arguments in the lines that are wanted."""
    lines = []
    for call in calls_of(message):
        arguments = call["args"]
        if not isinstance(arguments, str):
            arguments = "\n".join(lines_of(arguments))
        lines += [f"{call['name']}:", arguments] if named else [arguments]
    return _lines([text.strip(), *lines])


def calls_of(message: AIMessage) -> list[ToolCall | InvalidToolCall]:
    """Every call that a message asks for, those that could not be read with them."""
    return [*message.tool_calls, *message.invalid_tool_calls]


def text_of(message: AnyMessage) -> str:
    """All words of a message's content, each block on lines of its own; a string as it is."""
    return _joined(message)[0]


def readings_of(message: AnyMessage) -> tuple[str, ...]:
    """What providers may make of a message's content: `text_of`, and with its blocks glued together."""
    return _distinct(*_joined(message))


def aside_of(message: AnyMessage) -> str:
    """Words that a request may carry beside a message's content, such as names that are sentences.

    Ids and names of one word are none. ``additional_kwargs`` is among them, but for the user's
    messages: old forms of calls, thoughts, refusals, checks.
    """
    kept = {
        name: value
        for name, value in message.additional_kwargs.items()
        # no request has the thoughts (see `without_thoughts`), nor LangChain's own notes
        if name not in ("name", "reasoning_content") and not name.startswith("lc_")
    }
    calls: list[Any] = []
    if isinstance(message, AIMessage):
        calls = [*calls_of(message)]
    elif isinstance(message, HumanMessage):
        kept = {}
    names = [message.name, message.additional_kwargs.get("name"), getattr(message, "role", None)]
    ids = [getattr(message, "tool_call_id", None), *(call["id"] for call in calls)]
    if not isinstance(message, AIMessage):
        names += [value for value in kept.values() if isinstance(value, str)]
        kept = {name: value for name, value in kept.items() if not isinstance(value, str)}
    return "\n".join(words_of([*({"id": part} for part in (*names, *ids)), *kept.values()]))


def unscored_parts(messages: Sequence[AnyMessage]) -> list[str]:
    """Types of what users and tools sent that no detector of texts can judge, such as images."""
    return [
        str(block.get("type")) if isinstance(block, dict) else "text"
        for message in messages
        if not isinstance(message, SystemMessage | AIMessage) and isinstance(message.content, list)
        for block in message.content
        if is_unread(block)
    ]


def with_prompt(turn: Turn, prompt: str) -> list[AnyMessage]:
    """The turn's messages, in which the user asks ``prompt``; it stands where their words began.

    Blocks of the user's messages that carry data (images, files) stay, without their words; but for
    those that the turn calls unfit.
    """
    if prompt == turn.typed:
        return list(turn.messages)
    if not turn.human:
        return [*turn.messages, HumanMessage(prompt)]
    before: list[Any] = []
    after: list[Any] = []
    for message in turn.human:
        for block in message.content if isinstance(message.content, list) else [message.content]:
            data = None if id(block) in turn.unfit else data_of(block)
            if data:
                (after if after else before).append(data)
            elif not after and words_of(block):
                after.append({"type": "text", "text": prompt})
    parts = [*before, *(after or [{"type": "text", "text": prompt}])]
    last = turn.human[-1]
    name = last.name if last.name and not words_of({"id": last.name}) else None
    asked = HumanMessage(parts if len(parts) > 1 else prompt, id=last.id, name=name)
    return [
        asked if message is last else message
        for message in turn.messages
        if message is last or not is_users(message)
    ]


def _joined(message: AnyMessage, *, strict: bool = False) -> tuple[str, str]:
    """A message's content with each block on lines of its own, and with the blocks' texts glued."""
    if isinstance(message.content, str):
        return message.text, message.text
    pieces = [
        piece
        for block in message.content
        for piece in pieces_of(block, strict=strict)
        if piece.kind == "words"
    ]
    texts = "".join(piece.text for piece in pieces if piece.is_text)
    others = [piece.text for piece in pieces if not piece.is_text]
    return _lines([piece.text for piece in pieces]), _lines([texts, *others])


def _lines(texts: Iterable[str]) -> str:
    """``texts`` in lines, without those that are blank; one alone stays as it is."""
    return "\n".join(text for text in texts if text.strip())


def _distinct(*readings: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(readings))


def is_result(message: AnyMessage) -> bool:
    """Whether a message comes from a tool, or from a source that nothing is known of."""
    return not isinstance(message, HumanMessage | AIMessage | SystemMessage)


def leaves(value: Any) -> Iterator[str]:
    """Every name, text and number in a JSON value, each with the name that it stands under.

    ValueError for what nests deeper than `MOST_LEVELS`.
    """
    return (line_of(name, text) for name, text in named_leaves(value))


def values(value: Any) -> Iterator[str]:
    """`leaves` without the names, and without what is blank."""
    return (text for _, text in named_leaves(value) if text.strip())


def named_leaves(value: Any) -> Iterator[tuple[str, str]]:
    """`leaves`, each as its name and its text; a name that holds others comes alone, as the first."""
    todo: list[tuple[Any, str, int]] = [(value, "", 0)]
    while todo:
        item, name, level = todo.pop()
        if level > MOST_LEVELS:
            raise ValueError(f"a tool call's arguments nest more than {MOST_LEVELS} levels")
        if isinstance(item, dict):
            for key, inner in reversed(item.items()):
                todo.append((inner, str(key), level + 1))
                if isinstance(inner, dict | list | tuple):
                    todo.append((_Heading(key), "", level + 1))
        elif isinstance(item, list | tuple):
            todo += [(inner, name, level + 1) for inner in reversed(item)]
        elif isinstance(item, _Heading):
            yield str(item.name), ""
        else:
            yield name, item if isinstance(item, str) else json.dumps(item, default=str)


@dataclass(frozen=True)
class _Heading:
    """The name of a value that holds others."""

    name: Any


def line_of(name: str, text: str) -> str:
    """How a leaf is written."""
    if not name:
        return text
    return f"{name}: {text}" if text else f"{name}:"
