"""What a format of guard LLMs is: how the guard is asked, and what its answer means."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from langchain_core.messages import AnyMessage

from lance_graph.guards.score import UNSAFE

CONTROVERSIAL_DEGREE = 0.5
"""Above the default threshold of hazard, at that of a mild edit: repaired, lightly."""


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


class Format(Protocol):
    """The prompt and the answers that a guard LLM was trained on."""

    def messages(self, prompt: str, response: str | None) -> list[AnyMessage]:
        """What the guard is sent, for a prompt alone or with the response to it."""
        ...

    def parse(self, answer: str) -> Verdict:
        """The verdict in ``answer``; GuardVerdictError if there is none, or more than one."""
        ...
