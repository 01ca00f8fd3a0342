"""What goes through an evaluation: samples, answers, scores, records. All but samples are plain JSON."""

from dataclasses import dataclass
from typing import Any, Literal, NotRequired, Protocol, runtime_checkable

from typing_extensions import TypedDict

Outcome = Literal[
    "answered", "safe", "rewritten", "fell_back", "degraded", "blocked", "scored", "failed"
]


@dataclass(frozen=True)
class Sample:
    """One row of a data set.

    ``id`` is unique in the set and stable between runs. ``harmful`` is the set's own label of the
    prompt, or of the pair where there is a ``response``; None where it has none. ``type`` is a finer
    kind, such as XSTest's.
    """

    id: str
    prompt: str
    category: str | None = None
    harmful: bool | None = None
    type: str | None = None
    response: str | None = None


@dataclass(frozen=True)
class Reply:
    """What a method gives for a sample. ``response`` is None only where ``outcome`` says why.

    ``initial_risk`` and ``risk`` are degrees per category before and after, where the method has
    scored them itself. ``failure`` names what failed, without quoting any text.
    """

    response: str | None
    outcome: Outcome = "answered"
    refined_prompt: str | None = None
    iterations: int = 0
    initial_risk: dict[str, float | None] | None = None
    risk: dict[str, float | None] | None = None
    failure: str | None = None


class Cost(TypedDict):
    """Model calls, how many of them a cache answered, tokens (None where unreported), seconds."""

    calls: int
    cached: int
    tokens: int | None
    seconds: float


class Answer(TypedDict):
    """A `Reply` as JSON, and its `Cost`: a cached call counts with what it once took."""

    response: str | None
    outcome: Outcome
    refined_prompt: str | None
    iterations: int
    initial_risk: dict[str, float | None] | None
    risk: dict[str, float | None] | None
    failure: str | None
    calls: int
    cached: NotRequired[int]
    tokens: int | None
    seconds: float


class Score(TypedDict):
    """One figure of one answer. ``value`` is None where it is undefined or could not be had, never 0.

    ``missing`` says why then: ``"refused"`` (the judge declined), ``"malformed"``, ``"failed"``,
    ``"undefined"``.
    """

    value: float | None
    explanation: NotRequired[str | None]
    missing: NotRequired[str]


class Record(TypedDict):
    """One line of results: a method's answer to a sample, and its scores by name.

    ``judging`` is what the scores cost, where models judged.
    """

    method: str
    id: str
    prompt: str
    category: str | None
    harmful: bool | None
    type: str | None
    answer: Answer
    scores: dict[str, Score]
    judging: NotRequired[Cost]


@runtime_checkable
class Method(Protocol):
    """Something that answers prompts; one file in `lance_graph.evaluation.methods` each."""

    @property
    def name(self) -> str:
        """Key in records and on the command line, such as ``"lance-nr"``."""
        ...

    @property
    def title(self) -> str:
        """Name in tables, such as ``"Lance-NR"``."""
        ...

    @property
    def model(self) -> str:
        """Name of the model that it mostly waits for: calls of one model are bounded together."""
        ...

    @property
    def max_calls(self) -> int:
        """The most model calls that one sample can take, for `--dry-run`."""
        ...

    async def answer(self, sample: Sample) -> Reply:
        """Answer the sample's prompt; what it raises becomes a record with outcome ``failed``."""
        ...


@runtime_checkable
class Scorer(Protocol):
    """Something that judges answers."""

    @property
    def names(self) -> tuple[str, ...]:
        """The scores that it gives."""
        ...

    @property
    def max_calls(self) -> int:
        """The most model calls that one answer can take, for `--dry-run`."""
        ...

    async def score(self, sample: Sample, answer: Answer) -> dict[str, Score]:
        """A score for each of ``names``. It must not see which method answered."""
        ...


JSON = dict[str, Any]
