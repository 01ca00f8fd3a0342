"""Box `score_risk`: score the prompt, or the pair once there is an answer, and choose the branch."""

import logging
import time
from collections import defaultdict
from typing import Any

from langchain_core.messages import AnyMessage
from langgraph.runtime import Runtime

from lance_graph.context import LanceContext
from lance_graph.conversation import user_text
from lance_graph.detector.score import Detector, Reading
from lance_graph.detectors import nan_last, plain, read, resolve, worst
from lance_graph.gradients import build_gradient, keep_words_of
from lance_graph.routing import choose_branch, hazards
from lance_graph.state import Draft, State, Step

logger = logging.getLogger(__name__)


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
        reading = read(detector, draft.prompt(), draft.response(), context.category_thresholds)
    except Exception as error:  # noqa: BLE001 - ends the run visibly; its text may quote a draft
        update |= {"failure": f"the risk detector failed ({type(error).__name__})"}
        step |= {"failure": update["failure"], "branch": "fall_back"}
    else:
        scored = judge(detector, draft, reading, context)
        best = better(current.get("best"), scored)
        chosen = best if scored.gradient() and best else scored
        branch = choose_branch(
            [clause["effort"] for clause in chosen.gradient()],
            answered=draft.response() is not None,
            budget_left=has_budget(current, context),
        )
        update |= {
            "draft": chosen,
            "best": best,
            "initial": current["initial"] or reading,
            "reading": reading,
        }
        step |= {
            "scored": "prompt" if draft.response() is None else "pair",
            "risk": plain(reading["risk"]),
            "max_risk": plain({"max": worst(reading["risk"])})["max"],
            "gradient": keep_words_of(user_text(current["messages"]), scored.gradient()),
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


def judge(detector: Detector, draft: Draft, reading: Reading, context: LanceContext) -> Draft:
    """The draft with g_t: one clause per hazardous category, none when all is safe."""
    efforts = hazards(reading["risk"], context.policy)
    words = driving_words(detector, draft, list(efforts))
    gradient = build_gradient(reading["risk"], efforts, words)
    return draft.scored(gradient, worst(reading["risk"]))


def better(best: Draft | None, scored: Draft) -> Draft | None:
    """The hazardous attempt to build on: the one with the lower maximal risk, the newer of equals."""
    if not scored.gradient():
        return best
    if best is None or nan_last(scored.max_risk()) <= nan_last(best.max_risk()):
        return scored
    return best


def driving_words(detector: Detector, draft: Draft, categories: list[str]) -> dict[str, list[str]]:
    """The words of the prompt that drove each hazardous category, if the detector can tell.

    A gradient without words is still one, so a failure here is logged and does not end the run.
    """
    explain = getattr(detector, "explain", None)
    words: dict[str, list[str]] = defaultdict(list)
    if categories and callable(explain):
        try:
            for span in explain(draft.prompt(), draft.response(), categories):
                words[span.category].append(span.text)
        except Exception as error:  # noqa: BLE001 - see above; its text may quote a draft
            logger.warning("the detector could not explain its score: %s", type(error).__name__)
    return words


def has_budget(state: State, context: LanceContext) -> bool:
    """Whether one more rewrite is allowed, by count and by wall clock."""
    spent = time.monotonic() - state["started"]
    in_time = context.max_seconds is None or spent < context.max_seconds
    return in_time and state["iteration"] < context.max_iterations
