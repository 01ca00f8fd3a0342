"""What comes in, what goes out, and what the nodes share between.

Everything that a checkpointer stores is JSON-plain. Text that has not been judged safe lives in
`Draft` objects in untracked channels: not stored, not streamed, not printed. (Only an answer that
was judged safe and waits for a person's approval is stored: see `pending`.)
"""

from collections.abc import Callable, Mapping, Sequence
from math import inf
from typing import Annotated, Any, Generic, Literal, NoReturn, NotRequired, Self, TypeVar

from langchain_core.messages import AIMessage, AnyMessage
from langchain_core.messages.ai import UsageMetadata
from langgraph.channels import UntrackedValue
from langgraph.graph import add_messages
from langgraph.managed import RemainingSteps
from typing_extensions import TypedDict  # pydantic, and so Studio, needs this one below Python 3.12

from lance_graph.conversation.document import Passage
from lance_graph.conversation.own_data import untold, without_own_data
from lance_graph.conversation.replies import in_context
from lance_graph.conversation.turns import Turn, answer_text, beside_summary, turns_of, with_prompt
from lance_graph.gradients import Clause
from lance_graph.routing import Branch, Effort, Finding
from lance_graph.scores import Reading
from lance_graph.withholding import Withheld as WithheldAnswer

Usage = dict[str, UsageMetadata]
"""Tokens by model, each under the name that the caller configured."""
Status = Literal["safe", "rewritten", "fell_back", "degraded", "unjudged", "monitored"]
Action = Literal["approve", "edit", "reject", "retry"]
Declined = Literal["rejected", "unscored_parts"]
Spent = Literal["words", "rewrites", "time", "steps"]
Content = TypeVar("Content")


class Withheld(Generic[Content]):
    """Something that is reached through methods alone: no repr, serialiser or stream shows it."""

    __slots__ = ("_content",)
    _content: Callable[[], Content]

    def _hold(self, content: Content) -> None:
        self._content = lambda: content

    def __repr__(self) -> str:
        return f"<{type(self).__name__.lower()} withheld>"

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        raise TypeError(
            f"a {type(self).__name__.lower()} is not serialised: it may hold text that was not "
            "judged safe"
        )

    def __deepcopy__(self, memo: Any) -> Self:
        return self


_Held = tuple[
    str, AIMessage | None, list[Clause], float, dict[str, Effort], list[Passage], "Draft | None"
]


class Draft(Withheld[_Held]):
    """A prompt under repair, the target's answer to it if there is one, and what is wrong with them."""

    __slots__ = ()

    def __init__(
        self,
        prompt: str,
        answer: AIMessage | str | None = None,
        *,
        gradient: list[Clause] | None = None,
        max_risk: float = inf,
        uncertain: Mapping[str, Effort] | None = None,
        passages: Sequence[Passage] = (),
        source: "Draft | None" = None,
    ) -> None:
        message = AIMessage(answer) if isinstance(answer, str) else answer
        doubts = dict(uncertain or {})
        self._hold(
            (prompt, message, list(gradient or ()), max_risk, doubts, list(passages), source)
        )

    def scored(
        self,
        gradient: list[Clause],
        max_risk: float,
        uncertain: Mapping[str, Effort] | None = None,
    ) -> "Draft":
        """The same texts with what the detector found."""
        return Draft(
            self.prompt(),
            self.answer(),
            gradient=gradient,
            max_risk=max_risk,
            uncertain=uncertain,
            source=self.source(),
        )

    def located(self, passages: Sequence[Passage]) -> "Draft":
        """The same, and where in the prompt it was found."""
        prompt, answer, gradient, risk, doubts, _, source = self._content()
        return Draft(
            prompt,
            answer,
            gradient=gradient,
            max_risk=risk,
            uncertain=doubts,
            passages=passages,
            source=source,
        )

    def answered(self, answer: AIMessage | str) -> "Draft":
        """The same prompt with the target's answer, not yet scored."""
        return Draft(self.prompt(), answer, source=self.source())

    def prompt(self) -> str:
        """x_t."""
        return self._content()[0]

    def answer(self) -> AIMessage | None:
        """The target's message; None before the target has answered x_t."""
        return self._content()[1]

    def response(self) -> str | None:
        """r_t, the answer as the detector reads it: what it says, and what it asks tools to do."""
        answer = self.answer()
        return None if answer is None else answer_text(answer)

    def gradient(self) -> list[Clause]:
        """g_t, empty until scored and while nothing is hazardous."""
        return self._content()[2]

    def max_risk(self) -> float:
        """max_j d_j of this draft; infinite until scored."""
        return self._content()[3]

    def uncertain(self) -> dict[str, Effort]:
        """The categories in doubt (`LanceContext.abstain`), with the effort of each by its degree alone."""
        return self._content()[4]

    def passages(self) -> list[Passage]:
        """The passages of a long prompt that are to be repaired, in order; none: all of the prompt is."""
        return self._content()[5]

    def source(self) -> "Draft | None":
        """What this prompt is a rewrite of, as it was scored then; None where LANCE has not made it."""
        return self._content()[6]


