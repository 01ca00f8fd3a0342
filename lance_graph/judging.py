"""From a score to a draft that says what is wrong with it: the gradient, and the attempt to build on."""

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from langchain_core.messages import AIMessage

from lance_graph.asking import Several, highest, lowered, require
from lance_graph.categories import KNOWN, UNSAFE
from lance_graph.context import LanceContext
from lance_graph.conversation.calls import by_values, letters_in, names_in
from lance_graph.conversation.turns import answer_readings, answer_text, calls_of
from lance_graph.detector.unreadable import UnreadableTextError
from lance_graph.detectors import (
    Choice,
    UnknownCategoryError,
    bounds,
    configured_name,
    policy_of,
    resolve,
    scoring,
)
from lance_graph.gradients import build_gradient
from lance_graph.memory import recall, remember
from lance_graph.routing import Effort, Risk, ThresholdPolicy, hazards, highest_judged, in_doubt
from lance_graph.runtime.failures import report
from lance_graph.runtime.patience import LateError, Patience, within
from lance_graph.runtime.quiet import Quiet
from lance_graph.runtime.steps import Steps, blocking
from lance_graph.scores import Detector, Explains, Pair, Reading, declared_by
from lance_graph.state import Dialogue, Draft
from lance_graph.withholding import ENOUGH, Withheld, raised

Exchange = tuple[str, str]
"""What was asked, and what was answered."""
ALONE = ""
"""The prompt beside which an answer is judged alone."""
PRIVACY = "privacy_violation"
REFUSAL = "I'm sorry, but I can't help with that."
"""An answer that is harmless beside any prompt, if a detector judges answers at all."""
BARELY = 0.05
"""How far above a refusal's an answer's degree may lie and still be the prompt's alone."""


class OutOfLanguageError(ValueError):
    """A text that the detector was not made for, where the context calls that a failure."""

    def __init__(self) -> None:
        super().__init__(
            "a text is in a language that the detector was not made for (out_of_language='fail')"
        )


QUOTING_NOTHING = (OutOfLanguageError, UnreadableTextError, UnknownCategoryError, LateError)
"""Errors whose text quotes no draft."""


