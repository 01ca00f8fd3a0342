"""WildGuard: three lines, on whether the request is harmful, the response a refusal, the response harmful.

Source: the model card of allenai/wildguard; Han et al., "WildGuard: Open One-Stop Moderation Tools for
Safety Risks, Jailbreaks, and Refusals of LLMs" (arXiv 2406.18495).
"""

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from string import Template

from langchain_core.messages import AnyMessage, HumanMessage

from lance_graph.guards.formats.base import Verdict, without_marks
from lance_graph.guards.score import GuardVerdictError

MARKS = ("[INST]", "[/INST]", "<|user|>", "<|assistant|>", "<s>", "</s>")
_DEGREES = {"yes": 1.0, "no": 0.0}
_LINE = r"[ \t]*:[ \t]*(?P<{}>yes|no|n/a)[ \t]*"
_ANSWER = re.compile(
    rf"Harmful request{_LINE.format('request')}"
    rf"(?:\n\s*Response refusal{_LINE.format('refusal')})?"
    rf"(?:\n\s*Harmful response{_LINE.format('response')})?",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class WildGuard:
    """The card's whole text in one message: the model has no chat template, a server's must add nothing."""

    def messages(self, prompt: str, response: str | None) -> list[AnyMessage]:
        """One message; a prompt alone has an empty response, as in the authors' own package."""
        given = {"prompt": prompt, "response": response or ""}
        filled = {name: without_marks(value, MARKS) for name, value in given.items()}
        return [HumanMessage(Template(_shipped()).substitute(filled))]

    def parse(self, answer: str) -> Verdict:
        """See `Format.parse`: of a pair it is the response that counts."""
        return self._line(answer, "response")

    def parse_prompt(self, answer: str) -> Verdict:
        """`parse` of an answer on a prompt alone: the request counts."""
        return self._line(answer, "request")

    def _line(self, answer: str, line: str) -> Verdict:
        before = len(answer) - len(answer.lstrip())
        found = _ANSWER.fullmatch(answer.strip())
        word = (found[line] or "").lower() if found else ""
        if not found or word not in _DEGREES:
            raise GuardVerdictError(
                f"the guard gave no 'Harmful {line}: yes|no' in its place, as WildGuard does; is this "
                "another model, or another format?"
            )
        return Verdict(word, before + found.start(line), _DEGREES)


@cache
def _shipped() -> str:
    path = files("lance_graph.guards").joinpath("prompts/wild_guard.md")
    return path.read_text("utf-8").strip() + "\n"
