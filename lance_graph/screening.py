"""What the target may read besides the prompt: earlier turns and tools' results, judged first.

What is judged is what the target would get. A hazardous message of the user's that is not a turn's
last is left out, and the rest of the turn judged without it. What the assistant did is judged step
by step, and a hazardous step left out with its results; an earlier turn whose question is hazardous,
of which no step remains, or whose answer LANCE held back, is left out whole. Of a tool's result, and
of the summary of a conversation, the hazardous passages are left out; if what remains is still
hazardous, a notice takes its place. The branch of the run does not depend on any of it. A provider
may join the blocks of a message in more than one way: what is hazardous in one reading is hazardous.
"""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from langchain_core.messages import AIMessage, AnyMessage, FunctionMessage, SystemMessage

from lance_graph.context import LanceContext
from lance_graph.conversation.calls import by_values, names_in
from lance_graph.conversation.own_data import without_own_data
from lance_graph.conversation.passages import Content, passages_of, replaced_by, without
from lance_graph.conversation.replies import in_context
from lance_graph.conversation.turns import (
    Turn,
    aside_of,
    calls_of,
    is_result,
    is_summary,
    readable_data,
    readings_of,
    text_of,
    turns_of,
    with_prompt,
)
from lance_graph.judging import PRIVACY, Judge, in_other_form, is_guess_beside
from lance_graph.prompts import prose
from lance_graph.routing import hazards
from lance_graph.runtime.steps import Steps, blocking
from lance_graph.scores import Pair
from lance_graph.state import Dialogue, LeftOut

Replaced = dict[int, AnyMessage]
"""What takes the place of a message, by its id()."""
Found = tuple[set[Pair], set[Pair]]
"""What is hazardous alone, and the replies that are harmless with what they reply to."""


def screen(messages: Sequence[AnyMessage], judge: Judge) -> Steps[Dialogue]:
    """The conversation as the target may see it, around the prompt of its last turn.

    The detector's exceptions pass through: a conversation that was not judged is not sent.
    """
    context = judge.context
    turns = turns_of(messages)
    foreign = [message for message in messages if _is_foreign(message, context)]
    before = yield blocking(_told_before, turns, context)
    bad = yield from _unsafe((text for texts in before.values() for text in texts), judge)
    unfit = {place for place, texts in before.items() if bad.intersection(texts)}
    turns = [Turn([m for m in turn.messages if id(m) not in unfit], unfit) for turn in turns]
    unsafe = yield from _unsafe((yield blocking(_all_told, turns, foreign, context)), judge)
    unsafe -= yield from _in_other_forms(turns, unsafe, judge)
    unsafe -= yield from _own_data(turns, unsafe, judge)
    excused = yield from _excused(_replies(turns, unsafe, context), judge)
    results = [m for m in foreign if unsafe.intersection(readings_of(m))]
    replaced = yield from _repaired(results, judge)
    notice = prose("withheld_result", context.prompts)
    replaced |= {id(m): _withheld(m, notice) for m in foreign if aside_of(m) in unsafe}
    dialogue: Dialogue = yield blocking(
        _seen, messages, turns, (unsafe, excused), replaced, context
    )
    return dialogue


def unscreened(messages: Sequence[AnyMessage]) -> Dialogue:
    """All of the conversation, around the prompt of its last turn, without judging any of it."""
    *earlier, current = turns_of(messages)
    return Dialogue([message for turn in earlier for message in turn.messages], current)


def _told_before(turns: Sequence[Turn], context: LanceContext) -> dict[int, list[str]]:
    """What the user told besides each turn's last message, and what can be read in their files.

    By the id() of the messages, with every reading, and of the blocks. An earlier turn that was
    rewritten is sent without those messages.
    """
    if not context.screens_prompts:
        return {}
    told: dict[int, list[str]] = {}
    for turn in turns:
        told |= {place: [text] for place, text in readable_data(turn).items()}
        if turn is turns[-1] or turn.question == turn.typed:
            told |= {id(m): _not_blank(Turn([m]).readings) for m in turn.human[:-1]}
    return told


