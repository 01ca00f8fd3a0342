"""Box `score_risk`: score the prompt, or the pair once there is an answer, and say what is wrong."""

import time

from langgraph.runtime import Runtime

from lance_graph.context import LanceContext
from lance_graph.detectors import plain
from lance_graph.gradients import keep_words_of
from lance_graph.judging import Judge, better, detector_failed, judge_of, measure
from lance_graph.locating import located
from lance_graph.modes import mode_of
from lance_graph.refinement import tells_of_distress
from lance_graph.review import to_pending
from lance_graph.routing import Effort, Finding, choose_branch, next_branch
from lance_graph.runtime.events import emit
from lance_graph.runtime.quiet import Quiet, TokenCounter
from lance_graph.runtime.steps import Steps, Update, blocking
from lance_graph.scores import Reading
from lance_graph.state import Draft, Spent, State, Step
from lance_graph.texts.declining import declines, is_template
from lance_graph.withholding import ENOUGH, NEARLY_ALL, withhold

STEPS_OF_A_REWRITE = 6
"""Boxes from a rewrite to the end, both scorings included, and LangGraph's own look whether it is one."""
OPENING = 4000
"""Characters of an answer that are read for whether it declines."""


def score_risk(state: State, runtime: Runtime[LanceContext]) -> Steps[Update]:
    """Measure d for (x_t, r_t) and build the gradient g_t (eqs. 1, 2).

    What is found, `Finding`, is all that the router on this box's edge decides by.
    """
    if state["failure"] or state["declined"]:
        return {}
    context, begin = LanceContext.of(runtime), time.monotonic()
    mode, draft = mode_of(context), state["draft"]
    quiet = Quiet(context.redact_callbacks, TokenCounter(state["usage"]))
    step = begun(state)
    update: Update = {"spent": spent_budget(state, context)}
    judge: Judge | None = None
    declined, noted = state.get("unanswered", ()), list(state["trace"])
    try:
        judge = yield from judge_of(context, quiet)
        draft, reading = yield from scored(judge, draft, state, mode.repairs)
        update = yield from kept(state, draft, reading, mode.repairs)
        update["spent"] = spent_budget(state, context)
        if reading and draft.gradient() and update["spent"] and declined:
            lost = describe(step, state["prompt"], draft, reading, context)
            tell(runtime, lost)
            noted.append(lost)
            current: State = {**state, **update}
            step["spare"] = True
            draft, reading = yield from scored(judge, declined[-1], current, mode.repairs)
            update |= yield from kept(current, draft, reading, mode.repairs)
    except Exception as error:  # noqa: BLE001 - ends the run visibly; its text may quote a draft
        step["failure"] = detector_failed(error, context)
        update |= {"failure": mode.failure(step["failure"]), "reading": None}
    else:
        if reading is not None:
            step = describe(step, state["prompt"], draft, reading, context)
        draft = update["draft"]  # a rewrite works on the best attempt, whose effort it is to have
    foreign = bool(judge and judge.out_of_language)
    update["out_of_language"] = state["out_of_language"] or foreign
    current = {**state, **update}
    failed = "failure" in step
    unanswered = [] if failed else (yield from efforts_declined(current, draft, context))
    finding = Finding(
        failed=failed,
        efforts=[clause["effort"] for clause in draft.gradient()],
        answered=draft.answer() is not None,
        answer_alone=may_ask_again(current, context),
        unanswered=unanswered,
        budget_left=update["spent"] is None,
        waits=mode.waits(current, [*noted, step], context),
        watched=not mode.repairs,
    )
    step["branch"] = next_branch(finding)
    if finding["watched"]:
        step["would_have"] = choose_branch(finding)
    if step["branch"] == "review":
        update["pending"] = to_pending(draft)
    if unanswered:
        step["declined"] = True
        if update["spent"] is None:
            update["unanswered"] = (*declined, draft)
            update["draft"] = draft.source() or draft
    tell(runtime, step)
    step["seconds"] = round(time.monotonic() - begin, 4)
    # what was only passed on leaves no line: the finding alone says where the run goes
    if step.keys() & {"scored", "failure", "declined"}:
        noted.append(step)
    return update | {
        "finding": finding,
        "usage": quiet.counter.total,
        "trace": noted,
    }


def begun(state: State) -> Step:
    """The line of this box before anything is scored."""
    step = Step(node="score_risk", iteration=state["iteration"], seconds=0.0)
    if state["draft"] in state.get("unanswered", ()):  # the target has failed since
        step["spare"] = True
    return step


def scored(
    judge: Judge, draft: Draft, state: State, repairs: bool
) -> Steps[tuple[Draft, Reading | None]]:
    """The draft with its gradient, and where in a long prompt it was found; the reading behind them."""
    draft, reading = yield from measure(
        judge,
        draft,
        state["dialogue"],
        state.get("withheld", []),
        explain=repairs,
        enough=enough_of(state),
    )
    if repairs:
        draft = yield from located(judge, draft)
    return draft, reading


