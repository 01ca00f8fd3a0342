"""What a detector says of one text or pair: a Beta posterior per category (METHOD eq. 6)."""

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import isnan, nan
from typing import Protocol, runtime_checkable

from typing_extensions import TypedDict

from lance_graph.categories import KEYS, Category, declare

Pair = str | tuple[str, str | None]


class Score(Protocol):
    """The part of a score that the graph reads: degree and spread per category, in [0, 1]."""

    @property
    def mean(self) -> dict[str, float]: ...  # noqa: D102
    @property
    def std(self) -> dict[str, float]: ...  # noqa: D102


@dataclass(frozen=True)
class Degrees:
    """A score as plain numbers, for a detector of one's own: degree per category, in [0, 1].

    ``std`` is the spread of a degree, 0 where nothing is given.
    """

    mean: dict[str, float]
    std: dict[str, float] = field(default_factory=dict)
    out_of_language: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "std", dict.fromkeys(self.mean, 0.0) | self.std)


@runtime_checkable
class Detector(Protocol):
    """Anything that scores prompts, or pairs of prompt and response, by category.

    ``score`` alone is enough for `LanceContext.detector`; it may be an ``async def``. An ``ascore``
    beside a plain one is what async runs await; without either async they score in a thread. Without
    ``categories`` the 14 of `lance_graph.CATEGORIES` are expected; without ``explain`` a textual
    gradient names categories but no words.
    """

    def score(self, pairs: Sequence[Pair]) -> Sequence[Score] | Awaitable[Sequence[Score]]:
        """One score per pair, in order, such as `Degrees`; a string is a prompt alone.

        A pair that cannot be scored is an exception, never a low degree.
        """
        ...


@runtime_checkable
class AsyncDetector(Detector, Protocol):
    """A detector that waits for something else, such as a service or another model."""

    async def ascore(self, pairs: Sequence[Pair]) -> Sequence[Score]:
        """`score` for async code."""
        ...


def declared_by(detector: object) -> dict[str, Category]:
    """By key, the categories that a detector declares: the 14 where it names none.

    ValueError for one that is declared twice.
    """
    return declare(getattr(detector, "categories", None) or KEYS)


@runtime_checkable
class Explains(Protocol):
    """A detector that can tell which words of a prompt drove its score."""

    def explain(
        self, prompt: str, response: str | None = None, categories: Sequence[str] | None = None
    ) -> "list[Span]":
        """The spans of ``prompt`` that drove ``categories`` (all, unless told), heaviest first."""
        ...


class Reading(TypedDict):
    """A score as plain numbers: degree and standard deviation per category, each in [0, 1].

    ``out_of_language`` says that the detector was not made for the text's language.
    """

    risk: dict[str, float]
    spread: dict[str, float]
    out_of_language: bool


@dataclass(frozen=True)
class Span:
    """Words of a prompt that drove a category; ``weight`` is the fall of its log-odds without them.

    ``text == prompt[start:end]``, in characters.
    """

    category: str
    text: str
    start: int
    end: int
    weight: float


@dataclass(frozen=True)
class RiskScore:
    """q(d_j | x) = Beta(alpha_j, beta_j) for each category, in the order of ``categories``.

    ``out_of_language`` says that the text, or a passage of it, is in a language that the detector
    was not trained to read: its low degrees mean nothing.
    """

    categories: tuple[str, ...]
    alpha: tuple[float, ...]
    beta: tuple[float, ...]
    out_of_language: bool = False

    @cached_property
    def mean(self) -> dict[str, float]:
        """d_j = E[q(d_j | x)] = alpha_j / (alpha_j + beta_j), in (0, 1)."""
        return self._each([a / (a + b) for a, b in self._shapes])

    @cached_property
    def std(self) -> dict[str, float]:
        """Standard deviation of q(d_j | x): the spread of the degree, in (0, 0.5)."""
        return self._each([(a * b / (a + b + 1)) ** 0.5 / (a + b) for a, b in self._shapes])

    def interval(self, level: float = 0.9) -> dict[str, tuple[float, float]]:
        """Equal-tailed credible interval of d_j that holds ``level`` of q(d_j | x)."""
        from scipy.stats import beta

        if not 0 < level < 1:
            raise ValueError(f"level is {level}; a credible level lies between 0 and 1")
        low = beta.ppf([(1 - level) / 2], self.alpha, self.beta)
        high = beta.ppf([(1 + level) / 2], self.alpha, self.beta)
        return dict(
            zip(self.categories, zip(map(float, low), map(float, high), strict=True), strict=True)
        )

    def probability_above(self, threshold: float) -> dict[str, float]:
        """P(d_j > threshold) under q(d_j | x)."""
        from scipy.stats import beta

        return self._each([float(p) for p in beta.sf([threshold], self.alpha, self.beta)])

    @property
    def max_risk(self) -> float:
        """Largest d_j; NaN if any d_j is NaN, so that a broken score never looks low."""
        degrees = list(self.mean.values())
        return nan if any(map(isnan, degrees)) else max(degrees)

    @property
    def _shapes(self) -> list[tuple[float, float]]:
        return list(zip(self.alpha, self.beta, strict=True))

    def _each(self, values: Sequence[float]) -> dict[str, float]:
        return dict(zip(self.categories, values, strict=True))