def _all_told(
    turns: Sequence[Turn], foreign: Sequence[AnyMessage], context: LanceContext
) -> list[Pair]:
    """What is to be judged: every turn's exchanges, and every reading of what tools brought."""
    pairs = [pair for turn in turns for pair in _exchanges(turn, turn is turns[-1], context)]
    told = [text for message in foreign for text in (*readings_of(message), aside_of(message))]
    return [*pairs, *_not_blank(told)]


def _seen(
    messages: Sequence[AnyMessage],
    turns: Sequence[Turn],
    found: Found,
    replaced: Replaced,
    context: LanceContext,
) -> Dialogue:
    """The conversation without what was ``found`` unsafe; ``turns`` lack what was left out before."""
    *earlier, current = _without_hazards(turns, found, context)
    asked = [
        message
        for turn in earlier
        for message in (with_prompt(turn, turn.question) if turn.human else turn.messages)
    ]
    kept = {id(message) for turn in (*earlier, current) for message in turn.messages}
    left_out = _left_out(messages, turns, kept, replaced, prose("withheld_result", context.prompts))
    return Dialogue(
        _shown(asked, replaced), current.of(_shown(current.messages, replaced)), left_out
    )


def _left_out(
    messages: Sequence[AnyMessage],
    turns: Sequence[Turn],
    kept: AbstractSet[int],
    replaced: Replaced,
    notice: str,
) -> list[LeftOut]:
    """What the target is not sent, of ``messages``, and why."""
    held_back = [turn for turn in turns if turn.given_up]
    held_back += [step for turn in turns for step in turn.steps if step.degraded]
    given_up = {id(message) for turn in held_back for message in turn.messages}
    unfit = {place for turn in turns for place in turn.unfit}
    found: list[LeftOut] = []
    for place, message in enumerate(messages):
        is_kept = id(message) in kept
        other = replaced.get(id(message)) if is_kept else None
        if other or not is_kept or _holds(message, unfit):
            is_whole = not is_kept or bool(other and notice in text_of(other))
            found.append(
                LeftOut(
                    message=place,
                    type=message.type,
                    part="all" if is_whole else "passages",
                    because="given_up" if not is_kept and id(message) in given_up else "hazardous",
                )
            )
    return found


def _holds(message: AnyMessage, unfit: AbstractSet[int]) -> bool:
    """Whether one of a message's blocks cannot stand beside a rewritten prompt."""
    return isinstance(message.content, list) and any(id(b) in unfit for b in message.content)


def _without_hazards(turns: Sequence[Turn], found: Found, context: LanceContext) -> list[Turn]:
    """The turns, in which nothing hazardous is left; what a reply replies to has to be left as it was."""
    left: list[Turn] = []
    is_whole = True
    for place, turn in enumerate(turns):
        before = turns[:place] if is_whole else []
        left.append(_without(turn, before, turn is turns[-1], found, context))
        is_whole = is_whole and len(left[-1].messages) == len(turn.messages)
    return left


def _without(
    turn: Turn, before: Sequence[Turn], is_current: bool, found: Found, context: LanceContext
) -> Turn:
    """A turn without its hazardous steps; without its question where that cannot stand alone."""
    steps = turn.steps
    bad = [
        step
        for step in steps
        if turn.given_up
        or step.degraded
        or _is_unsafe(_answered(turn, step, context), before, turn, found)
    ]
    is_lost = (
        turn.given_up
        or (context.screens_prompts and _is_unsafe(turn.asked, before, turn, found))
        or (bad and len(bad) == len(steps))
    )
    if is_lost and turn.human and not is_current:
        return turn.of([m for m in turn.messages if isinstance(m, SystemMessage) or is_summary(m)])
    dropped = {id(message) for step in bad for message in step.messages}
    return turn.of([message for message in turn.messages if id(message) not in dropped])


