"""Box `deliver`: write the answer that was judged safe, and the verdict."""

from typing import Any

from langgraph.runtime import Runtime
from langgraph.types import Command

from lance_graph.context import LanceContext
from lance_graph.state import State
from lance_graph.verdicts import conclude


def deliver(state: State, runtime: Runtime[LanceContext]) -> dict[str, Any] | Command[str]:
    """One assistant message with exactly the text that was scored, and how it came about."""
    if not state.get("draft"):  # a resumed run: drafts are not stored, so it starts again
        return Command(goto="score_risk")
    draft = state["draft"]
    text = draft.response()
    if text is None:
        raise RuntimeError("deliver was reached without an answer; only score_risk may lead here")
    rewritten = state["iteration"] > 0
    return conclude(
        state,
        LanceContext.of(runtime),
        text,
        "rewritten" if rewritten else "safe",
        delivered=state["reading"],
        refined_prompt=draft.prompt() if rewritten else None,
        metadata=draft.metadata(),
    )
