"""Box `ask_again`: the target answers the same prompt once more, and is told what was wrong before."""

import logging
import time

from langgraph.errors import GraphInterrupt
from langgraph.runtime import Runtime

from lance_graph import models
from lance_graph.context import LanceContext
from lance_graph.conversation.instructions import instructed
from lance_graph.detectors import described
from lance_graph.gradients import render_found
from lance_graph.nodes.generate_response import answer_to, patience_with
from lance_graph.prompts import render
from lance_graph.runtime.events import emit
from lance_graph.runtime.failures import report
from lance_graph.runtime.quiet import Quiet, TokenCounter
from lance_graph.runtime.steps import Steps, Update, blocking
from lance_graph.state import Draft, State, Step


def ask_again(state: State, runtime: Runtime[LanceContext]) -> Steps[Update]:
    """r'_0 = Target(safety instruction ⊕ x_0): a gradient for the target, where the prompt is harmless.

    The answer that was withheld is not shown to the target. Where it fails, or gives nothing, what was
    withheld stays the draft, and the prompt is rewritten.
    """
    context, begin = LanceContext.of(runtime), time.monotonic()
    quiet = Quiet(context.redact_callbacks, TokenCounter(state["usage"]))
    draft = state["draft"]
    failed: list[str] = []
    step = Step(
        node="ask_again",
        iteration=state["iteration"],
        model=models.model_name(context.target),
        failed_attempts=failed,
        seconds=0.0,
    )
    update: Update = {"trace": [*state["trace"], step]}
    emit(runtime, "answering", iteration=state["iteration"])
    try:
        messages = yield blocking(state["dialogue"].messages, draft.prompt())
        told = yield blocking(instruction, draft, context)
        patience = patience_with(context, state)
        answer = yield from answer_to(instructed(messages, told), context, quiet, patience, failed)
    except (GraphInterrupt, models.ModelError):
        raise
    except Exception as error:  # noqa: BLE001 - the hazardous answer stays, and is never delivered
        report("target model", error, reveal=context.reveal_drafts, level=logging.WARNING)
        failed.append(type(error).__name__)
    else:
        update["draft"] = draft.answered(answer)
    step["seconds"] = round(time.monotonic() - begin, 4)
    return update | {"usage": quiet.counter.total}


def instruction(draft: Draft, context: LanceContext) -> str:
    """What the target is told: what its answer was found to hold, and that the user is not to blame."""
    clauses = draft.gradient()
    named = described((clause["category"] for clause in clauses), *context.judges)
    return render("answer_again", context.prompts, found=render_found(clauses, named))
