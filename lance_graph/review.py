"""What a person is asked before an answer is delivered, and what they may decide.

A reviewer holds back or betters what LANCE would deliver; an exchange that was found unsafe does
not come this far. Only JSON-plain values go out and come in, so any client of the graph will do.
"""

from typing import Annotated, Any, Literal

from langchain_core.messages import AIMessage, message_to_dict, messages_from_dict
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from typing_extensions import TypedDict

from lance_graph.context import LanceContext
from lance_graph.detectors import plain
from lance_graph.state import Action, Draft, Pending, State, Step
from lance_graph.verdicts import is_severe, uncertain


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("is blank")
    return text


Text = Annotated[str, Field(min_length=1), AfterValidator(_not_blank)]


class ReviewRequest(TypedDict):
    """The value of the interrupt. ``parts`` names what the answer holds besides text, as "image".

    ``hazards`` are those of the user's own words, ``uncertain`` the categories in doubt on the way.
    """

    kind: Literal["lance_review"]
    prompt: str
    refined_prompt: str | None
    response: str
    tool_calls: list[dict[str, Any]]
    parts: list[str]
    hazards: list[str]
    uncertain: list[str]
    risk: dict[str, float | None]
    iterations: int
    actions: list[Action]


class ReviewDecision(BaseModel):
    """What `Command(resume=…)` brings back: this object, or just the name of an action.

    ``approve`` delivers the answer; ``reject`` falls back; ``retry`` starts again from the user's
    words with a new budget; ``edit`` goes on with another prompt, another response or both, which
    are scored like any other (a response takes the place of the whole answer, tool calls included).
    """

    model_config = ConfigDict(extra="forbid")

    action: Action
    prompt: Text | None = Field(default=None, description="For 'edit' alone.")
    response: Text | None = Field(default=None, description="For 'edit' alone.")
    comment: str | None = Field(default=None, description="Kept in the trace.")

    @model_validator(mode="before")
    @classmethod
    def _from_a_word(cls, value: Any) -> Any:
        return {"action": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _edits_say_what(self) -> "ReviewDecision":
        given = self.prompt is not None or self.response is not None
        if self.action == "edit" and not given:
            raise ValueError("'edit' needs a prompt, a response or both")
        if self.action != "edit" and given:
            raise ValueError(f"{self.action!r} takes no prompt or response; 'edit' does")
        return self


def needs_review(
    context: LanceContext,
    trace: list[Step],
    reviewed: bool,
    notes: list[dict[str, Any]],
    foreign: bool = False,
) -> bool:
    """Whether an answer that may be delivered waits for a person first.

    ``notes`` are those on the turn's earlier answers: in an agent the answer to a severe or doubtful
    request may take several model calls, and each of them waits. ``foreign`` says that something was
    in a language that the detector was not made for.
    """
    if reviewed:
        return False
    if context.review == "always" or (foreign and context.out_of_language == "review"):
        return True
    doubted = uncertain(trace) or any(note.get("uncertain") for note in notes)
    if doubted and context.when_uncertain == "review":
        return True
    severe = is_severe(trace) or any(note.get("severe") for note in notes)
    return context.review == "severe" and severe


def written_by_reviewer(trace: list[Step]) -> bool:
    """Whether the newest answer is a reviewer's own, not the target's."""
    answers = (
        step.get("decision") == "edit"
        for step in reversed(trace)
        if step["node"] == "generate_response" or step.get("decision") == "edit"
    )
    return next(answers, False)


def to_pending(draft: Draft) -> Pending:
    """The exchange as plain JSON, for a checkpoint."""
    answer = draft.answer()
    if answer is None:
        raise RuntimeError("only an answered prompt can be reviewed")
    return Pending(prompt=draft.prompt(), answer=message_to_dict(answer))


def from_pending(pending: Pending) -> Draft:
    """The exchange that `to_pending` wrote down."""
    (answer,) = messages_from_dict([pending["answer"]])
    assert isinstance(answer, AIMessage)
    return Draft(pending["prompt"], answer)


def request_of(state: State, context: LanceContext) -> ReviewRequest:
    """What the person gets to see: the user's words, and what LANCE would deliver."""
    draft, reading = from_pending(state["pending"]), state["reading"]  # type: ignore[arg-type]
    answer, typed = draft.answer(), state["prompt"]
    assert answer is not None
    found = next((step["gradient"] for step in state["trace"] if "gradient" in step), [])
    calls = [*answer.tool_calls, *answer.invalid_tool_calls]
    blocks = answer.content if isinstance(answer.content, list) else []
    types = [str(block.get("type")) for block in blocks if isinstance(block, dict)]
    return ReviewRequest(
        kind="lance_review",
        prompt=typed,
        refined_prompt=draft.prompt() if draft.prompt() != typed else None,
        response=answer.text,
        tool_calls=[{"name": call["name"], "args": call["args"]} for call in calls],
        parts=[type for type in types if type != "text"],
        hazards=[clause["category"] for clause in found],
        uncertain=uncertain(state["trace"]),
        risk=plain(reading["risk"]) if reading else {},
        iterations=state["iteration"],
        actions=["approve", "edit", "reject", "retry"],
    )