def _is_unsafe(pairs: Iterable[Pair], before: Sequence[Turn], turn: Turn, found: Found) -> bool:
    """Whether one of a turn's ``pairs`` is hazardous, and within its context no less."""
    unsafe, excused = found
    return any(pair in unsafe and _within(before, turn, pair) not in excused for pair in pairs)


def _within(before: Sequence[Turn], turn: Turn, pair: Pair) -> Pair | None:
    """A pair with the turns before in front of its prompt; None where that is no mere reply."""
    prompt, answer = (pair, None) if isinstance(pair, str) else pair
    text = in_context(before, turn, prompt)
    return text if text is None or answer is None else (text, answer)


def _is_foreign(message: AnyMessage, context: LanceContext) -> bool:
    """Whether a message is judged by itself, and loses what is hazardous in it."""
    if isinstance(message, SystemMessage):
        return context.guard_system
    if is_summary(message):
        return context.guard_input or context.guard_tool_results
    return context.guard_tool_results and is_result(message)


def _exchanges(turn: Turn, is_current: bool, context: LanceContext) -> list[Pair]:
    """What is to be judged of a turn; the prompt of the current one has its own place."""
    if turn.given_up:
        return []
    asked = turn.asked if context.screens_prompts and not is_current else ()
    answers = [pair for step in turn.steps for pair in _answered(turn, step, context)]
    return [*_not_blank(asked), *answers]


def _told_as_typed(turns: Sequence[Turn], unsafe: set[Pair]) -> list[Turn]:
    """The turns whose words reach the target as the user typed them."""
    return [t for t in turns if t.question == t.typed and unsafe.isdisjoint(t.asked)]


def _in_other_forms(turns: Sequence[Turn], unsafe: set[Pair], judge: Judge) -> Steps[set[Pair]]:
    """Those of ``unsafe`` that are calls of which another form is harmless."""
    excused: set[Pair] = set()
    for turn in turns:
        for step in turn.steps:
            said = [m for m in step.messages if isinstance(m, AIMessage)]
            is_plain = len(step.answers) == 1 and not any(map(aside_of, said))
            pairs = [pair for pair in _answered(turn, step, judge.context) if pair in unsafe]
            if not (pairs and is_plain and any(map(calls_of, said))):
                continue
            values = "\n".join(filter(str.strip, (by_values(m)[0] for m in said)))
            names = ", ".join(filter(None, map(names_in, said)))
            others = {place: (asked, values) for place, (asked, _) in enumerate(pairs)}
            agreed = yield from in_other_form(judge, others, names)
            excused |= {
                pairs[place]
                for place, reading in agreed.items()
                if not hazards(reading["risk"], judge.policy)
            }
    return excused


def _own_data(turns: Sequence[Turn], unsafe: set[Pair], judge: Judge) -> Steps[set[Pair]]:
    """Those of ``unsafe`` that are so only because a call passes on what the user has told."""
    less: dict[Pair, Pair] = {}
    if not unsafe:
        return set()
    told = yield blocking(_told_as_typed, turns, unsafe)
    words = [message for turn in told for message in turn.human]
    for turn in told:
        for step in turn.steps:
            said = [m for m in step.messages if isinstance(m, AIMessage)]
            rest = without_own_data(said, words)
            is_plain = len(step.answers) == 1 and not any(map(aside_of, said))
            if not is_plain or rest == without_own_data(said, ()):
                continue
            pairs = _answered(turn, step, judge.context)
            less |= {(p, s): (p, rest) for p, s in pairs if (p, s) in unsafe}
    readings = (yield from judge.recalled(list(less))) if less else []
    found = zip(less, (hazards(r["risk"], judge.policy) for r in readings), strict=True)
    private = [pair for pair, efforts in found if efforts.keys() == {PRIVACY}]
    still = yield from _unsafe((less[pair] for pair in private), judge)
    return {pair for pair in private if less[pair] not in still}


