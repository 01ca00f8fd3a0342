"""What comes in, what goes out, and what the nodes share between.

Everything that a checkpointer stores is JSON-plain. Text that has not been judged safe lives in
`Draft` objects in untracked channels: not stored, not streamed, not printed.
"""

from collections.abc import Callable
from math import inf
from typing import Annotated, Any, Literal, NoReturn, NotRequired

from langchain_core.messages import AnyMessage
from langgraph.channels import UntrackedValue
from langgraph.graph import add_messages
from typing_extensions import TypedDict  # pydantic, and so Studio, needs this one below Python 3.12

from lance_graph.detector.score import Reading
from lance_graph.gradients import Clause
from lance_graph.routing import Branch

Status = Literal["safe", "rewritten", "fell_back", "degraded"]


class Draft:
    """A prompt under repair, the target's answer to it if there is one, and what is wrong with them.

    Its text is reached through methods alone, so that no repr, serialiser or stream shows it, and
    it refuses to be pickled.
    """

    __slots__ = ("_content",)
    _content: Callable[[], tuple[str, str | None, list[Clause], float, dict[str, Any]]]

    def __init__(
        self,
        prompt: str,
        response: str | None = None,
        *,
        gradient: list[Clause] | None = None,
        max_risk: float = inf,
        metadata: dict[str, Any] | None = None,
    ) -> None:
        content = (prompt, response, list(gradient or ()), max_risk, dict(metadata or {}))
        self._content = lambda: content

    def scored(self, gradient: list[Clause], max_risk: float) -> "Draft":
        """The same texts with what the detector found."""
        prompt, response, _, _, metadata = self._content()
        return Draft(prompt, response, gradient=gradient, max_risk=max_risk, metadata=metadata)

    def prompt(self) -> str:
        """x_t."""
        return self._content()[0]

    def response(self) -> str | None:
        """r_t; None before the target has answered x_t."""
        return self._content()[1]

    def gradient(self) -> list[Clause]:
        """g_t, empty until scored and while nothing is hazardous."""
        return self._content()[2]

    def max_risk(self) -> float:
        """max_j d_j of this draft; infinite until scored."""
        return self._content()[3]

    def metadata(self) -> dict[str, Any]:
        """Usage and model name that came with the answer."""
        return self._content()[4]

    def __repr__(self) -> str:
        return "<draft withheld>"

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        raise TypeError("a draft is not serialised: it may hold text that was not judged safe")

    def __deepcopy__(self, memo: Any) -> "Draft":
        return self


class Step(TypedDict):
    """One line of the trace: what a node did, in numbers and names, without any draft's text.

    A number that could not be had is None.
    """

    node: str
    iteration: int
    seconds: float
    scored: NotRequired[Literal["prompt", "pair"]]
    risk: NotRequired[dict[str, float | None]]
    max_risk: NotRequired[float | None]
    branch: NotRequired[Branch]
    gradient: NotRequired[list[Clause]]
    model: NotRequired[str]
    failed_attempts: NotRequired[list[str]]
    failure: NotRequired[str]


class Verdict(TypedDict):
    """How a run ended, as one JSON-plain object; None where a number could not be had."""

    status: Status
    reason: str
    iterations: int
    prompt: str
    refined_prompt: str | None
    initial_risk: dict[str, float | None]
    initial_spread: dict[str, float | None]
    risk: dict[str, float | None]
    spread: dict[str, float | None]
    trace: list[Step]


class InputState(TypedDict):
    """What a caller gives."""

    messages: Annotated[list[AnyMessage], add_messages]
    """The conversation; its last human turn is repaired and answered, earlier turns are context."""


class OutputState(TypedDict):
    """What a caller gets."""

    messages: Annotated[list[AnyMessage], add_messages]
    """The conversation as typed, and one more assistant message."""
    verdict: Verdict
    """How the run ended, and why."""


class State(OutputState):
    """What the nodes share."""

    draft: Annotated[Draft, UntrackedValue(Draft)]
    """The attempt under repair (x_t, r_t); missing at the start of a run."""
    best: Annotated[Draft, UntrackedValue(Draft)]
    """The scored attempt with the lowest maximal risk so far."""
    started: Annotated[float, UntrackedValue(float)]
    """time.monotonic() at the start of the run, in seconds."""
    iteration: int
    """t: how many rewrites have been made."""
    initial: Reading | None
    """The first score of the run: of the original prompt, or pair."""
    reading: Reading | None
    """The newest score."""
    branch: Branch
    """Where the newest score leads."""
    failure: str | None
    """The component that failed and how, without any text; the run then falls back."""
    trace: list[Step]
    """What has happened so far."""
