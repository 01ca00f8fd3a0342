"""How a run ends: the assistant message and the verdict that explains it."""

from typing import Any, Literal
from uuid import uuid4

from langchain_core.messages import AIMessage

from lance_graph.categories import KEYS
from lance_graph.context import LanceContext
from lance_graph.detectors import described, plain
from lance_graph.routing import Branch
from lance_graph.runtime.usage import sum_of
from lance_graph.scores import Reading
from lance_graph.state import Spent, State, Status, Step, Verdict

SELF_HARM = "self_harm"
_FOREIGN = (
    "Some text is in a language that the detector was not made for: its degrees are a guess and no "
    "judgement (out_of_language='pass')."
)
_SPENT: dict[Spent, str] = {
    "rewrites": "the budget is spent",
    "time": "the time budget is spent",
    "steps": "the recursion limit of the graph around it allows no more",
    "words": "there is no prompt to rewrite",
}
_DECLINED = {
    "rejected": "A reviewer rejected the answer.",
    "unscored_parts": "The conversation holds parts that cannot be judged, such as images "
    "(unscored_parts='refuse').",
}


def conclude(
    state: State,
    context: LanceContext,
    answer: AIMessage,
    status: Status,
    delivered: Reading | None,
    refined_prompt: str | None = None,
    notice: str | None = None,
) -> tuple[AIMessage, State]:
    """The assistant message of a run, and its last update, with that message.

    ``delivered`` is the score of what the user gets, None if it could not be had; then the verdict
    holds None for each category, never a number. ``refined_prompt`` is a prompt that was judged
    safe together with its answer: no other draft gets into the verdict. ``notice`` is what ``answer``
    says of it first.
    """
    initial, usage = state["initial"], sum_of(state["usage"])
    monitored = status == "monitored"
    verdict = Verdict(
        status=status,
        reason=explain_status(state, context, status),
        iterations=state["iteration"],
        prompt=state["prompt"],
        refined_prompt=refined_prompt,
        left_out=state.get("left_out", []),
        initial_risk=_numbers(initial, "risk"),
        initial_spread=_numbers(initial, "spread"),
        risk=_numbers(delivered, "risk"),
        spread=_numbers(delivered, "spread"),
        would_have=would_have(state["trace"]) if monitored else None,
        uncertain=uncertain(state["trace"]),
        out_of_language=state["out_of_language"],
        usage=usage,
        usage_by_model=state["usage"] or {},
        trace=state["trace"],
    )
    note: dict[str, Any] = {"status": status, "refined_prompt": refined_prompt}
    if notice:
        note["notice"] = notice
    if is_severe(state["trace"]):
        note["severe"] = True
    if verdict["uncertain"]:
        note["uncertain"] = True
    if monitored:
        note["would_have"] = verdict["would_have"]
    metadata = answer.response_metadata
    update = {
        "id": answer.id if monitored and answer.id else str(uuid4()),
        "usage_metadata": (monitored and answer.usage_metadata) or usage,
        "response_metadata": {
            **metadata,
            "model_name": metadata.get("model_name") or "lance",
            "lance": note,
        },
    }
    message = answer.model_copy(update=update)
    # what was withheld is forgotten where a run ends, so that one that is resumed still knows it
    return message, {"messages": [message], "verdict": verdict, "withheld": []}


def explain_status(state: State, context: LanceContext, status: Status) -> str:
    """For a person: why the run ended as it did, what was in doubt or off, what the target did not read."""
    reason = f"{_why(state, context, status)}{_doubts(state, context)}"
    named = described(context.switched_off, *context.judges)
    off = ", ".join(category.title for category in named.values())
    if off:
        reason = f"{reason} Not judged, for switched off: {off}."
    count = len(state.get("left_out", []))
    if not count:
        return reason
    what = "1 message" if count == 1 else f"{count} messages"
    return (
        f"{reason} Of the conversation, {what} did not reach the target, or not whole (left_out)."
    )


def _why(state: State, context: LanceContext, status: Status) -> str:
    if status == "degraded":
        return f"{state['failure']}; nothing unchecked was delivered."
    if status == "monitored":
        return _monitored(state["trace"], context)
    if status == "fell_back":
        return _fell_back(state, context)
    if status == "unjudged":
        return (
            f"{_FOREIGN} "
            f"{_repaired(state, context, status) if _repairs(state) else _left_alone(context)}"
        )
    found = status != "safe" or leading_category(state["trace"])  # a first answer, perhaps
    reason = _repaired(state, context, status) if found else _left_alone(context)
    return f"{reason} A reviewer approved it." if state["reviewed"] else reason


def _doubts(state: State, context: LanceContext) -> str:
    found = uncertain(state["trace"])
    if not found:
        return ""
    named = described(found, *context.judges)
    titles = ", ".join(category.title for category in named.values())
    spreads = f"{context.abstain:g} spread{'s' if context.abstain != 1 else ''}"
    return f" In doubt, within {spreads} of a threshold: {titles}."


def _left_alone(context: LanceContext) -> str:
    unscored = "" if context.guard_answer else " The answer was not judged (guard_answer=False)."
    return f"No category is above its threshold; the prompt was left as it was.{unscored}"


