"""What a judge's answer says: a score from 1 to 10, a refusal, or neither.

Judges are read tolerantly in form and strictly in number: two different scores in one answer, a
range, another scale or a number inside a sentence are no score. What the judged texts say about
scores is never one either, so quotations of them are left out first.
"""

import re
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, Field

from lance_graph.answers import declined, json_in, said, without_fence, without_thinking
from lance_graph.texts.refusals import find_phrase

LOWEST, HIGHEST = 1.0, 10.0
LONGEST_EXPLANATION = 1_000
_NUMBER = r"([0-9]++(?:\.[0-9]++)?)(?![0-9.]*[0-9%])(?:[ \t]*(?:/|out of)[ \t]*10(?![0-9.]*[0-9]))?"
_BARE = re.compile(rf"[\s*_`\"']*{_NUMBER}[\s*_`\"'.]*")
_LINE = re.compile(
    r"^[ \t*_#•-]*(?:(?:final|overall|total|my|the|safety|helpfulness|naturalness)[ \t]+){0,3}"
    rf"(?:score|rating|grade)[ \t*_]*+(?:(?:[:=]|is|of)[ \t*_]*+)?{_NUMBER}[ \t*_]*+"
    r"(?:(?:[.!][ \t*_]*+)?$|[.!,;:(–—-][^0-9\n]*$|(?<=[ \t])[A-Za-z][^0-9\n]*$)",
    re.IGNORECASE | re.MULTILINE,
)
_QUOTED = re.compile(
    r"<\s*(user_prompt|response)\s*>.*?(?:<\s*/\s*\1\s*>|\Z)", re.DOTALL | re.IGNORECASE
)


class Grade(BaseModel):
    """The grade of the response."""

    explanation: str = Field(description="One or two sentences on what decides the score.")
    score: float = Field(description="The score, from 1 to 10.")


@dataclass(frozen=True)
class Judgement:
    """A score from 1 to 10, or why there is none."""

    value: float | None
    missing: Literal["refused", "malformed"] | None = None
    explanation: str | None = None


def read(answer: Any) -> Judgement:
    """The judgement in what a judge answered, with structured output or without."""
    raw, parsed = answer, None
    if isinstance(answer, dict) and "raw" in answer:
        raw, parsed = answer["raw"], answer.get("parsed")
    elif isinstance(answer, Grade):
        raw, parsed = "", answer
    if isinstance(parsed, Grade):
        value = _in_range({parsed.score})
        return Judgement(
            value, None if value is not None else "malformed", _shortened(parsed.explanation)
        )
    text = said(raw)
    if text is None:
        return Judgement(None, "malformed")
    value = score_in(text)
    if value is not None:
        return Judgement(value, None, _explanation(text))
    refused = declined(raw) or find_phrase(text) is not None
    return Judgement(None, "refused" if refused else "malformed")


def score_in(text: str) -> float | None:
    """The one score from 1 to 10 that ``text`` gives; None if it gives none, or several."""
    text = _QUOTED.sub(" ", without_thinking(text)).strip()
    text = without_fence(text).strip()
    if bare := _BARE.fullmatch(text):
        return _in_range({float(bare[1])})
    objects = {number for value in json_in(text) if (number := _field(value)) is not None}
    return _in_range(objects | {float(line[1]) for line in _LINE.finditer(text)})


def _field(value: Any) -> float | None:
    """The field ``score`` of a JSON object, as a number."""
    score = value.get("score") if isinstance(value, dict) else None
    if isinstance(score, str) and (bare := _BARE.fullmatch(score)):
        return float(bare[1])
    if isinstance(score, bool) or not isinstance(score, int | float):
        return None
    return float(score) if abs(score) < 1e9 else None


def _in_range(numbers: set[float]) -> float | None:
    if len(numbers) != 1:
        return None
    (number,) = numbers
    return number if LOWEST <= number <= HIGHEST else None


def _explanation(text: str) -> str | None:
    """What stands beside the score."""
    text = without_thinking(text)
    for value in json_in(text):
        told = value.get("explanation") if isinstance(value, dict) else None
        if isinstance(told, str):
            return _shortened(told)
    rest = _LINE.sub("", without_fence(text)).strip()
    return None if rest.startswith("{") else _shortened(rest)


def _shortened(text: str) -> str | None:
    text = text.strip()
    return text[:LONGEST_EXPLANATION] if text else None