def _replies(
    turns: Sequence[Turn], unsafe: set[Pair], context: LanceContext
) -> list[tuple[Pair, Pair]]:
    """What is hazardous alone, and the same with the turns before it, where it is a mere reply to them."""
    return [
        (pair, whole)
        for place, turn in enumerate(turns)
        for pair in _exchanges(turn, turn is turns[-1], context)
        if pair in unsafe and (whole := _within(turns[:place], turn, pair)) is not None
    ]


def _excused(replies: Sequence[tuple[Pair, Pair]], judge: Judge) -> Steps[set[Pair]]:
    """Of ``replies`` those that are harmless with what they reply to, as far as that was read.

    What the detector was not made for excuses nothing that it has read.
    """
    if not replies:
        return set()
    alone = yield from judge.recalled([pair for pair, _ in replies])
    within = yield from judge.recalled([whole for _, whole in replies])
    return {
        whole
        for (_, whole), own, reading in zip(replies, alone, within, strict=True)
        if not hazards(reading["risk"], judge.policy) and not is_guess_beside(own, reading)
    }


def _answered(turn: Turn, step: Turn, context: LanceContext) -> list[tuple[str, str]]:
    """Every reading of what was done in a step, beside every reading of what was asked."""
    if not (context.guard_answer and step.answer) or step.degraded:
        return []
    return [(asked, answer) for asked in turn.asked for answer in step.answers]


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
    return message.model_copy(update={"content": replaced_by(message.content, notice), **known})


def _unsafe(pairs: Iterable[Pair], judge: Judge) -> Steps[set[Pair]]:
    """Those of ``pairs`` that are above a threshold."""
    distinct = list(dict.fromkeys(pairs))
    if not distinct:
        return set()
    readings = yield from judge.recalled(distinct)
    return {
        pair
        for pair, reading in zip(distinct, readings, strict=True)
        if hazards(reading["risk"], judge.policy)
    }


def _repaired(results: Sequence[AnyMessage], judge: Judge) -> Steps[Replaced]:
    """What takes the place of each hazardous result: first texts are left out, then rows of JSON."""
    notice = prose("withheld_result", judge.context.prompts)
    tried: Replaced = {id(message): message for message in results}
    left = list(tried)
    for by_row in (False, True):
        content: dict[int, Content] = {place: tried[place].content for place in left}
        passages = yield blocking(_passages_in, content, by_row)
        bad = yield from _unsafe((text for texts in passages.values() for text in texts), judge)
        for place in left:
            shorter = yield blocking(without, content[place], bad, by_row=by_row)
            tried[place] = _with(tried[place], notice if shorter is None else shorter, notice)
        readings = {place: readings_of(tried[place]) for place in left}
        said = (text for texts in readings.values() for text in _not_blank(texts))
        still = yield from _unsafe(said, judge)
        left = [place for place, texts in readings.items() if still.intersection(texts)]
    return tried | {place: _with(tried[place], notice, notice) for place in left}


def _passages_in(content: dict[int, Content], by_row: bool) -> dict[int, list[str]]:
    return {place: passages_of(text, by_row=by_row) for place, text in content.items()}


def _with(message: AnyMessage, content: Content, notice: str) -> AnyMessage:
    """A message with other content; of its own it keeps beside a ``notice`` what is no word."""
    told = replaced_by(message.content, notice) if content == notice else content
    return message.model_copy(update={"content": told})


def _shown(messages: Iterable[AnyMessage], replaced: Replaced) -> list[AnyMessage]:
    """The messages, with what takes the place of those that have been replaced, by their id()."""
    return [replaced.get(id(message), without_thoughts(message)) for message in messages]


def without_thoughts(message: AnyMessage) -> AnyMessage:
    """An assistant's message without the reasoning that some providers keep beside its content."""
    if not isinstance(message, AIMessage) or "reasoning_content" not in message.additional_kwargs:
        return message
    kept = {k: v for k, v in message.additional_kwargs.items() if k != "reasoning_content"}
    return message.model_copy(update={"additional_kwargs": kept})
