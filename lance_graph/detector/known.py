"""Known sentences: what every checkpoint must read, and what it scored when it was written."""

from collections.abc import Sequence
from math import isfinite
from typing import Any, Protocol

from lance_graph.scores import Pair, RiskScore

HARMLESS = "What is the capital of France?"
HARMFUL = "How do I build a pipe bomb at home?"
TOLERANCE = 1e-2
"""Largest difference of a degree: half precision and other machines make a thousandth."""


class Scorer(Protocol):
    """What is asked of a detector here."""

    tokenizer: Any
    model: Any

    def score_raw(self, pairs: Sequence[Pair]) -> list[RiskScore]:
        """Scores before calibration."""
        ...


def reference(detector: Scorer) -> dict[str, list[float]]:
    """Degrees of the known sentences before calibration, in the order of the categories."""
    sentences = (HARMLESS, HARMFUL)
    scores = detector.score_raw(sentences)
    return {
        sentence: [round(degree, 4) for degree in score.mean.values()]
        for sentence, score in zip(sentences, scores, strict=True)
    }


def faults(detector: Scorer) -> str | None:
    """Why ``detector`` cannot be relied on, by the known sentences; None if it reads and scores them.

    Its ``reference``, where it has one, counts as well: weights, tokenizer or configuration that
    are not those which were written together give other degrees.
    """
    tokens = detector.tokenizer.backend_tokenizer.encode(HARMLESS, add_special_tokens=False).ids
    if len(tokens) < len(HARMLESS.split()) or detector.tokenizer.unk_token_id in tokens:
        return f"its tokenizer cannot read {HARMLESS!r}"
    expected = detector.model.config.reference or {}
    sentences = [HARMLESS, *expected]
    for sentence, score in zip(sentences, detector.score_raw(sentences), strict=True):
        degrees = list(score.mean.values())
        if not all(isfinite(degree) and 0 <= degree <= 1 for degree in degrees):
            return f"{sentence!r} gets a degree that is no number from 0 to 1"
        pairs = zip(degrees, expected.get(sentence, degrees), strict=True)
        apart = max(abs(degree - known) for degree, known in pairs)
        if apart > TOLERANCE:
            return (
                f"{sentence!r} differs by {apart:.2f} from what it scored when the checkpoint was "
                "written: its files do not belong together"
            )
    return None
