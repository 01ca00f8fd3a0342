"""The rewrites in a refiner's answer, read tolerantly: structured output, then tags, then plain text."""

import re
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, Field

from lance_graph.answers import (
    json_in,
    said,
    without_fence,
    without_opening_thoughts,
    without_thinking,
)

_TAGS = re.compile(r"<refined_prompt>(.*?)(?:</refined_prompt>|\Z)", re.DOTALL | re.IGNORECASE)
_FIELD = '"refined_prompt"'
_LABEL = (
    r"(?:the )?(?:refined|rewritten|revised|edited|harmless)[ _](?:prompt|request|version)\s*:\s*"
)
_PREAMBLE = re.compile(
    r"(?:(?:sure|certainly|of course|okay|ok|here(?: is|'s|’s))\b[^\n]{0,80}?:\s*(?=\S)"
    rf"|{_LABEL})+",
    re.IGNORECASE,
)
_LABELLED = re.compile(f"(?:{_LABEL})+", re.IGNORECASE)
_NUMBERED = re.compile(
    r"^[ \t*(（]{0,9}\d(?:[.):][ \t*]{1,9}|[、．）：][ \t*]{0,9})(\S.*)$", re.MULTILINE
)
"""A line of a list, as scripts and keyboards write it: "1. …", "(1) …", "1、…", "١. …"."""
MOST = 3
"""Rewrites of one answer that are looked at."""
_THOUGHT = re.compile(r"</?think>", re.IGNORECASE)
_QUOTES = {'"': '"', "“": "”"}


class RefinedPrompt(BaseModel):
    """The rewritten request, in the user's voice."""

    refined_prompt: str = Field(
        description="The rewritten request alone, as the user would type it."
    )


@dataclass(frozen=True)
class Rewrite:
    """A rewrite as it was found, and whether it came in the form that was asked for."""

    text: str
    formed: bool


def parse_all(
    answer: object, original: str = "", *, lines_asked: bool = True
) -> tuple[Rewrite, ...]:
    """The rewrites of ``original`` in a refiner's answer: its numbered lines, at most `MOST`, else all of it.

    Numbered lines are one rewrite where ``original`` is such a list, or where none were asked for. Empty
    for what is no answer.
    """
    found = parse(answer, original)
    if found is None:
        return ()
    is_one = not lines_asked or is_list(original)
    lines = [] if is_one else _NUMBERED.findall(found.text) or _counted(found.text)
    several = [_bare(line.rstrip(" \t*"), original, _LABELLED) for line in lines[:MOST]]
    return tuple(Rewrite(line, True) for line in several if line) or (found,)


def _counted(text: str) -> list[str]:
    """The lines of a text in which each begins with its bare number, "1 …", as the lines are asked for."""
    lines = [line.strip().partition(" ") for line in text.splitlines() if line.strip()]
    numbers = [number for number, _, _ in lines]
    counted = numbers == [str(n) for n in range(1, len(lines) + 1)]
    begun = all(line[:1].isupper() or line[:1] in _QUOTES for _, _, line in lines)
    return [line for _, _, line in lines] if counted and begun else []


def is_list(text: str) -> bool:
    """Whether ``text`` has numbered lines, more than one."""
    return len(_NUMBERED.findall(text)) > 1


def parse(answer: object, original: str = "") -> Rewrite | None:
    """The rewrite of ``original`` in a refiner's answer.

    What the user wrote is not taken for the model's manners: an opening, quotation marks and thoughts
    that stand in ``original`` stay. None for what is no answer: a message that is not an assistant's,
    a list, any other object.
    """
    if isinstance(answer, dict) and "raw" in answer:
        parsed = answer.get("parsed")
        answer = parsed if isinstance(parsed, RefinedPrompt) else answer["raw"]
    if isinstance(answer, RefinedPrompt):
        text = _TAGS.findall(answer.refined_prompt)
        return Rewrite(
            _bare(text[-1] if text else answer.refined_prompt, original, _LABELLED), True
        )
    found = said(answer)
    return None if found is None else _in_prose(found, original)


def _in_prose(text: str, original: str) -> Rewrite:
    think = without_opening_thoughts if _THOUGHT.search(original) else without_thinking
    text = without_fence(think(text))
    tagged = _TAGS.findall(text)
    if tagged:
        return Rewrite(_bare(tagged[-1], original, _LABELLED), True)
    for value in json_in(text):
        if isinstance(value, dict) and "refined_prompt" in value:
            return Rewrite(_bare(_field(value), original, _LABELLED), True)
    return Rewrite("" if _is_broken_json(text) else _bare(text, original, _PREAMBLE), False)


def _is_broken_json(text: str) -> bool:
    """Whether ``text`` holds braces with the field in them: no rewrite, least of all as it is."""
    *closed, _ = text.split("}")
    return any(_FIELD in part and "{" in part[: part.rfind(_FIELD)] for part in closed)


def _field(value: Any) -> str:
    """The field ``refined_prompt`` of a JSON object; a list as numbered lines; empty if it is no text."""
    field = value["refined_prompt"]
    if isinstance(field, list) and all(isinstance(one, str) for one in field):
        return "\n".join(f"{n}. {' '.join(one.split())}" for n, one in enumerate(field, start=1))
    return field if isinstance(field, str) else ""


def _bare(text: str, original: str, manners: re.Pattern[str]) -> str:
    """Without what small models put around a rewrite: an announcement, a label, quotes."""
    text, original = text.strip(), original.strip()
    opening = manners.match(text)
    if opening and not original.casefold().startswith(opening.group().strip().casefold()):
        text = text[opening.end() :].strip()
    closing = _QUOTES.get(text[:1])
    inside = text[1:-1]
    quoted = closing and len(text) > 1 and text.endswith(closing) and closing not in inside
    if quoted and not (original[:1] in _QUOTES and original.endswith(tuple(_QUOTES.values()))):
        text = inside.strip()
    return text