class LeftOut(TypedDict):
    """A message of the conversation that the target was not sent, or not whole; it quotes nothing.

    ``message`` is its place among the run's messages, from 0.
    """

    message: int
    type: str
    part: Literal["all", "passages"]
    because: Literal["hazardous", "given_up"]


class Dialogue(Withheld[tuple[list[AnyMessage], Turn]]):
    """The conversation as the target may see it, around the prompt under repair."""

    __slots__ = ("left_out",)

    def __init__(
        self, earlier: list[AnyMessage], current: Turn, left_out: Sequence[LeftOut] = ()
    ) -> None:
        self._hold((earlier, current))
        self.left_out = list(left_out)

    def typed(self) -> str:
        """The user's own words that are to be answered."""
        return self._content()[1].typed

    def readings(self, prompt: str) -> tuple[str, ...]:
        """How a provider may read ``prompt``: the user's own blocks can be joined in several ways."""
        earlier, typed = self._content()
        readings = typed.readings if prompt == typed.typed else typed.rewritten(prompt)
        return tuple(dict.fromkeys([*readings, *beside_summary(earlier, typed, prompt)]))

    def in_context(self, prompt: str) -> str | None:
        """``prompt`` with all turns before it, where it is the user's own and names nothing; else None."""
        earlier, current = self._content()
        own = prompt in current.readings
        return in_context(turns_of(earlier), current, prompt) if own else None

    def without_own_data(self, answer: AIMessage) -> str:
        """The answer as text, less what the user has told and a call passes on."""
        earlier, current = self._content()
        return without_own_data([answer], [*earlier, *current.messages])

    def untold(self, texts: Sequence[str]) -> list[str]:
        """Those of ``texts`` that the user has not said word for word."""
        earlier, current = self._content()
        return untold(texts, [*earlier, *current.messages])

    def start(self) -> str:
        """x_0: what the user typed, or what became of it earlier in this turn."""
        current = self._content()[1]
        return current.question if current.human else current.typed

    def messages(self, prompt: str) -> list[AnyMessage]:
        """What the target is sent when the user asks ``prompt``."""
        earlier, current = self._content()
        return [*earlier, *with_prompt(current, prompt)]


class Step(TypedDict):
    """One line of the trace: what a node did, in numbers and names.

    A number that could not be had is None. ``uncertain`` holds the categories in doubt, where there
    are any, with the effort of each by its degree alone. ``passages`` is how many passages of a long
    prompt were rewritten while the rest stayed, ``omitted`` how many were left out, ``stood_in`` for how
    many of both the refiner failed, so that the offline refiner took its place; "all" where that was
    the whole prompt. ``declined`` says that the target declined what it was asked in the user's place, though
    that was harmless, ``spare`` that such an answer was scored again, for what came after it was hazardous or
    failed. ``draft_prompt`` and ``draft_response`` are there only where
    `LanceContext.reveal_drafts` was set.
    """

    node: str
    iteration: int
    seconds: float
    scored: NotRequired[Literal["prompt", "pair"]]
    risk: NotRequired[dict[str, float | None]]
    max_risk: NotRequired[float | None]
    branch: NotRequired[Branch]
    would_have: NotRequired[Branch]
    gradient: NotRequired[list[Clause]]
    uncertain: NotRequired[dict[str, Effort]]
    model: NotRequired[str]
    failed_attempts: NotRequired[list[str]]
    passages: NotRequired[int]
    omitted: NotRequired[int]
    stood_in: NotRequired[int | Literal["all"]]
    failure: NotRequired[str]
    decision: NotRequired[Action]
    comment: NotRequired[str | None]
    declined: NotRequired[bool]
    spare: NotRequired[bool]
    draft_prompt: NotRequired[str]
    draft_response: NotRequired[str | None]


