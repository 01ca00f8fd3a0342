"""Granite Guardian: yes or no to one question, whether the last message is harmful.

Versions 3.0 and 3.1 answer ``Yes`` or ``No``, 3.2 adds a line ``<confidence> High </confidence>``, 3.3
and 4.1 write ``<score> yes </score>``, after ``<think>…</think>`` where they think. Source: the model
cards of ibm-granite/granite-guardian-3.0-8b to 3.3-8b, and the repositories ibm-granite/granite-guardian
and ibm-granite/gguf.
"""

import re
from dataclasses import dataclass

from langchain_core.messages import AnyMessage

from lance_graph.guards.formats.base import Verdict, conversation
from lance_graph.guards.score import GuardVerdictError

_DEGREES = {"yes": 1.0, "no": 0.0}
_ANSWER = re.compile(
    r"\s*(?:<think>(?:(?!</?think>).)*</think>\s*)?"
    r"(?:<score>\s*(?P<score>yes|no)\s*</score>"
    r"|(?P<plain>yes|no)(?:\s*<confidence>\s*(?:high|medium|low)\s*</confidence>)?)\s*",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True)
class GraniteGuardian:
    """The conversation as it is: the model's own chat template asks whether it is harmful.

    That is its criterion where none is named (``harm``), so that one call covers them all.
    """

    def messages(self, prompt: str, response: str | None) -> list[AnyMessage]:
        """One user turn, and the assistant's where there is a response."""
        return conversation(prompt, response)

    def parse(self, answer: str) -> Verdict:
        """See `Format.parse`. The confidence is the model's own word, and changes no degree."""
        found = _ANSWER.fullmatch(answer)
        if not found:
            raise GuardVerdictError(
                "the guard answered neither 'Yes' nor 'No', alone or in <score>, as Granite Guardian "
                "does; is this another model, or another format?"
            )
        group = "score" if found["score"] else "plain"
        return Verdict(found[group].lower(), found.start(group), _DEGREES)