def _repaired(state: State, context: LanceContext, status: Status) -> str:
    if not leading_category(state["trace"]):
        return "Nothing is above its threshold; the prompt was rewritten earlier in this turn."
    if _asked_again(state) and not state["iteration"]:
        named = _named(state["trace"], context)
        kept = (
            "" if status == "rewritten" else "the prompt was left as it was, and "
        )  # by a reviewer
        return (
            f"{named} was above its threshold in the first answer alone; {kept}the target was asked "
            "again."
        )
    stand_in = _stand_in(state)
    named, standing = _named(state["trace"], context), _standing(state["trace"])
    made = standing[-1]["iteration"] if standing and _has_spare(state) else state["iteration"]
    rewrites = _counted(made, "rewrite")
    omitted = sum(step.get("omitted", 0) for step in standing)
    left_out = f", without {_counted(omitted, 'passage')} of the prompt" if omitted else ""
    where = " in the answer" if is_answer_alone(state) else ""
    declined = _declined(state)
    return f"{named} was above its threshold{where}; safe after {rewrites}{stand_in}{left_out}{declined}."


def _standing(trace: list[Step]) -> list[Step]:
    """The rewrites of which the delivered answer is one: without what was declined and then given up."""
    standing: list[Step] = []
    declined: list[Step] = []
    for step in trace:
        if step["node"].startswith("rewrite_"):
            standing = [*standing, step]
        elif step.get("spare"):
            standing = declined
        elif step.get("declined") and step["branch"].startswith("rewrite_"):
            declined, standing = standing, standing[:-1]
    return standing


def _fell_back(state: State, context: LanceContext) -> str:
    if state["declined"]:
        return _DECLINED[state["declined"]]
    last = _named(state["trace"][::-1], context)
    where = " in the answer" if is_answer_alone(state) else ""
    why = _SPENT[state.get("spent") or "rewrites"]
    return f"{last} was still above its threshold{where} after {_rewrites(state)}; {why}."


def _asked_again(state: State) -> bool:
    return any(step["node"] == "ask_again" for step in state["trace"])


def _repairs(state: State) -> bool:
    return bool(state["iteration"]) or _asked_again(state)


def _rewrites(state: State) -> str:
    return _counted(state["iteration"], "rewrite")


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'s' if number != 1 else ''}"


def _monitored(trace: list[Step], context: LanceContext) -> str:
    failures = [step["failure"] for step in trace if step.get("failure")]
    if failures:
        return f"Passed through unjudged (monitor mode): {failures[0]}."
    branch = would_have(trace)
    if branch == "deliver":
        return "Passed through (monitor mode); no category is above its threshold."
    return (
        f"Passed through (monitor mode); {_named(trace, context)} is above its threshold, and enforcing "
        f"would have gone to {branch}."
    )


def would_have(trace: list[Step]) -> Branch:
    """What enforcing would have done first, other than going on; ``deliver`` if nothing."""
    for step in trace:
        branch = step.get("would_have", "deliver")
        if branch not in ("generate_response", "deliver"):
            return branch
    return "deliver"


def is_severe(trace: list[Step]) -> bool:
    """Whether a severe hazard was found on the way, its effort softened for a doubt or not."""
    efforts = [clause.get("effort") for step in trace for clause in step.get("gradient", ())]
    efforts += [effort for step in trace for effort in step.get("uncertain", {}).values()]
    return "severe" in efforts


def uncertain(trace: list[Step]) -> list[str]:
    """The categories that were in doubt at any scoring."""
    return list(dict.fromkeys(key for step in trace for key in step.get("uncertain", ())))


def leading_category(trace: list[Step]) -> str | None:
    """What a person's request was about: the strongest category of the first step with a hazard.

    Self-harm leads wherever it is among them: whom to turn to matters more than any rank.
    """
    for step in trace:
        found = [clause["category"] for clause in step.get("gradient", ())]
        if found:
            return SELF_HARM if SELF_HARM in found else found[0]
    return None


def is_answer_alone(state: State) -> bool:
    """Whether a person's words were judged harmless, or are none, and the answer was found hazardous."""
    harmless = not state["prompt"].strip()
    for step in state["trace"]:
        if step.get("gradient"):
            return harmless and step.get("scored") == "pair"
        harmless |= step.get("scored") == "prompt"
    return False


def _named(trace: list[Step], context: LanceContext) -> str:
    """Title of the leading category."""
    key = leading_category(trace)
    return described([key], *context.judges)[key].title if key else "A category"


def _stand_in(state: State) -> str:
    """Which of the rewrites, or of their passages, the offline refiner made where the refiner failed."""
    stood_in = [step["stood_in"] for step in state["trace"] if "stood_in" in step]
    wholes, passages = stood_in.count("all"), sum(n for n in stood_in if n != "all")
    said = ""
    if wholes and wholes == state["iteration"]:
        said = " by the offline refiner"
    elif wholes:
        said = f", {wholes} of them by the offline refiner"
    if passages:
        said += f", {_counted(passages, 'passage')} rewritten or left out by the offline refiner"
    return f"{said}, for the refiner failed" if said else ""


def _has_spare(state: State) -> bool:
    """Whether an answer that declines took the place of what came after it."""
    return any(step.get("spare") for step in state["trace"])


def _declined(state: State) -> str:
    """How often the target declined what it was asked in the user's place, and whether that answer stands."""
    times = sum(step.get("declined", False) for step in state["trace"])
    if _has_spare(state):
        return "; the target declined it, and had nothing that could be delivered when it was asked otherwise"
    if 0 < times < state["iteration"]:  # the answer may be to another one
        return f"; the target declined {times} of them"
    often = "" if times == 1 else f" {times} times"
    return f"; the target declined what it was asked instead{often}" if times else ""


def _numbers(reading: Reading | None, name: Literal["risk", "spread"]) -> dict[str, float | None]:
    if reading is None:
        return dict.fromkeys(KEYS)
    return dict.fromkeys(KEYS) | plain(reading[name])
