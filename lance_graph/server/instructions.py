"""What a client tells the target beside the conversation: judged where its system messages are.

Descriptions of tools and of a response's form are read by the target as instructions.
"""

from collections.abc import Iterator
from typing import Any

from lance_graph.context import LanceContext
from lance_graph.detector.unreadable import UnreadableTextError
from lance_graph.judging import OutOfLanguageError, judge_of
from lance_graph.routing import hazards
from lance_graph.runtime.failures import report
from lance_graph.runtime.quiet import Quiet
from lance_graph.runtime.steps import Steps, arun
from lance_graph.server.errors import ApiError, degraded
from lance_graph.server.requests import ChatRequest

BESIDE = frozenset({"tools", "response_format"})


async def check_instructions(request: ChatRequest, context: LanceContext) -> None:
    """`ApiError` 400 for instructions that are hazardous or cannot be read, 503 where the detector fails.

    Nothing is judged unless the context's ``guard_system`` is on.
    """
    if not context.guard_system:
        return
    for param, value in request.given(BESIDE).items():
        text = "\n".join(_sentences(value))
        if not text:
            continue
        try:
            harmless = await arun(_is_harmless(text, context))
        except (UnreadableTextError, OutOfLanguageError):
            harmless = False
        except Exception as error:  # noqa: BLE001 - its text may quote what it was to judge
            report("risk detector", error, reveal=context.reveal_drafts)
            raise degraded(f"the risk detector failed ({type(error).__name__})") from None
        if not harmless:
            said = f"{param}: what it says was judged hazardous, or could not be judged"
            raise ApiError(400, said, code="unsafe_instructions", param=param)


def _is_harmless(text: str, context: LanceContext) -> Steps[bool]:
    judge = yield from judge_of(context, Quiet(context.redact_callbacks))
    readings = yield from judge.readings([text])
    return bool(readings) and not any(
        reading["out_of_language"] or hazards(reading["risk"], judge.policy) for reading in readings
    )


def _sentences(value: Any) -> Iterator[str]:
    """Every string of more than one word, names of fields among them."""
    if isinstance(value, str):
        if len(value.split()) > 1:
            yield value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _sentences(name)
            yield from _sentences(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _sentences(inner)
