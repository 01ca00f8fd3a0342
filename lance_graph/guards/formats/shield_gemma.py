"""ShieldGemma: a question on its guidelines, answered with ``Yes`` (violated) or ``No``.

Source: the model card of google/shieldgemma-9b; Zeng et al., "ShieldGemma: Generative AI Content
Moderation Based on Gemma" (arXiv 2407.21772).
"""

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from string import Template

from langchain_core.messages import AnyMessage, HumanMessage

from lance_graph.guards.formats.base import Verdict, without_marks
from lance_graph.guards.score import GuardVerdictError

MARKS = ("<start_of_turn>", "<end_of_turn>")
_DEGREES = {"yes": 1.0, "no": 0.0}
_ANSWER = re.compile(r"\W*(?P<word>yes|no)\b", re.IGNORECASE)


@dataclass(frozen=True)
class ShieldGemma:
    """The card's whole text with all four guidelines in one message, for a template that adds none.

    ``prompt`` and ``pair`` replace the texts that ship, for a prompt alone and for one with its
    response: ``$prompt`` and ``$response`` stand in them.
    """

    prompt: str | None = None
    pair: str | None = None

    def messages(self, prompt: str, response: str | None) -> list[AnyMessage]:
        """One message; in the judged texts no mark of the model's turns is left."""
        alone = response is None
        template = self.prompt if alone else self.pair
        text = template or _shipped("shield_gemma_prompt" if alone else "shield_gemma_pair")
        given = {"prompt": prompt, "response": response or ""}
        filled = {name: without_marks(value, MARKS) for name, value in given.items()}
        return [HumanMessage(Template(text).safe_substitute(filled))]

    def parse(self, answer: str) -> Verdict:
        """See `Format.parse`. What follows the first word is its reasoning, and is not read."""
        found = _ANSWER.match(answer)
        if not found:
            raise GuardVerdictError(
                "the guard's answer begins with neither 'Yes' nor 'No', as ShieldGemma's does; is "
                "this another model, or another format?"
            )
        return Verdict(found["word"].lower(), found.start("word"), _DEGREES)


@cache
def _shipped(name: str) -> str:
    return files("lance_graph.guards").joinpath(f"prompts/{name}.md").read_text("utf-8").strip()
