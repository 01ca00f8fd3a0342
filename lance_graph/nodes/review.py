"""Box `review`: a person decides on an exchange that was judged safe (`LanceContext.review`)."""

import time

from langgraph.config import get_config
from langgraph.runtime import Runtime
from langgraph.types import interrupt

from lance_graph.context import LanceContext
from lance_graph.review import ReviewDecision, from_pending, request_of
from lance_graph.runtime.langgraph_internals import part_of
from lance_graph.runtime.steps import Steps, Update
from lance_graph.state import Draft, State, Step


def review(state: State, runtime: Runtime[LanceContext]) -> Steps[Update]:
    """Pause the run, and go where the decision leads: `fall_back` or `open_turn`."""
    context = LanceContext.of(runtime)
    if state["pending"] is None:
        raise RuntimeError("review was reached with nothing to review; only score_risk leads here")
    if not part_of(get_config().get("configurable"), "checkpointer"):
        raise ValueError(
            f"{context.pausing} pauses the run, which needs a checkpointer: compile the "
            "graph, or the agent around it, with checkpointer=… and give a thread_id"
        )
    answer = interrupt(request_of(state, context), response_schema=ReviewDecision)
    yield from ()  # nothing is waited for but the person, and for that LangGraph ends the run
    return decide(state, context, ReviewDecision.model_validate(answer))


def decide(state: State, context: LanceContext, decision: ReviewDecision) -> Update:
    """The update that a decision leads to."""
    assert state["pending"] is not None
    draft = from_pending(state["pending"])
    step = Step(
        node="review",
        iteration=state["iteration"],
        seconds=0.0,
        decision=decision.action,
        comment=decision.comment,
    )
    update: Update = {"pending": None, "trace": [*state["trace"], step]}
    match decision.action:
        case "approve":
            # judged once more: what lay in the checkpoint may not be what was judged before
            return update | {
                "draft": draft,
                "reviewed": True,
                "started": time.monotonic(),
            }
        case "reject":
            return update | {"declined": "rejected"}
        case "retry":
            return update | {
                "draft": Draft(state["prompt"]),
                "best": None,
                "unanswered": (),
                "started": time.monotonic(),
                "budget": state["iteration"] + context.max_iterations,
            }
        case "edit":
            prompt = decision.prompt or draft.prompt()
            return update | {
                "draft": Draft(prompt, decision.response),
                "started": time.monotonic(),
                "reviewed": decision.response is not None,
            }
