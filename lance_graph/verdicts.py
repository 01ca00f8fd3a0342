"""How a run ends: the assistant message and the verdict that explains it."""

from typing import Any, Literal

from langchain_core.messages import AIMessage

from lance_graph.categories import BY_KEY, KEYS
from lance_graph.context import LanceContext
from lance_graph.conversation import user_text
from lance_graph.detector.score import Reading
from lance_graph.detectors import plain
from lance_graph.state import State, Status, Step, Verdict

SELF_HARM = "self_harm"


def conclude(
    state: State,
    context: LanceContext,
    text: str,
    status: Status,
    delivered: Reading | None,
    refined_prompt: str | None = None,
    metadata: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """The last update of a run.

    ``delivered`` is the score of what the user gets, None if it could not be had; then the verdict
    holds None for each category, never a number. ``refined_prompt`` is a prompt that was judged
    safe together with its answer: no other draft gets into the verdict.
    """
    initial = state["initial"]
    verdict = Verdict(
        status=status,
        reason=explain_status(state, context, status),
        iterations=state["iteration"],
        prompt=user_text(state["messages"]),
        refined_prompt=refined_prompt,
        initial_risk=_numbers(initial, "risk"),
        initial_spread=_numbers(initial, "spread"),
        risk=_numbers(delivered, "risk"),
        spread=_numbers(delivered, "spread"),
        trace=state["trace"],
    )
    metadata = metadata or {}
    message = AIMessage(
        text,
        usage_metadata=metadata.get("usage_metadata"),
        response_metadata={
            "model_name": metadata.get("model_name") or "lance",
            "lance": {"status": status, "refined_prompt": refined_prompt},
        },
    )
    return {"messages": [message], "verdict": verdict}


def explain_status(state: State, context: LanceContext, status: Status) -> str:
    """One sentence for a person: why the run ended as it did."""
    if status == "degraded":
        return f"{state['failure']}; nothing unchecked was delivered."
    if status == "safe":
        return "No category is above its threshold; the prompt was left as it was."
    rewrites = f"{state['iteration']} rewrite{'s' if state['iteration'] != 1 else ''}"
    if status == "rewritten":
        stand_in = " by the offline refiner, for the refiner failed" if _stood_in(state) else ""
        return f"{_named(state['trace'])} was above its threshold; safe after {rewrites}{stand_in}."
    over = "the time budget" if state["iteration"] < context.max_iterations else "the budget"
    return f"{_named(state['trace'][::-1])} was still above its threshold after {rewrites}; {over} is spent."


def leading_category(trace: list[Step]) -> str | None:
    """What a person's request was about: the strongest category of the first step with a hazard.

    Self-harm leads wherever it is among them: whom to turn to matters more than any rank.
    """
    for step in trace:
        found = [clause["category"] for clause in step.get("gradient", ())]
        if found:
            return SELF_HARM if SELF_HARM in found else found[0]
    return None


def _named(trace: list[Step]) -> str:
    """Title of the leading category."""
    key = leading_category(trace)
    return BY_KEY[key].title if key in BY_KEY else key or "A category"


def _stood_in(state: State) -> bool:
    return any(
        step.get("failed_attempts") and step.get("model") == "offline" for step in state["trace"]
    )


def _numbers(reading: Reading | None, name: Literal["risk", "spread"]) -> dict[str, float | None]:
    if reading is None:
        return dict.fromkeys(KEYS)
    return dict.fromkeys(KEYS) | plain(reading[name])
