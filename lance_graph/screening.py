"""What the target may read besides the prompt: earlier turns and tools' results, judged first.

An earlier turn that is hazardous, or whose answer LANCE held back, is left out with its answer; so
is a hazardous message right before the last one that nobody has answered. Of a tool's result the
hazardous passages are left out; if what remains is still hazardous, a notice takes its place. The
branch of the run does not depend on any of it.
"""

import re
from collections.abc import Iterable, Sequence

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, SystemMessage

from lance_graph.context import LanceContext
from lance_graph.conversation import Turn, is_result, text_of, turns_of, with_prompt
from lance_graph.detector.score import Detector, Pair
from lance_graph.detectors import remembered
from lance_graph.prompts import prose
from lance_graph.quiet import Quiet
from lance_graph.routing import hazards
from lance_graph.state import Dialogue
from lance_graph.steps import Steps

OMITTED = "[…]"
MOST_PASSAGES = 200
_BOUNDARY = re.compile(r"(?<=[.!?。！？])\s+|\n+")


def screen(
    messages: Sequence[AnyMessage], context: LanceContext, detector: Detector, quiet: Quiet
) -> Steps[Dialogue]:
    """The conversation as the target may see it, around the prompt of its last turn.

    The detector's exceptions pass through: a conversation that was not judged is not sent.
    """
    turns = turns_of(messages)
    current = turns[-1]
    pairs = [pair for turn in turns for pair in _exchanges(turn, turn is current, context)]
    results = [text_of(m) for m in messages if _is_foreign(m, context) and text_of(m).strip()]
    unsafe = yield from _unsafe([*pairs, *results], context, detector, quiet)
    replaced = yield from _repaired([r for r in results if r in unsafe], context, detector, quiet)

    earlier: list[AnyMessage] = []
    for turn in turns[:-1]:
        if turn.given_up or unsafe.intersection(_exchanges(turn, False, context)):
            kept = [message for message in turn.messages if isinstance(message, SystemMessage)]
            earlier += _shown(kept, replaced)
        else:
            earlier += _shown(with_prompt(turn, turn.question), replaced)
    dropped = {id(m) for m in current.human[:-1] if text_of(m) in unsafe}
    if current.given_up or (current.question, current.answer) in unsafe:
        own = (HumanMessage, SystemMessage)
        dropped |= {id(m) for m in current.messages if not isinstance(m, own)}
    current = Turn([message for message in current.messages if id(message) not in dropped])
    return Dialogue(earlier, Turn(_shown(current.messages, replaced)))


def _is_foreign(message: AnyMessage, context: LanceContext) -> bool:
    """Whether a message is judged by itself, and loses what is hazardous in it."""
    if isinstance(message, SystemMessage):
        return context.guard_system
    return context.guard_tool_results and is_result(message)


def _exchanges(turn: Turn, is_current: bool, context: LanceContext) -> list[Pair]:
    """What is to be judged of a turn; the prompt of the current one has its own place."""
    if turn.given_up:
        return []
    found: list[Pair] = []
    if context.screens_prompts:
        asked = [text_of(m) for m in turn.human[:-1]] if is_current else [turn.question]
        found += [text for text in asked if text.strip()]
    if context.guard_answer and turn.answer:
        found.append((turn.question, turn.answer))
    return found


def _unsafe(
    pairs: Iterable[Pair], context: LanceContext, detector: Detector, quiet: Quiet
) -> Steps[set[Pair]]:
    """Those of ``pairs`` that are above a threshold."""
    distinct = list(dict.fromkeys(pairs))
    if not distinct:
        return set()
    readings = yield from remembered(detector, distinct, context.category_thresholds, quiet)
    return {
        pair
        for pair, reading in zip(distinct, readings, strict=True)
        if hazards(reading["risk"], context.policy)
    }


def _repaired(
    results: Sequence[str], context: LanceContext, detector: Detector, quiet: Quiet
) -> Steps[dict[str, str]]:
    """What takes the place of each hazardous result."""
    if not results:
        return {}
    passages = {result: passages_of(result) for result in results}
    bad = yield from _unsafe(
        [passage for parts in passages.values() for passage in parts], context, detector, quiet
    )
    shorter = {
        result: "\n".join(OMITTED if part in bad else part for part in parts)
        for result, parts in passages.items()
        if not bad.issuperset(parts)
    }
    still = yield from _unsafe(shorter.values(), context, detector, quiet)
    notice = prose("withheld_result", context.prompts)
    return {
        result: shorter[result] if shorter.get(result, result) not in {*still, result} else notice
        for result in results
    }


def passages_of(text: str) -> list[str]:
    """Sentences or lines of ``text``, in order; of a long text several together, at most 200."""
    parts = [part for part in _BOUNDARY.split(text) if part.strip()]
    size = -(-len(parts) // MOST_PASSAGES) or 1
    return [" ".join(parts[i : i + size]) for i in range(0, len(parts), size)]


def _shown(messages: Iterable[AnyMessage], replaced: dict[str, str]) -> list[AnyMessage]:
    """The messages, with other words in those results that have been replaced."""
    return [
        message.model_copy(update={"content": replaced[text_of(message)]})
        if text_of(message) in replaced and not isinstance(message, HumanMessage | AIMessage)
        else without_thoughts(message)
        for message in messages
    ]


def without_thoughts(message: AnyMessage) -> AnyMessage:
    """An assistant's message without the reasoning that some providers keep beside its content."""
    if not isinstance(message, AIMessage) or "reasoning_content" not in message.additional_kwargs:
        return message
    kept = {k: v for k, v in message.additional_kwargs.items() if k != "reasoning_content"}
    return message.model_copy(update={"additional_kwargs": kept})
