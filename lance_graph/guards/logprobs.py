"""The probability of a verdict, where the chat model gives log-probabilities as OpenAI's do."""

from collections.abc import Iterator, Mapping
from math import exp, isfinite
from typing import Any

from lance_graph.guards.formats.base import CONTROVERSIAL_DEGREE, Verdict


def degree_of(verdict: Verdict, metadata: Mapping[str, Any], answer: str) -> float:
    """Expected degree of the words that the guard could have written, by their probabilities.

    The verdict's own degree, 1 or 0, where ``metadata`` (an answer's ``response_metadata``) has no
    log-probability of its word. What the guard called unsafe or controversial keeps at least
    `CONTROVERSIAL_DEGREE`.
    """
    weights = _weights(verdict, metadata, answer)
    if not weights.get(verdict.word):
        return verdict.degree
    left = 1.0 - sum(weights.values())
    for word in sorted(verdict.degrees, key=lambda w: abs(verdict.degrees[w] - 0.5), reverse=True):
        if word not in weights:  # the likeliest of those that were not listed takes what is left
            weights[word] = max(0.0, left)
            break
    total = sum(weights.values())
    degree = sum(weights[word] * verdict.degrees[word] for word in weights) / total
    least = CONTROVERSIAL_DEGREE if verdict.degree else 0.0
    return min(1.0, max(least, degree))


def _weights(verdict: Verdict, metadata: Mapping[str, Any], answer: str) -> dict[str, float]:
    """Probability of each verdict word, as far as it is listed where the verdict begins."""
    weights: dict[str, float] = {}
    for token, probability in _listed(metadata, answer, verdict.start):
        piece = token.strip().lower()
        words = [word for word in verdict.degrees if piece and word.startswith(piece)]
        if len(words) == 1:
            weights[words[0]] = weights.get(words[0], 0.0) + probability
    return weights


def _listed(metadata: Mapping[str, Any], answer: str, start: int) -> Iterator[tuple[str, float]]:
    """The tokens, with their probabilities, that the model weighed at character ``start``."""
    logprobs = metadata.get("logprobs")
    tokens = logprobs.get("content") if isinstance(logprobs, Mapping) else None
    end = 0
    for entry in tokens or ():
        token = entry.get("token") if isinstance(entry, Mapping) else None
        if not isinstance(token, str) or not answer.startswith(token, end):
            return  # other tokens than those of the answer: they tell nothing about it
        end += len(token)
        if end > start:
            for listed in entry.get("top_logprobs") or [entry]:
                logprob = listed.get("logprob")
                if isinstance(logprob, int | float) and isfinite(logprob) and logprob <= 0:
                    yield str(listed.get("token")), exp(logprob)
            return
