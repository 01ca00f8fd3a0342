"""Which words of a prompt drove a category: leave-one-out on the log-odds of d_j."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from math import log

from lance_graph.scores import Pair, RiskScore, Span

MAX_WORDS = 64
MAX_CHARACTERS = 2_000
MAX_PASSAGES = 3
RESPONSE_CHARACTERS = 600
Scorer = Callable[[Sequence[Pair]], Sequence[RiskScore]]
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
    score: Scorer,
    prompt: str,
    response: str | None,
    categories: Sequence[str],
    per_category: int = 4,
) -> list[Span]:
    """Up to ``per_category`` spans for each of ``categories``, heaviest first.

    A prompt of up to 64 words and 2,000 characters is scored once per word without that word, in
    one batch. Of a longer one the passage that is worst in a category is looked at in that way, and
    at most three passages in all: the cost is one more scoring of the prompt, whatever its length.
    A span's weight is how far ln(alpha_j / beta_j) falls; spans that add nothing, or that hold only
    function words, are left out. Of a response only the beginning counts.
    """
    beside = response[:RESPONSE_CHARACTERS] if response else response
    found: list[Span] = []
    for (start, end), wanted in passages(score, prompt, categories).items():
        for span in _leave_one_out(score, prompt[start:end], beside, wanted, per_category):
            found.append(replace(span, start=span.start + start, end=span.end + start))
    rank = {category: place for place, category in enumerate(categories)}
    return sorted(found, key=lambda span: (rank[span.category], -span.weight))


def passages(
    score: Scorer, prompt: str, categories: Sequence[str]
) -> dict[tuple[int, int], list[str]]:
    """Character ranges to look at, each with the categories that are worst there."""
    words = [match.span() for match in _WORD.finditer(prompt)]
    if not words or not categories:
        return {}
    if len(words) <= MAX_WORDS and len(prompt) <= MAX_CHARACTERS:
        return {(0, len(prompt)): list(categories)}
    ranges = list(_ranges(words))
    degrees = [log_odds(one) for one in score([prompt[start:end] for start, end in ranges])]
    chosen: dict[tuple[int, int], list[str]] = {}
    for category in categories:
        place = max(range(len(ranges)), key=lambda index: degrees[index][category])
        if ranges[place] in chosen or len(chosen) < MAX_PASSAGES:
            chosen.setdefault(ranges[place], []).append(category)
    return chosen


def _ranges(words: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Character ranges that hold all ``words``, each of at most 64 words and 2,000 characters."""
    first = 0
    for index in range(1, len(words) + 1):
        over = index < len(words) and words[index][1] - words[first][0] > MAX_CHARACTERS
        if index == len(words) or index - first == MAX_WORDS or over:
            yield words[first][0], words[index - 1][1]
            first = index


def _leave_one_out(
    score: Scorer, text: str, response: str | None, categories: Sequence[str], limit: int
) -> list[Span]:
    places = [match.span() for match in _WORD.finditer(text)]
    variants: list[Pair] = [(text, response)]
    variants += [(text[:start] + text[end:], response) for start, end in places]
    whole, *without = [log_odds(one) for one in score(variants)]
    found: list[Span] = []
    for category in categories:
        weights = [whole[category] - variant[category] for variant in without]
        floor = max(0.25 * max(weights), 0.05)
        heavy = [
            Span(category, text[start:end], start, end, round(weight, 4))
            for (start, end), weight in zip(places, weights, strict=True)
            if weight > floor and _carries_meaning(text[start:end])
        ]
        found += sorted(_joined(text, heavy), key=lambda span: -span.weight)[:limit]
    return found


def log_odds(score: RiskScore) -> dict[str, float]:
    """ln(alpha_j / beta_j) = logit of the mean: unlike the mean it does not saturate near 1."""
    shapes = zip(score.categories, score.alpha, score.beta, strict=True)
    return {category: log(a) - log(b) for category, a, b in shapes}


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


def _carries_meaning(text: str) -> bool:
    return any(word.casefold() not in _FUNCTION_WORDS for word in _WORD.findall(text))
