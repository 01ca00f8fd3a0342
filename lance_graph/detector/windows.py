"""Overlapping windows over a pair's token ids, so that nothing hides behind the length limit.

And what the highest of many windows is worth.
"""

from collections.abc import Iterator, Sequence
from math import exp, log

from lance_graph.scores import RiskScore

Ids = Sequence[int]
MOST_ODDS = 30.0
"""At odds of e^30 both shapes of a posterior are still positive."""


def windows(prompt: Ids, response: Ids, budget: int) -> Iterator[tuple[Ids, Ids]]:
    """(prompt part, response part) pairs of at most ``budget`` ids that together cover everything.

    A pair that fits is one window. Otherwise the shorter side keeps up to half of the budget and
    the other slides; where both are longer than half, each slides against the other's first part.
    """
    if len(prompt) + len(response) <= budget:
        yield prompt, response
        return
    half = budget // 2
    head_prompt = prompt[: max(half, budget - len(response))]
    head_response = response[: max(budget - half, budget - len(prompt))]
    for part in slide(prompt, budget - len(head_response)):
        yield part, head_response
    if len(head_response) < len(response):
        for part in list(slide(response, budget - len(head_prompt)))[1:]:
            yield head_prompt, part


def slide(ids: Ids, size: int) -> Iterator[Ids]:
    """Parts of ``size`` ids that overlap by a quarter and end with the last id."""
    step = max(1, size - size // 4)
    start = 0
    while start + size < len(ids):
        yield ids[start : start + size]
        start += step
    yield ids[max(0, len(ids) - size) :]


def of_many(score: RiskScore, count: int) -> RiskScore:
    """What the highest degrees of ``count`` windows say of a text: with each window more, a low one less.

    logit(m') = (1 + ln n) logit(m) where m < 0.5, else m' = m; alpha + beta stays. So no length takes a
    degree of 0.5 or more away, and the order of degrees stays (docs/decisions/0020).
    """
    if count < 2:
        return score
    shapes = zip(score.alpha, score.beta, strict=True)
    alpha, beta = zip(*(_of_many(a, b, 1 + log(count)) for a, b in shapes), strict=True)
    return RiskScore(score.categories, alpha, beta, score.out_of_language)


def _of_many(alpha: float, beta: float, factor: float) -> tuple[float, float]:
    if not 0 < alpha < beta:  # of what is no number nothing is taken
        return alpha, beta
    total = alpha + beta
    mean = 1 / (1 + exp(min(factor * log(beta / alpha), MOST_ODDS)))
    return total * mean, total * (1 - mean)
