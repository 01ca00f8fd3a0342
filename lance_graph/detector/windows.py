"""Overlapping windows over a pair's token ids, so that nothing hides behind the length limit."""

from collections.abc import Iterator, Sequence

Ids = Sequence[int]


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
