"""Box `score_risk`: score the prompt, or the pair once there is an answer, and choose the branch."""

import time
from typing import Any

from langchain_core.messages import AnyMessage
from langgraph.runtime import Runtime

from lance_graph.context import LanceContext
from lance_graph.conversation.turns import turns_of, unscored_parts, user_text
from lance_graph.detector.unreadable import UnreadableTextError
from lance_graph.detectors import plain
from lance_graph.gradients import keep_words_of
from lance_graph.judging import Judge, OutOfLanguageError, better, judge_of, measure
from lance_graph.review import needs_review, to_pending
from lance_graph.routing import Branch, choose_branch
from lance_graph.runtime.events import emit
from lance_graph.runtime.quiet import Quiet, TokenCounter
from lance_graph.runtime.steps import Steps, Update, blocking
from lance_graph.scores import Reading
from lance_graph.screening import screen
from lance_graph.state import Dialogue, Draft, State, Step
from lance_graph.withholding import withhold


def score_risk(state: State, runtime: Runtime[LanceContext]) -> Steps[Update]:
    """Measure d for (x_t, r_t), build the gradient g_t and pick where to go (eqs. 1, 2)."""
    context = LanceContext.of(runtime)
    begin = time.monotonic()
    update = {} if state.get("draft") else new_run(state["messages"], context, begin)
    current: State = {**state, **update}  # type: ignore[typeddict-item]
    if current["failure"] or current["declined"]:
        return update | {"branch": "fall_back"}

    quiet = Quiet(context.redact_callbacks, TokenCounter(current["usage"]))
    step = Step(node="score_risk", iteration=current["iteration"], seconds=0.0)
    if not current.get("dialogue") and context.mode == "monitor":
        update |= opened(state, everything(state["messages"]))
        current = {**current, **update}  # type: ignore[typeddict-item]
    try:
        judge = yield from ready_judge(context, quiet)
        if not current.get("dialogue"):
            update |= opened(state, (yield from screen(state["messages"], judge)))
            current = {**current, **update}  # type: ignore[typeddict-item]
        draft, reading = yield from measure(
            judge, current["draft"], current["dialogue"], current.get("withheld", [])
        )
    except UnusableDetectorError as error:
        raise error.cause from None
    except Exception as error:  # noqa: BLE001 - ends the run visibly; its text may quote a draft
        failure = f"the risk detector failed ({explained(error)})"
        step |= {"failure": failure, "branch": "fall_back"}
        update |= {"failure": failure if context.mode == "enforce" else None, "reading": None}
    else:
        update |= yield from kept(current, draft, reading, context)
        update["out_of_language"] = current["out_of_language"] or judge.out_of_language
        current = {**current, **update}  # type: ignore[typeddict-item]
        if reading is not None:
            step = describe(step, current, draft, reading, context)
        step["branch"] = choose(current, update["draft"], [*current["trace"], step], context)
    if context.mode == "monitor":
        step |= {"would_have": step["branch"], "branch": pass_through(current)}
    if step["branch"] == "review":
        update["pending"] = to_pending(update["draft"])
    tell(runtime, step)
    step["seconds"] = round(time.monotonic() - begin, 4)
    # what was neither scored nor failed leaves no line: the branch alone says where the run goes
    noted = [step] if "scored" in step or "failure" in step else []
    return update | {
        "branch": step["branch"],
        "usage": quiet.counter.total,
        "trace": [*current["trace"], *noted],
    }


def explained(error: Exception) -> str:
    """What may be said of a detector's failure; the text of most errors may quote a draft."""
    quotes_nothing = isinstance(error, OutOfLanguageError | UnreadableTextError)
    return str(error) if quotes_nothing else type(error).__name__


class UnusableDetectorError(Exception):
    """A detector that cannot be had, in a run that enforces: a setting that the caller has to mend."""

    def __init__(self, cause: Exception) -> None:
        super().__init__()
        self.cause = cause


def ready_judge(context: LanceContext, quiet: Quiet) -> Steps[Judge]:
    """The judge of this run; in monitor mode a detector that cannot be had is one that failed."""
    try:
        return (yield from judge_of(context, quiet))
    except Exception as error:
        if context.mode == "monitor":
            raise
        raise UnusableDetectorError(error) from None