@dataclass
class Judge:
    """How the texts of a run are judged: by which detector, and by which guard what it cannot read.

    ``out_of_language`` says whether any text so far was foreign to the one that judged it.
    """

    detector: Detector
    guard: Detector | None
    context: LanceContext
    quiet: Quiet
    out_of_language: bool = False

    def readings(self, pairs: Sequence[Pair]) -> Steps[list[Reading]]:
        """One reading per pair, in order; the detector's exceptions pass through.

        `OutOfLanguageError` where the context's ``out_of_language`` is "fail" and a text is foreign.
        """
        found = yield from self._by_detector(pairs)
        unread = [i for i, reading in enumerate(found) if not reading or reading["out_of_language"]]
        if unread and self.context.out_of_language == "fail":
            self.out_of_language = True
            raise OutOfLanguageError
        if unread and self.guard:
            quiet = self.counted(self.context.foreign_guard)
            asked = [pairs[i] for i in unread]
            judged = yield from self._patience.calling(scoring(self.guard, asked, (), quiet))
            for place, reading in zip(unread, judged, strict=True):
                found[place] = self._beside_guard(found[place], reading)
        return [reading for reading in found if reading]

    def recalled(self, pairs: Sequence[Pair]) -> Steps[list[Reading]]:
        """`readings`, asking only for what this detector has not been asked in this way before.

        For the parts of a conversation that come back in every turn.
        """
        known: dict[Pair, Reading] = {}
        for pair in pairs:
            if reading := recall(self.detector, pair, self._settings):
                known[pair] = reading
        if asked := [pair for pair in dict.fromkeys(pairs) if pair not in known]:
            known |= zip(asked, (yield from self.readings(asked)), strict=True)
        for pair, reading in known.items():
            remember(self.detector, pair, self._settings, reading)
            self.out_of_language |= reading["out_of_language"]
        return [known[pair] for pair in pairs]

    def counted(self, named: Choice) -> Quiet:
        """Calls that are counted under the name of a detector, as the context gives it."""
        return self.quiet.of(configured_name(named))

    @cached_property
    def policy(self) -> ThresholdPolicy:
        """The thresholds of every category; `UnknownCategoryError` if some are of none."""
        judges = (self.detector, self.guard) if self.guard else (self.detector,)
        return policy_of(self.context, *judges)

    @property
    def _keys(self) -> tuple[str, ...]:
        """Categories that have to have a degree, whatever the detector says of itself.

        Not `UNSAFE`: it is what a guard says of a text that is none of the 14, if it says it.
        """
        exempt = {UNSAFE.key, *self.context.switched_off}
        return tuple(self.context.category_thresholds.keys() - exempt)

    @property
    def _own_keys(self) -> tuple[str, ...]:
        """Those of `_keys` that the detector itself has to judge: not what the guard alone declares."""
        guards = declared_by(self.guard).keys() - KNOWN.keys() if self.guard else set()
        return tuple({*self._keys} - (guards - declared_by(self.detector).keys()))

    @property
    def _settings(self) -> tuple[str, ...]:
        options = str(hash(self.context.guard_options))
        return (self.context.out_of_language, options, *self._keys)

    def _beside_guard(self, own: Reading | None, guards: Reading) -> Reading:
        """A guard's reading of a text that is foreign to the detector; of several, to one of them.

        What the others found in it still counts. ValueError if a category is left unjudged.
        """
        several = isinstance(self.detector, Several)
        wanted = {*self._keys, *(declared_by(self.detector) if several else ())}
        judged = highest([guards, own]) if own and several else guards
        require(wanted, judged["risk"])
        return Reading(**{**judged, "out_of_language": guards["out_of_language"]})

    def _by_detector(self, pairs: Sequence[Pair]) -> Steps[list[Reading | None]]:
        """The detector's readings; None in the place of a text that only the guard can read."""
        try:
            return list((yield from self._scored(self.detector, pairs, self._own_keys)))
        except UnreadableTextError:
            if not self.guard:
                raise
        found: list[Reading | None] = []
        for pair in pairs:
            try:
                found += yield from self._scored(self.detector, [pair], self._own_keys)
            except UnreadableTextError:
                found.append((yield from self._by_others(pair)))
        return found

    def _by_others(self, pair: Pair) -> Steps[Reading | None]:
        """What those of several detectors find that can read a text; None if there is none of them."""
        if not isinstance(self.detector, Several):
            return None
        excuses = [("", one) for one in self.detector.excuses]
        found: list[Reading] = []
        for part in self.detector.parts:
            try:
                found += yield from self._scored(Several([part, *excuses]), [pair])
            except UnreadableTextError:
                continue
        return Reading(**{**highest(found), "out_of_language": True}) if found else None

    def _scored(
        self, detector: Detector, pairs: Sequence[Pair], keys: Sequence[str] = ()
    ) -> Steps[list[Reading]]:
        quiet = self.counted(self.context.judged_by)
        return (yield from self._patience.calling(scoring(detector, pairs, keys, quiet)))

    @property
    def _patience(self) -> Patience:
        return Patience.of(self.context, "detector")


def detector_failed(error: Exception, context: LanceContext) -> str:
    """What may be said of a detector's failure; the text of most errors may quote a draft."""
    report("risk detector", error, reveal=context.reveal_drafts)
    quotes_nothing = isinstance(error, QUOTING_NOTHING)
    return f"the risk detector failed ({error if quotes_nothing else type(error).__name__})"


def judge_of(context: LanceContext, quiet: Quiet) -> Steps[Judge]:
    """The detector and the guard that a context names; what keeps them from loading passes through."""
    detector = yield blocking(resolve, context.judged_by)
    guard = context.foreign_guard
    judge = Judge(detector, (yield blocking(resolve, guard)) if guard else None, context, quiet)
    judge.policy  # noqa: B018 - thresholds that are wrong stop a run before it judges
    return judge


