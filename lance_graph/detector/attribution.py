"""Which words of a prompt drove a category: from a weight for every word to a few spans.

A `Method` weighs the words: `lance_graph.detector.saliency` by one gradient, `leave_one_out` by scoring
the prompt without each of them.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from math import log

from lance_graph.scores import RiskScore, Span

RESPONSE_CHARACTERS = 600
Place = tuple[int, int]
"""Where a word stands in a prompt: its first character, and the one after its last."""
Weights = Mapping[Place, float]
"""What words add to the log-odds of a category, in the order of the prompt."""
Method = Callable[[str, str | None, Sequence[str]], Mapping[str, Weights]]
"""(prompt, response, categories) to the weights for each category; one may be missing, or empty."""
_WORD = re.compile(r"\w[\w'’-]{0,99}")
_FUNCTION_WORDS = frozenset(
    _WORD.findall(
        "a an the i you he she it we they me my your his her its our their this that these those "
        "who what which when where why how is are was were be been am do does did can could would "
        "should will may might must have has had to of in on at by for with from and or but if so "
        "as than there not no please some any about into"
    )
)


def explain(
    method: Method,
    prompt: str,
    response: str | None,
    categories: Sequence[str],
    per_category: int = 4,
) -> list[Span]:
    """Up to ``per_category`` spans for each of ``categories`` by ``method``, heaviest first.

    A span's weight is what its words add to ln(alpha_j / beta_j), as ``method`` has it. Spans that add
    less than 0.05, or a quarter of what the heaviest word adds, or that hold only function words, are
    left out. Of a response only the beginning counts.
    """
    if not categories or next(places(prompt), None) is None:
        return []
    beside = response[:RESPONSE_CHARACTERS] if response else response
    weights = method(prompt, beside, categories)
    return [
        span
        for category in categories
        for span in _spans(prompt, category, weights.get(category, {}))[:per_category]
    ]


def places(text: str) -> Iterator[Place]:
    """Where the words of ``text`` stand; a word has at most 100 characters."""
    return (match.span() for match in _WORD.finditer(text))


def log_odds(score: RiskScore) -> dict[str, float]:
    """ln(alpha_j / beta_j) = logit of the mean: unlike the mean it does not saturate near 1."""
    shapes = zip(score.categories, score.alpha, score.beta, strict=True)
    return {category: log(a) - log(b) for category, a, b in shapes}


def worst(
    odds: Sequence[Mapping[str, float]], categories: Sequence[str], most: int
) -> dict[int, list[str]]:
    """At most ``most`` places in ``odds``, each with those of ``categories`` that are highest there.

    The first categories choose; one that is highest at a further place is left out.
    """
    chosen: dict[int, list[str]] = {}
    for category in categories:
        place = max(range(len(odds)), key=lambda index: odds[index][category])
        if place in chosen or len(chosen) < most:
            chosen.setdefault(place, []).append(category)
    return chosen


def carries_meaning(text: str) -> bool:
    """Whether ``text`` holds a word that is no function word."""
    return any(word.casefold() not in _FUNCTION_WORDS for word in _WORD.findall(text))


def _spans(prompt: str, category: str, weights: Weights) -> list[Span]:
    floor = max(0.25 * max(weights.values(), default=0.0), 0.05)
    heavy = [
        Span(category, prompt[start:end], start, end, round(weight, 4))
        for (start, end), weight in weights.items()
        if weight > floor and carries_meaning(prompt[start:end])
    ]
    return sorted(_joined(prompt, heavy), key=lambda span: -span.weight)


def _joined(prompt: str, spans: Sequence[Span]) -> list[Span]:
    """Neighbouring spans (only spaces between) become one; their weights add up."""
    joined: list[Span] = []
    for span in spans:
        last = joined[-1] if joined else None
        if last and prompt[last.end : span.start].isspace():
            joined[-1] = Span(
                span.category,
                prompt[last.start : span.end],
                last.start,
                span.end,
                round(last.weight + span.weight, 4),
            )
        else:
            joined.append(span)
    return joined
