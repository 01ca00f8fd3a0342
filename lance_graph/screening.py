"""What the target may read besides the prompt: earlier turns and tools' results, judged first.

An earlier turn that is hazardous, or whose answer LANCE held back, is left out with its answer; so
is a hazardous message right before the last one that nobody has answered. Of a tool's result the
hazardous passages are left out; if what remains is still hazardous, a notice takes its place. The
branch of the run does not depend on any of it. A provider may join the blocks of a message in more
than one way: what is hazardous in one reading is hazardous.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from langchain_core.messages import (
    AIMessage,
    AnyMessage,
    FunctionMessage,
    HumanMessage,
    SystemMessage,
)

from lance_graph.context import LanceContext
from lance_graph.conversation.turns import (
    Turn,
    aside_of,
    is_result,
    readings_of,
    text_of,
    turns_of,
    with_prompt,
)
from lance_graph.judging import Judge
from lance_graph.prompts import prose
from lance_graph.routing import hazards
from lance_graph.runtime.steps import Steps, blocking
from lance_graph.scores import Pair
from lance_graph.state import Dialogue

OMITTED = "[…]"
MOST_PASSAGES = 200
_BOUNDARY = re.compile(r"(?<=[.!?。！？])\s+|\n+")


def screen(messages: Sequence[AnyMessage], judge: Judge) -> Steps[Dialogue]:
    """The conversation as the target may see it, around the prompt of its last turn.

    The detector's exceptions pass through: a conversation that was not judged is not sent.
    """
    context = judge.context
    turns = turns_of(messages)
    foreign = [message for message in messages if _is_foreign(message, context)]
    unsafe = yield from _unsafe((yield blocking(_all_told, turns, foreign, context)), judge)
    results = yield blocking(_results_in, unsafe, foreign)
    repaired = yield from _repaired(results, judge)
    dialogue: Dialogue = yield blocking(_seen, turns, foreign, unsafe, repaired, context)
    return dialogue


def unscreened(messages: Sequence[AnyMessage]) -> Dialogue:
    """All of the conversation, around the prompt of its last turn, without judging any of it."""
    *earlier, current = turns_of(messages)
    return Dialogue([message for turn in earlier for message in turn.messages], current)


def _all_told(
    turns: Sequence[Turn], foreign: Sequence[AnyMessage], context: LanceContext
) -> list[Pair]:
    """What is to be judged: every turn's exchanges, and every reading of what tools brought."""
    pairs = [pair for turn in turns for pair in _exchanges(turn, turn is turns[-1], context)]
    told = [text for message in foreign for text in (*readings_of(message), aside_of(message))]
    return [*pairs, *_not_blank(told)]


def _results_in(unsafe: set[Pair], foreign: Sequence[AnyMessage]) -> list[str]:
    """The texts of those of ``foreign`` that are hazardous in some reading."""
    return [text_of(m) for m in foreign if unsafe.intersection(readings_of(m))]


def _replaced(
    foreign: Sequence[AnyMessage], unsafe: set[Pair], repaired: dict[str, str], notice: str
) -> dict[int, AnyMessage]:
    """What takes the place of each hazardous message, by its id()."""
    replaced: dict[int, AnyMessage] = {}
    for message in foreign:
        if aside_of(message) in unsafe:
            replaced[id(message)] = _withheld(message, notice)
        elif text_of(message) in repaired:
            content = {"content": repaired[text_of(message)]}
            replaced[id(message)] = message.model_copy(update=content)
    return replaced


def _seen(
    turns: Sequence[Turn],
    foreign: Sequence[AnyMessage],
    unsafe: set[Pair],
    repaired: dict[str, str],
    context: LanceContext,
) -> Dialogue:
    """The conversation without what is ``unsafe``."""
    replaced = _replaced(foreign, unsafe, repaired, prose("withheld_result", context.prompts))
    current, earlier = turns[-1], list[AnyMessage]()
    for turn in turns[:-1]:
        if turn.given_up or unsafe.intersection(_exchanges(turn, False, context)):
            kept = [message for message in turn.messages if isinstance(message, SystemMessage)]
            earlier += _shown(kept, replaced)
        else:
            earlier += _shown(with_prompt(turn, turn.question), replaced)
    dropped = {id(m) for m in current.human[:-1] if unsafe.intersection(_told(m))}
    if current.given_up or unsafe.intersection(_answered(current, context)):
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
        asked = [text for m in turn.human[:-1] for text in _told(m)] if is_current else turn.asked
        found += _not_blank(asked)
    return found + _answered(turn, context)


def _answered(turn: Turn, context: LanceContext) -> list[Pair]:
    """Every reading of what was answered, beside every reading of what was asked."""
    if not (context.guard_answer and turn.answer):
        return []
    return [(asked, answer) for asked in turn.asked for answer in turn.answers]


def _told(message: AnyMessage) -> tuple[str, ...]:
    """Every reading of one message of the user's."""
    return Turn([message]).readings


def _not_blank(texts: Iterable[str]) -> list[str]:
    return [text for text in texts if text.strip()]


def _withheld(message: AnyMessage, notice: str) -> AnyMessage:
    """The notice in the place of a message whose very names are hazardous."""
    names: dict[str, Any] = {
        "name": None,
        "tool_call_id": "withheld",
        "role": "user",
        "additional_kwargs": {},
    }
    known = {name: value for name, value in names.items() if hasattr(message, name)}
    if isinstance(message, FunctionMessage):
        known["name"] = "withheld"
    return message.model_copy(update={"content": notice, **known})


def _unsafe(pairs: Iterable[Pair], judge: Judge) -> Steps[set[Pair]]:
    """Those of ``pairs`` that are above a threshold."""
    distinct = list(dict.fromkeys(pairs))
    if not distinct:
        return set()
    readings = yield from judge.recalled(distinct)
    return {
        pair
        for pair, reading in zip(distinct, readings, strict=True)
        if hazards(reading["risk"], judge.context.policy)
    }


def _repaired(results: Sequence[str], judge: Judge) -> Steps[dict[str, str]]:
    """What takes the place of each hazardous result."""
    if not results:
        return {}
    passages = {result: passages_of(result) for result in results}
    bad = yield from _unsafe([passage for parts in passages.values() for passage in parts], judge)
    shorter = {
        result: "\n".join(OMITTED if part in bad else part for part in parts)
        for result, parts in passages.items()
        if not bad.issuperset(parts)
    }
    still = yield from _unsafe(shorter.values(), judge)
    notice = prose("withheld_result", judge.context.prompts)
    return {
        result: shorter[result] if shorter.get(result, result) not in {*still, result} else notice
        for result in results
    }


def passages_of(text: str) -> list[str]:
    """Sentences or lines of ``text``, in order; of a long text several together, at most 200."""
    parts = [part for part in _BOUNDARY.split(text) if part.strip()]
    size = -(-len(parts) // MOST_PASSAGES) or 1
    return [" ".join(parts[i : i + size]) for i in range(0, len(parts), size)]


def _shown(messages: Iterable[AnyMessage], replaced: dict[int, AnyMessage]) -> list[AnyMessage]:
    """The messages, with what takes the place of those that have been replaced, by their id()."""
    return [replaced.get(id(message), without_thoughts(message)) for message in messages]


def without_thoughts(message: AnyMessage) -> AnyMessage:
    """An assistant's message without the reasoning that some providers keep beside its content."""
    if not isinstance(message, AIMessage) or "reasoning_content" not in message.additional_kwargs:
        return message
    kept = {k: v for k, v in message.additional_kwargs.items() if k != "reasoning_content"}
    return message.model_copy(update={"additional_kwargs": kept})
