"""Replies that ask for nothing by themselves are read with the conversation that they reply to.

"Sure, kill them all" says nothing without the question whether old branches may go. Whoever writes
the conversation could please a detector with a harmless turn before a harmful request, so a reply
may name nothing of its own, and all that it may point to is read as one text with it: then a
conversation wins nothing that a single message with the same words would not.
"""

import re
from collections.abc import Sequence

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, SystemMessage

from lance_graph.conversation.blocks import is_unread
from lance_graph.conversation.turns import Turn, answer_text, aside_of, text_of, with_prompt

LONGEST = 1_000
"""Characters of a conversation up to which a reply is read with it; a longer one hides its referent."""
_SMALL = frozenset(
    [
        "a",
        "again",
        "ahead",
        "all",
        "and",
        "another",
        "back",
        "better",
        "both",
        "but",
        "can",
        "could",
        "do",
        "does",
        "don't",
        "down",
        "first",
        "go",
        "good",
        "great",
        "how",
        "i",
        "if",
        "is",
        "just",
        "last",
        "less",
        "long",
        "longer",
        "more",
        "next",
        "no",
        "not",
        "now",
        "off",
        "ok",
        "okay",
        "one",
        "or",
        "out",
        "over",
        "please",
        "round",
        "same",
        "second",
        "short",
        "shorter",
        "should",
        "simpler",
        "so",
        "start",
        "still",
        "stop",
        "sure",
        "t",
        "thanks",
        "that",
        "the",
        "them",
        "then",
        "these",
        "third",
        "this",
        "those",
        "too",
        "try",
        "up",
        "us",
        "wait",
        "we",
        "what",
        "when",
        "why",
        "will",
        "would",
        "yes",
        "you",
        "it",
        "other",
        "he",
        "she",
        "him",
        "her",
        "they",
        "who",
        "harder",
    ]
)
_MEANT = frozenset(["it", "them", "him", "her", "that", "this", "these", "those", "both", "all"])
_WHICH = frozenset(["first", "second", "third", "last", "other"])
_MOST_WORDS = 8
_NO_WORD = re.compile(r"[^\w']+")


def names_nothing(prompt: str) -> bool:
    """Whether a reply is of small words alone, and at most one deed done to what was named before."""
    words = _NO_WORD.sub(" ", prompt.casefold().replace("’", "'")).split()
    if not 0 < len(words) <= _MOST_WORDS:
        return False
    large = [place for place, word in enumerate(words) if word not in _SMALL]
    if not large:
        return True
    after = words[large[0] + 1 :]
    is_meant = bool(after) and (
        after[0] in _MEANT or (after[0] == "the" and after[1:2] != [] and after[1] in _WHICH)
    )
    return len(large) == 1 and is_meant and words[large[0]].isascii() and words[large[0]].isalpha()


def in_context(before: Sequence[Turn], turn: Turn, prompt: str) -> str | None:
    """A reply of ``turn`` with all turns ``before``, as one text; None where it has to stand alone."""
    if not before or not names_nothing(prompt) or not (before[-1].human and before[-1].answer):
        return None
    lines: list[str] = []
    length = 0
    for message in (message for earlier in before for message in _sent(earlier)):
        if _is_more_than_text(message):
            return None
        lines.append(f"{_speaker(message)}: {_said(message)}")
        length += len(lines[-1])
        if length > LONGEST:
            return None
    if any(map(_is_more_than_text, turn.human)):
        return None
    return "\n".join([*lines, f"User: {prompt}"])


def _sent(turn: Turn) -> list[AnyMessage]:
    """The messages of an earlier turn as the target gets them."""
    return with_prompt(turn, turn.question) if turn.human else turn.messages


def _said(message: AnyMessage) -> str:
    return answer_text(message) if isinstance(message, AIMessage) else text_of(message)


def _speaker(message: AnyMessage) -> str:
    if isinstance(message, AIMessage):
        return "Assistant"
    if isinstance(message, HumanMessage):
        return "User"
    return "System" if isinstance(message, SystemMessage) else "Tool"


def _is_more_than_text(message: AnyMessage) -> bool:
    """Whether the target reads more in a message than its words: an image, or what stands aside."""
    content = message.content
    return bool(aside_of(message)) or (isinstance(content, list) and any(map(is_unread, content)))