def judged_alone(texts: Sequence[str], context: LanceContext, quiet: Quiet) -> Steps[bool]:
    """Whether each of ``texts`` is harmless as something that the assistant says, beside no prompt.

    What a detector was not made for was not judged, and is not harmless.
    """
    judge = yield from judge_of(context, quiet)
    readings = yield from judge.readings([(ALONE, text) for text in texts])
    hazardous = any(hazards(reading["risk"], judge.policy) for reading in readings)
    return len(readings) == len(texts) and not (
        hazardous or any(r["out_of_language"] for r in readings)
    )


def measure(
    judge: Judge,
    draft: Draft,
    dialogue: Dialogue,
    withheld: Sequence[Withheld],
    *,
    explain: bool = True,
    enough: float = ENOUGH,
) -> Steps[tuple[Draft, Reading | None]]:
    """D for (x_t, r_t), and the draft with g_t; no reading where the context guards neither.

    The highest degree of every exchange counts, and that of what was withheld before; what is in
    doubt (`LanceContext.abstain`) may have a softer effort. ``explain`` asks the detector which words
    drove it. ``enough`` is how much of what was withheld makes a text the same (`raised`).
    """
    context, answered = judge.context, draft.answer() is not None
    guarded = context.guard_answer if answered else context.screens_prompts
    if not guarded or not (answered or draft.prompt().strip()):
        return draft, None
    said = yield blocking(_said, draft)
    readings = yield from _exchanges_read(judge, draft, said, dialogue)
    reading = highest(readings)
    risk, (floor, ceiling) = reading["risk"], bounds(readings, context.abstain)
    if withheld:
        again = yield blocking(raised, {}, said, withheld, enough)
        for degrees in (risk, floor, ceiling):  # there is no doubt about what comes back
            degrees |= {key: max(degree, degrees.get(key, 0.0)) for key, degree in again.items()}
    efforts, unsure = efforts_of(judge, risk, floor, ceiling)
    words = (yield from _driving_words(judge, draft, list(efforts))) if explain and efforts else {}
    gradient = build_gradient(risk, efforts, words)
    return draft.scored(gradient, highest_judged(risk, judge.policy), unsure), reading


def efforts_of(
    judge: Judge, risk: Risk, floor: Risk, ceiling: Risk
) -> tuple[dict[str, Effort], dict[str, Effort]]:
    """J with the effort of each, softened where the context says so, and what of it is in doubt."""
    unsure = in_doubt(risk, floor, ceiling, judge.policy)
    softens = judge.context.when_uncertain == "soften"
    softened = {key: floor[key] for key in unsure if softens}
    return hazards(risk, judge.policy, softened), unsure


def _exchanges_read(
    judge: Judge, draft: Draft, said: Sequence[str], dialogue: Dialogue
) -> Steps[list[Reading]]:
    """Readings of every way in which a provider may read the prompt; once answered, of the answer.

    An answer is judged beside the refined prompt, beside the user's own, and alone: a prompt that was
    made harmless does not make the answer so. A degree beside the user's own prompt counts unless a
    plain refusal has it too: then the detector speaks of the prompt, which is not delivered. What
    is higher than the refusal's counts, or a prompt that raises every answer would switch this off.
    """
    prompts = yield blocking(dialogue.readings, draft.prompt())
    answer = draft.answer()
    if answer is None:
        return (yield from _in_context(judge, list(prompts), dialogue))
    pairs: list[Exchange] = [(p, s) for s in said for p in (*prompts, ALONE)]
    found = yield from _in_all_forms(judge, pairs, answer, dialogue)
    letters = yield from _letters_read(judge, draft, dialogue)
    if draft.prompt() == dialogue.typed():
        return letters + (yield from _less_own_data(judge, pairs, found, draft, dialogue))
    for own in dialogue.readings(dialogue.typed()):
        beside_own: list[Exchange] = [(own, REFUSAL), *((own, s) for s in said)]
        refused, *beside = yield from _in_all_forms(judge, beside_own, answer, dialogue)
        unmoved = hazards(refused["risk"], judge.policy)
        for reading in beside:
            nothing = {
                key: 0.0
                for key, degree in reading["risk"].items()
                if key in unmoved and degree <= refused["risk"][key] + BARELY
            }
            risk, spread = reading["risk"] | nothing, reading["spread"] | nothing
            foreign = reading["out_of_language"]
            found.append(Reading(risk=risk, spread=spread, out_of_language=foreign))
    return found + letters


