"""Box `deliver`: write the answer that was judged safe, and the verdict."""

import logging

from langchain_core.messages import AIMessage
from langgraph.runtime import Runtime

from lance_graph.context import LanceContext
from lance_graph.conversation.notices import quotable, takes_notice, with_notice
from lance_graph.judging import judged_alone
from lance_graph.modes import mode_of
from lance_graph.prompts import paragraphs, render
from lance_graph.runtime.events import emit
from lance_graph.runtime.failures import report
from lance_graph.runtime.quiet import Quiet, TokenCounter
from lance_graph.runtime.replay import replayed
from lance_graph.runtime.steps import Steps, Update
from lance_graph.state import State, Status
from lance_graph.verdicts import conclude


def deliver(state: State, runtime: Runtime[LanceContext]) -> Steps[Update]:
    """One assistant message, exactly what was scored, and how it came about.

    Before the answer to a rewritten prompt stands a notice of it, if the context wants one.
    """
    context, draft = LanceContext.of(runtime), state["draft"]
    answer = draft.answer()
    if answer is None:
        raise RuntimeError("deliver was reached without an answer; only score_risk may lead here")
    rewritten = draft.prompt() != state["prompt"]
    status: Status = "rewritten" if rewritten else "safe"
    if state["out_of_language"] and not state["reviewed"]:
        status = "unjudged"
    status = mode_of(context).status(status)
    notice = None
    if context.notice and status == "rewritten" and takes_notice(answer):
        quiet = Quiet(context.redact_callbacks, TokenCounter(state["usage"]))
        notice = yield from notice_of(draft.prompt(), answer, context, quiet)
        state = {**state, "usage": quiet.counter.total}
    message, update = conclude(
        state,
        context,
        with_notice(answer, notice) if notice else answer,
        status,
        delivered=state["reading"],
        refined_prompt=draft.prompt() if rewritten else None,
        notice=notice,
    )
    yield replayed(message)
    emit(runtime, "delivered", status=status, iterations=state["iteration"])
    return update


def notice_of(
    prompt: str, answer: AIMessage, context: LanceContext, quiet: Quiet
) -> Steps[str | None]:
    """How the question was understood; None unless it is harmless as words of the assistant, too."""
    notice = paragraphs(render("notice", context.prompts, question=quotable(prompt)))
    try:
        texts = [notice, str(with_notice(answer, notice).text)]
        harmless = yield from judged_alone(texts, context, quiet)
    except Exception as error:  # noqa: BLE001 - the answer itself was judged, and goes out without
        what, reveal = "scoring of the notice", context.reveal_drafts
        report(what, error, reveal=reveal, level=logging.WARNING)
        return None
    return notice if harmless else None