def new_run(messages: list[AnyMessage], context: LanceContext, now: float) -> dict[str, Any]:
    """A clean slate: whatever an earlier turn left in the state does not count."""
    refused = context.unscored_parts == "refuse" and context.mode == "enforce"
    # what is only watched need not have words
    typed = user_text(messages) if context.mode == "enforce" else turns_of(messages)[-1].typed
    return {
        "draft": Draft(typed),
        "prompt": typed,
        "started": now,
        "iteration": 0,
        "budget": context.max_iterations,
        "initial": None,
        "reading": None,
        "failure": None,
        "declined": "unscored_parts" if refused and unscored_parts(messages) else None,
        "pending": None,
        "reviewed": False,
        "out_of_language": False,
        "usage": None,
        "trace": [],
    }


def everything(messages: list[AnyMessage]) -> Dialogue:
    """What the target sees in monitor mode: all of the conversation."""
    *earlier, current = turns_of(messages)
    return Dialogue([m for turn in earlier for m in turn.messages], current)


def opened(state: State, dialogue: Dialogue) -> dict[str, Any]:
    """The dialogue, and the draft to begin with: a reviewer's edit or retry brings its own."""
    draft = state.get("draft") or Draft(dialogue.start())
    return {"dialogue": dialogue, "prompt": dialogue.typed(), "draft": draft}


def kept(
    state: State, draft: Draft, reading: Reading | None, context: LanceContext
) -> Steps[Update]:
    """What a scoring leaves in the state: the reading, and the draft to go on with."""
    best = better(state.get("best"), draft) if reading else state.get("best")
    enforced = context.mode == "enforce"
    builds_on = enforced and draft.gradient() and best
    withheld = list(state.get("withheld", []))
    if enforced and reading and draft.gradient() and (said := draft.response()):
        withheld.append((yield blocking(withhold, said, reading["risk"])))
    return {
        "withheld": withheld,
        "reading": reading,
        "initial": state["initial"] or reading,
        "best": best,
        "draft": builds_on or draft,
        # a reviewer's answer that is hazardous goes no further: the next one is new
        "reviewed": state["reviewed"] and not draft.gradient(),
    }


def choose(state: State, draft: Draft, trace: list[Step], context: LanceContext) -> Branch:
    """Where enforcing leads: eq. 1, and a person before the answer is delivered."""
    branch = choose_branch(
        [clause["effort"] for clause in draft.gradient()],
        answered=draft.answer() is not None,
        budget_left=has_budget(state, context),
    )
    if branch != "deliver":
        return branch
    notes = turns_of(state["messages"])[-1].notes
    foreign = state["out_of_language"]
    waits = needs_review(context, trace, state["reviewed"], notes, foreign)
    return "review" if waits else "deliver"


def pass_through(state: State) -> Branch:
    """Where monitoring leads: to the answer, and out."""
    return "generate_response" if state["draft"].answer() is None else "deliver"


def has_budget(state: State, context: LanceContext) -> bool:
    """Whether one more rewrite is allowed, by count and by wall clock."""
    spent = time.monotonic() - state["started"]
    in_time = context.max_seconds is None or spent < context.max_seconds
    return in_time and state["iteration"] < state["budget"]


def describe(
    step: Step, state: State, draft: Draft, reading: Reading, context: LanceContext
) -> Step:
    """The line of the trace with what a scoring found."""
    found = step | Step(  # type: ignore[typeddict-item]
        scored="prompt" if draft.answer() is None else "pair",
        risk=plain(reading["risk"]),
        max_risk=plain({"max": draft.max_risk()})["max"],
        gradient=keep_words_of(state["prompt"], draft.gradient()),
    )
    if context.reveal_drafts:
        found |= Step(draft_prompt=draft.prompt(), draft_response=draft.response())  # type: ignore[typeddict-item]
    return found


def tell(runtime: Runtime[LanceContext], step: Step) -> None:
    """Progress: what was scored, how many categories are above their threshold, what comes next."""
    categories = [clause["category"] for clause in step.get("gradient", ())]
    where = {"iteration": step["iteration"]}
    if "scored" in step:
        found = {"scored": step["scored"], "max_risk": step["max_risk"], "categories": categories}
        emit(runtime, "scored", **where, **found, hazards=len(categories))
    emit(runtime, "routed", **where, branch=step["branch"])