def efforts_declined(state: State, draft: Draft, context: LanceContext) -> Steps[list[Effort]]:
    """The efforts of what a harmless ``draft`` is a rewrite of, where its answer declines; else none.

    Words that are the user's own or a reviewer's are not asked otherwise, nor what was declined before.
    Where the user tells of distress, whom to turn to is an answer: there only a bare no declines.
    """
    source, answer = draft.source(), draft.answer()
    if draft.gradient() or not (context.asks_otherwise and source and answer) or state["reviewed"]:
        return []
    if any(one.prompt() == draft.prompt() for one in state.get("unanswered", ())):
        return []
    if answer.tool_calls or answer.invalid_tool_calls:
        return []
    of_kind = is_template if tells_of_distress(source) else declines
    is_no = yield blocking(of_kind, str(answer.text)[:OPENING])
    return [clause["effort"] for clause in source.gradient()] if is_no else []


def kept(state: State, draft: Draft, reading: Reading | None, repairs: bool) -> Steps[Update]:
    """What a scoring leaves in the state: the reading, and the draft to go on with."""
    best = better(state.get("best"), draft) if reading else state.get("best")
    withheld = list(state.get("withheld", []))
    if repairs and reading and draft.gradient() and (said := draft.response()):
        withheld.append((yield blocking(withhold, said, reading["risk"])))
    return {
        "withheld": withheld,
        "reading": reading,
        "initial": state["initial"] or reading,
        "best": best,
        "draft": (repairs and draft.gradient() and best) or draft,
        # a reviewer's answer that is hazardous goes no further: the next one is new
        "reviewed": state["reviewed"] and not draft.gradient(),
    }


def enough_of(state: State) -> float:
    """How much of what was withheld makes an answer the same.

    A target that is asked again is to leave out the hazard and keep the rest, and is judged beside the
    very prompt beside which the hazard was found.
    """
    last = state["trace"][-1]["node"] if state["trace"] else None
    return NEARLY_ALL if last == "ask_again" else ENOUGH


def may_ask_again(state: State, context: LanceContext) -> bool:
    """Whether what is hazardous now is the answer's doing alone, and the target may be told of it.

    That is so right behind the first answer to the user's own words, which were judged harmless; words
    that were rewritten earlier in an agent's turn, or by a reviewer, are not theirs.
    """
    before = state.get("finding")
    return (
        context.asks_again
        and state["iteration"] == 0
        and state["draft"].prompt() == state["prompt"]
        and before is not None
        and not (before["failed"] or before["answered"] or before["efforts"])
        and out_of_time(state, context) is None
    )


def spent_budget(state: State, context: LanceContext) -> Spent | None:
    """What does not allow one more rewrite: count, wall clock, LangGraph's limit, or no words to work on."""
    if not state["draft"].prompt().strip():
        return "words"
    if state["iteration"] >= state["budget"]:
        return "rewrites"
    return out_of_time(state, context)


def out_of_time(state: State, context: LanceContext) -> Spent | None:
    """What allows no further call of a model: wall clock, or LangGraph's limit."""
    seconds = time.monotonic() - state["started"]
    if context.max_seconds is not None and seconds >= context.max_seconds:
        return "time"
    left = state.get("remaining_steps", STEPS_OF_A_REWRITE)
    return "steps" if left < STEPS_OF_A_REWRITE else None


def describe(step: Step, typed: str, draft: Draft, reading: Reading, context: LanceContext) -> Step:
    """The line of the trace with what a scoring found; it quotes only what the user ``typed``."""
    found = step | {
        "scored": "prompt" if draft.answer() is None else "pair",
        "risk": plain(reading["risk"]),
        "max_risk": plain({"max": draft.max_risk()})["max"],
        "gradient": keep_words_of(typed, draft.gradient()),
    }
    if draft.uncertain():
        found["uncertain"] = draft.uncertain()
    if context.reveal_drafts:
        found |= {"draft_prompt": draft.prompt(), "draft_response": draft.response()}
    return found


def tell(runtime: Runtime[LanceContext], step: Step) -> None:
    """Progress: what was scored, how many categories are above their threshold, what comes next.

    Nothing comes of a line without a branch: another draft was scored in its place.
    """
    categories = [clause["category"] for clause in step.get("gradient", ())]
    where = {"iteration": step["iteration"]}
    if "scored" in step:
        found = {"scored": step["scored"], "max_risk": step["max_risk"], "categories": categories}
        emit(runtime, "scored", **where, **found, hazards=len(categories))
    if "branch" in step:
        why = {"declined": True} if step.get("declined") else {}
        emit(runtime, "routed", **where, branch=step["branch"], **why)
