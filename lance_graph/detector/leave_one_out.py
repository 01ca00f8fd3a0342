"""Leave-one-out: how far the log-odds of a category fall when a word is gone.

The plainest answer to what a word did, and up to 65 scorings of a short prompt.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

from lance_graph.detector.attribution import Method, Place, Weights, log_odds, places, worst
from lance_graph.scores import Pair, RiskScore

MAX_WORDS = 64
MAX_CHARACTERS = 2_000
MAX_PASSAGES = 3
Scorer = Callable[[Sequence[Pair]], Sequence[RiskScore]]


def leave_one_out(score: Scorer) -> Method:
    """Weights by scoring a prompt once per word without that word, in one batch.

    That is done for a prompt of up to 64 words and 2,000 characters. Of a longer one the passage that
    is worst in a category is looked at in that way, and at most three passages in all: one more
    scoring of the prompt, whatever its length.
    """

    def weigh(
        prompt: str, response: str | None, categories: Sequence[str]
    ) -> Mapping[str, Weights]:
        found: dict[str, Weights] = {}
        for (start, end), wanted in passages(score, prompt, categories).items():
            falls = _falls(score, prompt[start:end], response, wanted)
            for category, weights in falls.items():
                found[category] = {(a + start, b + start): w for (a, b), w in weights.items()}
        return found

    return weigh


def passages(score: Scorer, prompt: str, categories: Sequence[str]) -> dict[Place, list[str]]:
    """Character ranges to look at, each with the categories that are worst there."""
    words = list(places(prompt))
    if not words or not categories:
        return {}
    if len(words) <= MAX_WORDS and len(prompt) <= MAX_CHARACTERS:
        return {(0, len(prompt)): list(categories)}
    ranges = list(_ranges(words))
    degrees = [log_odds(one) for one in score([prompt[start:end] for start, end in ranges])]
    chosen = worst(degrees, categories, MAX_PASSAGES)
    return {ranges[index]: there for index, there in chosen.items()}


def _ranges(words: Sequence[Place]) -> Iterator[Place]:
    """Character ranges that hold all ``words``, each of at most 64 words and 2,000 characters."""
    first = 0
    for index in range(1, len(words) + 1):
        over = index < len(words) and words[index][1] - words[first][0] > MAX_CHARACTERS
        if index == len(words) or index - first == MAX_WORDS or over:
            yield words[first][0], words[index - 1][1]
            first = index


def _falls(
    score: Scorer, text: str, response: str | None, categories: Sequence[str]
) -> dict[str, Weights]:
    words = list(places(text))
    variants: list[Pair] = [(text, response)]
    variants += [(text[:start] + text[end:], response) for start, end in words]
    whole, *without = [log_odds(one) for one in score(variants)]
    return {
        category: {
            place: whole[category] - less[category]
            for place, less in zip(words, without, strict=True)
        }
        for category in categories
    }
