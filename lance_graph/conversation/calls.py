"""A tool call in other forms than a list of its arguments: its values, its names, what is written in it.

``customer_id: 48213`` is not how people write, and a detector of what they write is less sure of it than of
the same words as they would stand in a letter (docs/decisions/0019).
"""

import re
from collections.abc import Iterable
from typing import Any

from langchain_core.messages import AIMessage

from lance_graph.conversation.turns import answer_readings, calls_of, named_leaves, values

LETTER = 4
"""Words from which on a value is a text of its own."""
_PARTS_OF_A_NAME = re.compile(r"[\W_]+|(?<=[a-z])(?=[A-Z])")


def by_values(message: AIMessage) -> tuple[str, ...]:
    """`answer_readings`, in step, with the values of the arguments alone."""
    return answer_readings(message, without_names=True)


def names_in(message: AIMessage) -> str:
    """What `by_values` leaves out: the names of tools and arguments, in words; empty without calls."""
    calls = calls_of(message)
    names = [name for call in calls for name in (call["name"] or "", *_names(call["args"]))]
    return ", ".join(dict.fromkeys(filter(None, map(_in_words, names))))


def letters_in(message: AIMessage) -> list[str]:
    """The values of `LETTER` words or more, which may be sent or stored as they stand."""
    every = (value for call in calls_of(message) for value in _values(call["args"]))
    return [value for value in every if len(value.split()) >= LETTER]


def _names(arguments: Any) -> Iterable[str]:
    return () if isinstance(arguments, str) else (name for name, _ in named_leaves(arguments))


def _values(arguments: Any) -> Iterable[str]:
    if isinstance(arguments, str):  # no JSON, so the provider has it as it is
        return (arguments,)
    return values(arguments)


def _in_words(name: str) -> str:
    return _PARTS_OF_A_NAME.sub(" ", name).strip()
