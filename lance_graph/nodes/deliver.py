"""Box `deliver`: write the answer that was judged safe, and the verdict."""

from langgraph.runtime import Runtime

from lance_graph.context import LanceContext
from lance_graph.modes import mode_of
from lance_graph.runtime.events import emit
from lance_graph.runtime.replay import replayed
from lance_graph.runtime.steps import Steps, Update
from lance_graph.state import State, Status
from lance_graph.verdicts import conclude


def deliver(state: State, runtime: Runtime[LanceContext]) -> Steps[Update]:
    """One assistant message, exactly what was scored, and how it came about."""
    context, draft = LanceContext.of(runtime), state["draft"]
    answer = draft.answer()
    if answer is None:
        raise RuntimeError("deliver was reached without an answer; only score_risk may lead here")
    rewritten = draft.prompt() != state["prompt"]
    status: Status = "rewritten" if rewritten else "safe"
    if state["out_of_language"] and not state["reviewed"]:
        status = "unjudged"
    status = mode_of(context).status(status)
    message, update = conclude(
        state,
        context,
        answer,
        status,
        delivered=state["reading"],
        refined_prompt=draft.prompt() if rewritten else None,
    )
    yield replayed(message)
    emit(runtime, "delivered", status=status, iterations=state["iteration"])
    return update
