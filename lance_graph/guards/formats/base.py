"""What a format of guard LLMs is: how the guard is asked, and what its answer means."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage

from lance_graph.guards.score import UNSAFE

CONTROVERSIAL_DEGREE = 0.6
"""In the middle of the mild band of the default thresholds, 0.5 to 0.7: repaired, lightly."""


@dataclass(frozen=True)
class Verdict:
    """A guard's answer, read.

    ``word`` is the verdict as the guard wrote it, in lower case, at ``start`` in the answer;
    ``degrees`` is what each word that the guard could have written there stands for, in [0, 1];
    ``categories`` takes the degree.
    """

    word: str
    start: int
    degrees: Mapping[str, float]
    categories: tuple[str, ...] = (UNSAFE,)

    @property
    def degree(self) -> float:
        """The degree of the word itself."""
        return self.degrees[self.word]


def conversation(prompt: str, response: str | None) -> list[AnyMessage]:
    """One user turn, and the assistant's where there is a response."""
    turn: list[AnyMessage] = [HumanMessage(prompt)]
    return turn if response is None else [*turn, AIMessage(response)]


def without_marks(text: str, marks: Iterable[str]) -> str:
    """``text`` in which none of the ``marks`` stands that a format writes around it: it cannot leave it."""
    for mark in marks:
        text = re.sub(re.escape(mark), f" {mark.strip('<>|[]/')} ", text, flags=re.IGNORECASE)
    return text


class Format(Protocol):
    """The prompt and the answers that a guard LLM was trained on.

    One that also has ``parse_prompt`` reads with it the answer on a prompt alone.
    """

    def messages(self, prompt: str, response: str | None) -> list[AnyMessage]:
        """What the guard is sent, for a prompt alone or with the response to it."""
        ...

    def parse(self, answer: str) -> Verdict:
        """The verdict in ``answer``; GuardVerdictError if there is none, or more than one."""
        ...
