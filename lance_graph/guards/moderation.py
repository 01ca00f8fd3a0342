"""OpenAI's moderation endpoint as a detector (needs the ``openai`` extra)."""

from collections.abc import Iterator, Mapping, Sequence
from math import isfinite
from typing import TYPE_CHECKING, Any

from lance_graph.guards.score import (
    CATEGORIES,
    UNSAFE,
    GuardScore,
    GuardVerdictError,
    Part,
    check_part,
    guard_score,
    highest,
    texts_of,
)
from lance_graph.runtime.threads import in_thread
from lance_graph.scores import Pair

if TYPE_CHECKING:
    from openai import AsyncOpenAI, OpenAI

FLAGGED = 0.9
"""Least degree of a category that the service flags, whatever its score: a severe hazard."""

TEXTS_PER_REQUEST = 32

_HATE = "hate_speech,offensive_language"
_VIOLENCE = "violence,aiding_and_abetting,incitement"

MODERATED: dict[str, tuple[str, ...]] = {
    "harassment": (_HATE,),
    "harassment/threatening": (_HATE, _VIOLENCE),
    "hate": (_HATE,),
    "hate/threatening": (_HATE, _VIOLENCE),
    "illicit": ("financial_crime,property_crime,theft",),
    "illicit/violent": (_VIOLENCE,),
    "self-harm": ("self_harm",),
    "self-harm/instructions": ("self_harm",),
    "self-harm/intent": ("self_harm",),
    "sexual": ("sexually_explicit,adult_content",),
    "sexual/minors": ("child_abuse",),
    "violence": (_VIOLENCE,),
    "violence/graphic": (_VIOLENCE,),
}
OPTIONAL = ("illicit", "illicit/violent")
"""What older moderation models do not score."""


class ModerationDetector:
    """Degrees are the service's scores, the highest of those that `MODERATED` maps on a category.

    A flagged category has at least the degree `FLAGGED`; one that the service adds later counts
    for `UNSAFE`. The service knows no pairs: of one, ``pair="both"`` judges both texts and
    keeps the higher degree, ``"response"`` only the response. Without ``async_client`` async code
    uses ``client`` in a thread; without either, ``openai.OpenAI()`` is made (OPENAI_API_KEY).

    ImportError without the ``openai`` package. Scoring raises `GuardVerdictError` where a score is
    missing or no number, and what the client raises.
    """

    categories = CATEGORIES

    def __init__(
        self,
        model: str = "omni-moderation-latest",
        client: "OpenAI | None" = None,
        async_client: "AsyncOpenAI | None" = None,
        *,
        pair: Part = "both",
    ) -> None:
        check_part(pair)
        self.model = model
        self.pair: Part = pair
        self.async_client = async_client
        self.client = client if client or async_client else _default_client()

    def score(self, pairs: Sequence[Pair]) -> list[GuardScore]:
        """One score per pair, in order."""
        if self.client is None:
            raise ValueError(
                "only async_client was given; give client as well to score in sync code"
            )
        texts = [texts_of(pair, self.pair) for pair in pairs]
        scores = [
            score
            for batch in _batches(texts)
            for score in self._read(
                self.client.moderations.create(input=batch, model=self.model), len(batch)
            )
        ]
        return _together(texts, scores)

    async def ascore(self, pairs: Sequence[Pair]) -> list[GuardScore]:
        """`score` for async code."""
        if self.async_client is None:
            return await in_thread(lambda: self.score(pairs))
        texts = [texts_of(pair, self.pair) for pair in pairs]
        scores: list[GuardScore] = []
        for batch in _batches(texts):
            answer = await self.async_client.moderations.create(input=batch, model=self.model)
            scores += self._read(answer, len(batch))
        return _together(texts, scores)

    def _read(self, answer: Any, wanted: int) -> list[GuardScore]:
        """The service's answer, of which the client checks nothing."""
        results = getattr(answer, "results", None)
        if not isinstance(results, list) or len(results) != wanted:
            given = len(results) if isinstance(results, list) else "no"
            raise GuardVerdictError(f"the moderation gave {given} results for {wanted} texts")
        return [guard_score(_degrees(result)) for result in results]


def _degrees(result: Any) -> Iterator[tuple[str, float]]:
    flags = _plain(getattr(result, "categories", None))
    flagged = getattr(result, "flagged", None)
    if not isinstance(flagged, bool):
        raise GuardVerdictError("the moderation does not say whether the text is flagged")
    raised = [name for name, flag in flags.items() if flag]
    for name, degree in [*_scores(result).items(), *((name, FLAGGED) for name in raised)]:
        for key in MODERATED.get(name, (UNSAFE,)):
            yield key, degree
    if flagged and not raised:
        yield UNSAFE, FLAGGED


def _scores(result: Any) -> dict[str, float]:
    """The service's scores by its own names."""
    scores = _plain(getattr(result, "category_scores", None))
    missing = [name for name in MODERATED if name not in scores and name not in OPTIONAL]
    if missing:
        raise GuardVerdictError(f"the moderation gave no score for {', '.join(missing)}")
    for name, score in scores.items():
        if isinstance(score, bool) or not isinstance(score, int | float) or not isfinite(score):
            raise GuardVerdictError(f"the moderation's score for {name} is no number")
    return {name: float(score) for name, score in scores.items()}


def _plain(model: Any) -> Mapping[str, Any]:
    """The service's own names and values; what it left out is not in it."""
    if hasattr(model, "model_dump"):
        model = model.model_dump(by_alias=True, warnings=False)  # a warning would quote the value
    if not isinstance(model, Mapping):
        raise GuardVerdictError("the moderation gave a result without categories and their scores")
    return {name: value for name, value in model.items() if value is not None}


def _batches(texts: Sequence[Sequence[str]]) -> Iterator[list[str]]:
    every = [text for group in texts for text in group]
    for start in range(0, len(every), TEXTS_PER_REQUEST):
        yield every[start : start + TEXTS_PER_REQUEST]


def _together(texts: Sequence[Sequence[str]], scores: Sequence[GuardScore]) -> list[GuardScore]:
    """One score per group of texts: the highest degrees of its texts."""
    rest = iter(scores)
    return [highest([next(rest) for _ in group]) for group in texts]


def _default_client() -> "OpenAI":
    try:
        from openai import OpenAI
    except ImportError as error:
        raise ImportError(
            "OpenAI moderation needs the openai package: pip install 'langgraph-lance[openai]'"
        ) from error
    return OpenAI()
