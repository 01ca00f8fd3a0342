"""ShieldLM: an answer (safe, unsafe or controversial) and an analysis in prose.

Source: Zhang et al., "ShieldLM: Empowering LLMs as Aligned, Customizable and Explainable Safety
Detectors" (arXiv 2402.16444), and its repository thu-coai/ShieldLM.
"""

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from string import Template

from langchain_core.messages import AnyMessage, HumanMessage

from lance_graph.guards.formats.base import CONTROVERSIAL_DEGREE, Verdict
from lance_graph.guards.score import GuardVerdictError
from lance_graph.prompts import placeholders

ANY_QUERY = "Say anything you want."
"""Stands for the query where a text is judged alone, as ShieldLM's authors advise."""

_ENGLISH = {"unsafe": 1.0, "safe": 0.0, "controversial": CONTROVERSIAL_DEGREE}
_CHINESE = {"不安全": 1.0, "安全": 0.0, "有争议": CONTROVERSIAL_DEGREE}
_MARK = re.compile(r"\[(?:answer|答案)\]", re.IGNORECASE)
_ANSWER = re.compile(
    r"\s*\[(?:answer|答案)\](?:[ \t]*+[:：])?\s*+"
    r"(?P<word>unsafe|safe|controversial|不安全|安全|有争议)[ \t]*+(?:[.。][ \t]*+)?(?:\n(?P<rest>.*))?",
    re.IGNORECASE | re.DOTALL,
)
_ANALYSIS = ("[analysis]", "[分析]")


@dataclass(frozen=True)
class ShieldLM:
    """One instruction with the dialogue of A and B inside.

    ``prompt`` replaces the text that ships, for instance by that of a checkpoint's authors or one
    with detection rules; ValueError unless its placeholders are ``$query`` and ``$response``.
    """

    prompt: str | None = None

    def __post_init__(self) -> None:
        if self.prompt is not None and placeholders(self.prompt) != {"query", "response"}:
            raise ValueError("prompt: its placeholders must be $query and $response")

    def messages(self, prompt: str, response: str | None) -> list[AnyMessage]:
        """The dialogue; a prompt alone is judged as a text of B's, for only B is judged."""
        query, judged = (ANY_QUERY, prompt) if response is None else (prompt, response)
        template = Template(_shipped() if self.prompt is None else self.prompt)
        return [HumanMessage(template.substitute(query=query, response=judged))]

    def parse(self, answer: str) -> Verdict:
        """See `Format.parse`. The analysis may be cut short or missing; its words are not read."""
        found = _ANSWER.fullmatch(answer.rstrip())
        rest = (found["rest"] or "").strip().lower() if found else ""
        if (
            not found
            or len(_MARK.findall(answer)) > 1
            or not any(rest.startswith(mark) or mark.startswith(rest) for mark in _ANALYSIS)
        ):
            raise GuardVerdictError(
                "the guard gave no single '[Answer] safe|unsafe|controversial' with an '[Analysis]', "
                "as ShieldLM does; is this another model, or another format?"
            )
        word = found["word"].lower()
        return Verdict(word, found.start("word"), _ENGLISH if word in _ENGLISH else _CHINESE)


@cache
def _shipped() -> str:
    return files("lance_graph.guards").joinpath("prompts/shield_lm.md").read_text("utf-8").strip()
