"""Box `score_risk`: score the prompt, or the pair once there is an answer, and choose the branch."""

import time
from collections import defaultdict
from math import isnan
from typing import Any

from langchain_core.messages import AnyMessage
from langgraph.runtime import Runtime

from lance_graph.context import LanceContext
from lance_graph.conversation import user_text
from lance_graph.detector.score import Detector
from lance_graph.detectors import resolve
from lance_graph.gradients import Clause, build_gradient, keep_words_of
from lance_graph.routing import choose_branch, hazards
from lance_graph.state import Draft, Reading, State, Step


def score_risk(state: State, runtime: Runtime[LanceContext]) -> dict[str, Any]:
    """Measure d for (x_t, r_t), build the gradient g_t and pick where to go (eqs. 1, 2)."""
    context = LanceContext.of(runtime)
    begin = time.monotonic()
    update = {} if state.get("draft") else new_run(state["messages"], begin)
    current: State = {**state, **update}  # type: ignore[typeddict-item]
    draft = current["draft"]
    if current["failure"]:
        return update | {"branch": "fall_back"}
    if context.screening == "pair" and draft.response() is None:
        return update | {"branch": "generate_response"}

    step = Step(node="score_risk", iteration=current["iteration"], seconds=0.0)
    detector = resolve(context.detector)
    try:
        reading, gradient = measure(detector, draft, context)
    except Exception as error:  # noqa: BLE001 - ends the run visibly; its text may quote a draft
        update |= {"failure": f"the risk detector failed ({type(error).__name__})"}
        step |= {"failure": update["failure"], "branch": "fall_back"}
    else:
        scored = draft.scored(gradient, max(reading["risk"].values(), key=_nan_last))
        best = min(current.get("best") or scored, scored, key=lambda one: _nan_last(one.max_risk()))
        branch = choose_branch(
            [clause["effort"] for clause in gradient],
            answered=draft.response() is not None,
            budget_left=has_budget(current, context),
        )
        update |= {
            "draft": best if branch.startswith("rewrite") else scored,
            "best": best,
            "initial": current["initial"] or reading,
            "reading": reading,
        }
        step |= {
            "scored": "prompt" if draft.response() is None else "pair",
            "risk": {key: round(degree, 4) for key, degree in reading["risk"].items()},
            "max_risk": round(scored.max_risk(), 4),
            "gradient": keep_words_of(user_text(current["messages"]), gradient),
            "branch": branch,
        }
    step["seconds"] = round(time.monotonic() - begin, 4)
    return update | {"branch": step["branch"], "trace": [*current["trace"], step]}


def new_run(messages: list[AnyMessage], now: float) -> dict[str, Any]:
    """A clean slate: whatever an earlier turn left in the state does not count."""
    return {
        "draft": Draft(user_text(messages)),
        "started": now,
        "iteration": 0,
        "initial": None,
        "reading": None,
        "failure": None,
        "trace": [],
    }


def measure(
    detector: Detector, draft: Draft, context: LanceContext
) -> tuple[Reading, list[Clause]]:
    """D with its spread, and g_t: one clause per hazardous category, empty when all is safe."""
    score = detector.score([(draft.prompt(), draft.response())])[0]
    reading = Reading(risk=dict(score.mean), spread=dict(score.std))
    efforts = hazards(reading["risk"], context.policy)
    words = driving_words(detector, draft, list(efforts))
    return reading, build_gradient(reading["risk"], efforts, words)


def driving_words(detector: Detector, draft: Draft, categories: list[str]) -> dict[str, list[str]]:
    """The words of the prompt that drove each hazardous category, if the detector can tell."""
    explain = getattr(detector, "explain", None)
    words: dict[str, list[str]] = defaultdict(list)
    if categories and callable(explain):
        for span in explain(draft.prompt(), draft.response(), categories):
            words[span.category].append(span.text)
    return words


def has_budget(state: State, context: LanceContext) -> bool:
    """Whether one more rewrite is allowed, by count and by wall clock."""
    spent = time.monotonic() - state["started"]
    in_time = context.max_seconds is None or spent < context.max_seconds
    return in_time and state["iteration"] < context.max_iterations


def _nan_last(degree: float) -> tuple[bool, float]:
    """Sort key that takes NaN for the worst degree of all."""
    return isnan(degree), degree
