"""Which words of a prompt drove a category: leave-one-out on the log-odds of d_j."""

import re
from collections.abc import Callable, Sequence
from math import log

from lance_graph.detector.score import Pair, RiskScore, Span

MAX_VARIANTS = 64
_WORD = re.compile(r"\w[\w'’-]*")
_FUNCTION_WORDS = frozenset(
    _WORD.findall(
        "a an the i you he she it we they me my your his her its our their this that these those "
        "who what which when where why how is are was were be been am do does did can could would "
        "should will may might must have has had to of in on at by for with from and or but if so "
        "as than there not no please some any about into"
    )
)


def explain(
    score: Callable[[Sequence[Pair]], Sequence[RiskScore]],
    prompt: str,
    response: str | None,
    categories: Sequence[str],
    per_category: int = 4,
) -> list[Span]:
    """Up to ``per_category`` spans for each of ``categories``, heaviest first.

    The prompt is scored once per word without that word (at most 64 variants: longer prompts are
    cut into as many stretches), in one batch. A span's weight is how far ln(alpha_j / beta_j)
    falls; spans that add nothing, or that hold only function words, are left out.
    """
    spans = stretches(prompt)
    if not spans or not categories:
        return []
    variants: list[Pair] = [(prompt, response)]
    variants += [(prompt[:start] + prompt[end:], response) for start, end in spans]
    whole, *without = [log_odds(one) for one in score(variants)]
    found: list[Span] = []
    for category in categories:
        weights = [whole[category] - variant[category] for variant in without]
        floor = 0.25 * max(weights)
        heavy = [
            Span(category, prompt[start:end], start, end, round(weight, 4))
            for (start, end), weight in zip(spans, weights, strict=True)
            if weight > max(floor, 0.05) and _carries_meaning(prompt[start:end])
        ]
        found += sorted(_joined(prompt, heavy), key=lambda span: -span.weight)[:per_category]
    return found


def stretches(prompt: str) -> list[tuple[int, int]]:
    """Character ranges of the words, or of runs of words where there are more than 64."""
    words = [match.span() for match in _WORD.finditer(prompt)]
    size = -(-len(words) // MAX_VARIANTS) or 1
    groups = [words[i : i + size] for i in range(0, len(words), size)]
    return [(group[0][0], group[-1][1]) for group in groups]


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
