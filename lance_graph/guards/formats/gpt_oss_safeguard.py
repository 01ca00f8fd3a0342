"""gpt-oss-safeguard: a policy as system message, the text as user message, and an answer that it asks for.

The model has no categories of its own, so the policy that ships has LANCE's. Source: the model card of
openai/gpt-oss-safeguard-20b, and OpenAI's and ROOST's user guide to gpt-oss-safeguard.
"""

import json
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from string import Template
from typing import Any

from langchain_core.messages import AnyMessage, HumanMessage, SystemMessage

from lance_graph.answers import without_fence
from lance_graph.categories import CATEGORIES, key_of
from lance_graph.guards.formats.base import CONTROVERSIAL_DEGREE, Verdict
from lance_graph.guards.score import UNSAFE, GuardVerdictError
from lance_graph.prompts import fenced, placeholders

_DEGREES = {"safe": 0.0, "controversial": CONTROVERSIAL_DEGREE, "unsafe": 1.0}
_THOUGHT, _THOUGHT_ENDS = "<think>", re.compile("</think>", re.IGNORECASE)
_WORD = re.compile(r'"verdict"\s*:\s*"(?P<word>[^"]*)"')


@dataclass(frozen=True)
class GptOssSafeguard:
    """A policy, then the text in tags.

    ``policy`` replaces the one that ships; it has to ask for the same answer. ValueError if there is
    a placeholder in it.
    """

    policy: str | None = None

    def __post_init__(self) -> None:
        if self.policy is not None and placeholders(self.policy) - {"categories"}:
            raise ValueError("policy: the only placeholder in it may be $categories")

    def messages(self, prompt: str, response: str | None) -> list[AnyMessage]:
        """The policy, and the request, with its answer if there is one, as data."""
        listed = "\n".join(f"- {one.slug}: {one.title}; {one.meaning}" for one in CATEGORIES)
        policy = Template(self.policy or _shipped()).substitute(categories=listed)
        answer = {} if response is None else {"answer": response}
        return [SystemMessage(policy), HumanMessage(fenced(user_text=prompt, **answer))]

    def parse(self, answer: str) -> Verdict:
        """See `Format.parse`: one JSON object, after thoughts if a server leaves them in."""
        body = answer.lstrip()
        if body[: len(_THOUGHT)].lower() == _THOUGHT and (ends := _THOUGHT_ENDS.search(body)):
            body = body[ends.end() :]
        value, found = _object(without_fence(body.strip())), _WORD.search(body)
        word = str(value.get("verdict")).lower() if value else ""
        if value is None or word not in _DEGREES or found is None:
            raise GuardVerdictError(
                'the guard gave no JSON object with "verdict": safe, controversial or unsafe, as the '
                "policy asks; is this another model, or another policy?"
            )
        named = value.get("categories") or []
        keys = [key_of(name) for name in named] if isinstance(named, list) else [None]
        if None in keys or (word == "safe" and keys):
            raise GuardVerdictError(
                "the guard named categories that the policy does not have, or of a text that it "
                "called safe"
            )
        start = len(answer) - len(body) + found.start("word")
        categories = tuple(dict.fromkeys(key for key in keys if key)) or (UNSAFE,)
        return Verdict(word, start, _DEGREES, categories)


def _object(text: str) -> dict[str, Any] | None:
    """A JSON object in which no name stands twice; None for anything else."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({name for name, _ in pairs}) < len(pairs):
            raise ValueError
        return dict(pairs)

    try:
        value = json.loads(text, object_pairs_hook=once)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


@cache
def _shipped() -> str:
    path = files("lance_graph.guards").joinpath("prompts/gpt_oss_safeguard.md")
    return path.read_text("utf-8").strip()