def _in_context(
    judge: Judge, pairs: Sequence[Pair], dialogue: Dialogue | None
) -> Steps[list[Reading]]:
    """Readings of ``pairs``; of a short reply the milder of what it is alone and in its context."""
    found = yield from judge.recalled(pairs)
    if dialogue is None:
        return found
    whole: dict[int, Pair] = {}
    for place, pair in enumerate(pairs):
        prompt, answer = (pair, None) if isinstance(pair, str) else pair
        if hazards(found[place]["risk"], judge.policy):
            text = yield blocking(dialogue.in_context, prompt)
            if text is not None:
                whole[place] = text if answer is None else (text, answer)
    readings = (yield from judge.recalled(list(whole.values()))) if whole else []
    for place, reading in zip(whole, readings, strict=True):
        found[place] = _milder(judge, found[place], reading)
    return found


def _milder(judge: Judge, one: Reading, other: Reading) -> Reading:
    """Of two readings of the same the one that is less hazardous, whole.

    Not the lower degree of each category: what both find hazardous, each in its way, would be harmless.
    What the detector was not made for excuses nothing that it has read.
    """
    if is_guess_beside(one, other):
        other = one

    def worst(reading: Reading) -> float:
        risk = reading["risk"]
        return max((risk[key] for key in hazards(risk, judge.policy)), default=0.0)

    foreign = one["out_of_language"] or other["out_of_language"]
    return Reading(**{**min(one, other, key=worst), "out_of_language": foreign})


def is_guess_beside(one: Reading, other: Reading) -> bool:
    """Whether ``other`` is of a text in a language that was not read, and ``one`` is not."""
    return other["out_of_language"] and not one["out_of_language"]


def _in_all_forms(
    judge: Judge, pairs: Sequence[Exchange], answer: AIMessage, dialogue: Dialogue
) -> Steps[list[Reading]]:
    """Readings of ``pairs``; of calls the milder of two forms (`in_other_form`)."""
    found = yield from _in_context(judge, pairs, dialogue)
    if not calls_of(answer):
        return found
    forms = yield blocking(_forms, answer)
    others = {
        place: (asked, forms[said])
        for place, (asked, said) in enumerate(pairs)
        if said in forms and hazards(found[place]["risk"], judge.policy)
    }
    names = yield blocking(names_in, answer)
    agreed = yield from in_other_form(judge, others, names, dialogue)
    for place, reading in agreed.items():
        found[place] = _milder(judge, found[place], reading)
    return found


def _letters_read(judge: Judge, draft: Draft, dialogue: Dialogue) -> Steps[list[Reading]]:
    """Of what is written in calls, one reading without the list that hides it: it may be sent as it stands.

    What the user has told in these very words is no breach of privacy in a call that they asked for.
    """
    answer = draft.answer()
    letters = (yield blocking(letters_in, answer)) if answer else []
    if not letters:
        return []
    (reading,) = yield from judge.recalled([(ALONE, "\n".join(letters))])
    is_own = draft.prompt() == dialogue.typed() and PRIVACY in hazards(
        reading["risk"], judge.policy
    )
    untold = (yield blocking(dialogue.untold, letters)) if is_own else letters
    if len(untold) == len(letters):
        return [reading]
    (less,) = yield from judge.recalled([(ALONE, "\n".join(untold) or REFUSAL)])
    return [_lower(reading, less, [PRIVACY])]