class Pending(TypedDict):
    """An exchange that was judged safe and waits for a person: the prompt, and the message as JSON."""

    prompt: str
    answer: dict[str, Any]


class Verdict(TypedDict):
    """How a run ended, as one JSON-plain object; None where a number could not be had.

    ``would_have`` is what enforcing would have done first, in monitor mode; ``usage`` sums the
    tokens of every inner call that reported them, ``usage_by_model`` by the models' configured
    names. ``out_of_language`` says that the detector was
    not made for the language of some text in this run: what it gave for that is a guess.
    ``uncertain`` are the categories that were in doubt at any scoring (`LanceContext.abstain`).
    ``left_out`` is what of the conversation the target was not sent.
    """

    status: Status
    reason: str
    iterations: int
    prompt: str
    refined_prompt: str | None
    left_out: list[LeftOut]
    initial_risk: dict[str, float | None]
    initial_spread: dict[str, float | None]
    risk: dict[str, float | None]
    spread: dict[str, float | None]
    would_have: Branch | None
    uncertain: list[str]
    out_of_language: bool
    usage: UsageMetadata | None
    usage_by_model: Usage
    trace: list[Step]


class InputState(TypedDict):
    """A conversation, whose last human turn is to be repaired and answered."""

    messages: Annotated[list[AnyMessage], add_messages]
    """The conversation; its last human turn is repaired and answered, earlier turns are context."""


class OutputState(TypedDict):
    """The conversation with a safe answer, and the verdict on it."""

    messages: Annotated[list[AnyMessage], add_messages]
    """The conversation as typed, and one more assistant message."""
    verdict: Verdict
    """How the run ended, and why."""


class State(TypedDict, total=False):
    """What the nodes share, and what each of them may change."""

    messages: Annotated[list[AnyMessage], add_messages]
    """The conversation as typed; at the end of a run one more assistant message."""
    verdict: Verdict
    """How the run ended, and why."""
    draft: Annotated[Draft, UntrackedValue(Draft)]
    """The attempt under repair (x_t, r_t); missing at the start of a run, and where it is resumed."""
    best: Annotated[Draft | None, UntrackedValue(Draft)]
    """The scored attempt with the lowest maximal risk so far."""
    unanswered: Annotated[tuple[Draft, ...], UntrackedValue(tuple)]
    """The rewrites of this turn that the target declined, with the answers that do so; both harmless."""
    dialogue: Annotated[Dialogue, UntrackedValue(Dialogue)]
    """What the target may see around the prompt; missing at the start of a run."""
    started: Annotated[float, UntrackedValue(float)]
    """time.monotonic() at the start of the run, in seconds."""
    prompt: str
    """The user's own words that are to be answered."""
    iteration: int
    """t: how many rewrites have been made."""
    budget: int
    """The iteration at which the budget for rewrites ends."""
    initial: Reading | None
    """The first score of the run: of the original prompt, or pair."""
    reading: Reading | None
    """The newest score."""
    left_out: list[LeftOut]
    """What of the conversation the target is not sent."""
    remaining_steps: RemainingSteps
    """How many steps LangGraph's ``recursion_limit`` still allows this graph."""
    withheld: list[WithheldAnswer]
    """The answers that were found hazardous in this run, as sketches."""
    out_of_language: bool
    """Whether the detector was not made for the language of some text in this run."""
    spent: Spent | None
    """What allowed no further rewrite at the newest scoring."""
    finding: Finding | None
    """What the newest scoring of this turn found, for the router; None before the first one."""
    failure: str | None
    """The component that failed and how, without any text; the run then falls back."""
    usage: Usage | None
    """Tokens of the inner calls so far, by model."""
    pending: Pending | None
    """What waits for a person's decision, while one is waited for."""
    reviewed: bool
    """Whether a person has approved the exchange, or written its answer."""
    declined: Declined | None
    """Why the run falls back though no component failed and perhaps no threshold was passed."""
    trace: list[Step]
    """What has happened so far."""
