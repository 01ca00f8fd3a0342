"""Box `open_turn`: a clean slate for a new turn, and the history as the target may see it."""

import time

from langchain_core.messages import AnyMessage
from langgraph.runtime import Runtime

from lance_graph.context import LanceContext
from lance_graph.conversation.notices import without_notices
from lance_graph.conversation.turns import user_text
from lance_graph.judging import detector_failed, judge_of
from lance_graph.modes import mode_of
from lance_graph.runtime.events import emit
from lance_graph.runtime.quiet import Quiet, TokenCounter
from lance_graph.runtime.steps import Steps, Update, blocking
from lance_graph.screening import screen, unscreened
from lance_graph.state import Draft, State, Step


def open_turn(state: State, runtime: Runtime[LanceContext]) -> Steps[Update]:
    """x_0, and around it the conversation without what is hazardous.

    A draft that is there already is a reviewer's: then only the history is prepared anew.
    """
    context, begin = LanceContext.of(runtime), time.monotonic()
    repairs, messages = mode_of(context).repairs, without_notices(state["messages"])
    update: Update = {}
    if not state.get("draft"):
        update = yield blocking(new_turn, messages, context, begin)
    current: State = {**state, **update}
    if current["declined"]:
        return update
    quiet = Quiet(context.redact_callbacks, TokenCounter(current["usage"]))
    # a detector that cannot be had is a setting to be mended, and no failure of this run
    judge = (yield from judge_of(context, quiet)) if repairs else None
    try:
        if judge:
            dialogue = yield from screen(messages, judge)
        else:
            dialogue = yield blocking(unscreened, messages)
    except Exception as error:  # noqa: BLE001 - ends the run visibly; its text may quote a draft
        step = Step(node="open_turn", iteration=current["iteration"], seconds=0.0)
        step["failure"] = update["failure"] = detector_failed(error, context)
        step["seconds"] = round(time.monotonic() - begin, 4)
        step["branch"] = "fall_back"  # for `score_risk` passes a failure on
        emit(runtime, "routed", iteration=step["iteration"], branch=step["branch"])
        update["trace"] = [*current["trace"], step]
    else:
        update["dialogue"] = dialogue
        update["prompt"] = yield blocking(dialogue.typed)
        update["left_out"] = dialogue.left_out
        update["draft"] = state.get("draft") or Draft((yield blocking(dialogue.start)))
    foreign = bool(judge and judge.out_of_language)
    update["out_of_language"] = current["out_of_language"] or foreign
    return update | {"usage": quiet.counter.total}


def new_turn(messages: list[AnyMessage], context: LanceContext, now: float) -> Update:
    """Whatever an earlier turn left in the state does not count; ``now`` is the start in seconds.

    ValueError where there is no message at all.
    """
    if not messages:
        raise ValueError(
            "the input has no message; pass {'messages': [('user', 'your prompt')]} or the like"
        )
    mode, typed = mode_of(context), user_text(messages)
    return {
        "draft": Draft(typed),
        "prompt": typed,
        "unanswered": (),
        "started": now,
        "iteration": 0,
        "budget": context.max_iterations,
        "initial": None,
        "reading": None,
        "finding": None,
        "failure": None,
        "declined": "unscored_parts" if mode.refuses(messages, context) else None,
        "pending": None,
        "reviewed": False,
        "out_of_language": False,
        "usage": None,
        "left_out": [],
        "trace": [],
    }