def in_other_form(
    judge: Judge, others: Mapping[int, Exchange], names: str, dialogue: Dialogue | None = None
) -> Steps[dict[int, Reading]]:
    """How far another form of a call agrees that it is hazardous, by place: the values of its arguments,
    beside what was asked, and the ``names`` that these lack, alone; the higher degree counts.

    What cannot be read agrees, so a failure is logged here and excuses nothing.
    """  # noqa: D205
    if not others:
        return {}
    own, pairs = replace(judge), list(others.values())  # of its own: a part may be called foreign
    try:
        of_names = yield from own.recalled([(ALONE, names)] if names else [])
        of_values = yield from _in_context(own, pairs, dialogue)
    except Exception as error:  # noqa: BLE001 - see above; its text may quote a draft
        what, reveal = "second form of a call", judge.context.reveal_drafts
        report(what, error, reveal=reveal, level=logging.WARNING)
        return {}
    found = {place: highest([r, *of_names]) for place, r in zip(others, of_values, strict=True)}
    return {place: reading for place, reading in found.items() if not reading["out_of_language"]}


def _forms(answer: AIMessage) -> dict[str, str]:
    """The other form of each reading of an answer that calls tools."""
    return dict(zip(answer_readings(answer), by_values(answer), strict=True))


def _less_own_data(
    judge: Judge, pairs: Sequence[Exchange], found: list[Reading], draft: Draft, dialogue: Dialogue
) -> Steps[list[Reading]]:
    """``found``, in which the user's own data in a call that they asked for are no breach of privacy."""
    answer = draft.answer()
    is_private = any(PRIVACY in hazards(r["risk"], judge.policy) for r in found)
    if answer is None or not answer.tool_calls or not is_private or len(_said(draft)) > 1:
        return found
    rest = yield blocking(dialogue.without_own_data, answer)
    if rest == answer_text(answer):
        return found
    less = yield from _in_context(judge, [(asked, rest) for asked, _ in pairs], dialogue)
    return [_lower(r, other, [PRIVACY]) for r, other in zip(found, less, strict=True)]


def _lower(alone: Reading, beside: Reading, keys: Sequence[str] | None = None) -> Reading:
    """The lower degree of each category, or of ``keys``, with its spread; no guess lowers what was read."""
    if is_guess_beside(alone, beside):
        return alone
    lower = lowered(alone, beside, beside["risk"] if keys is None else keys)
    foreign = alone["out_of_language"] or beside["out_of_language"]
    return Reading(**{**lower, "out_of_language": foreign})


def _said(draft: Draft) -> tuple[str, ...]:
    """The readings of the answer; none before there is one."""
    answer = draft.answer()
    return () if answer is None else answer_readings(answer)


def better(best: Draft | None, scored: Draft) -> Draft | None:
    """The hazardous attempt to build on: the one with the lower maximal risk, the newer of equals."""
    if not scored.gradient():
        return best
    if best is None or scored.max_risk() <= best.max_risk():
        return scored
    return best


def _driving_words(
    judge: Judge, draft: Draft, categories: list[str]
) -> Steps[dict[str, list[str]]]:
    """The words of the prompt that drove each hazardous category, if the detector can tell.

    A gradient without words is still one, so a failure here is logged and does not end the run.
    """
    words: dict[str, list[str]] = defaultdict(list)
    if isinstance(judge.detector, Explains):
        explain = judge.detector.explain
        try:
            asked = judge.counted(judge.context.judged_by).wait(
                lambda: explain(draft.prompt(), draft.response(), categories)
            )
            spans = yield within(asked, judge.context.longest("detector"))
            for span in spans:
                words[span.category].append(span.text)
        except Exception as error:  # noqa: BLE001 - see above; its text may quote a draft
            what, reveal = "explanation of the detector", judge.context.reveal_drafts
            report(what, error, reveal=reveal, level=logging.WARNING)
    return words
