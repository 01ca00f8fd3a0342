"""One rewrite x_{t+1} = Refiner(system prompt ⊕ g_t ⊕ x_t) (METHOD eq. 3), with any chat model.

A refiner is a small model, so its output is read tolerantly and distrusted: garbage, nothing, an echo, a
refusal is a failed attempt, and so is a rewrite that leaves the risk where it was, or is safe only by a
clause that was appended. Each attempt goes a step further than the one that failed. After the last one
the offline refiner does the rewrite. Of a long prompt the hazardous passages alone are rewritten.
"""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

from langchain_core.messages import AnyMessage
from langchain_core.runnables import Runnable
from langgraph.errors import GraphInterrupt
from langgraph.runtime import Runtime

from lance_graph import models
from lance_graph.categories import KNOWN
from lance_graph.context import LanceContext
from lance_graph.conversation.document import Place, replaced
from lance_graph.conversation.passages import OMITTED
from lance_graph.detectors import described
from lance_graph.judging import Judge, judge_of
from lance_graph.offline.refiner import refine as refine_offline
from lance_graph.rewriting import unstructured
from lance_graph.rewriting.asking import DECLINED, Task, messages_for
from lance_graph.rewriting.clauses import cores
from lance_graph.rewriting.content import share_kept
from lance_graph.rewriting.parsing import RefinedPrompt, parse_all
from lance_graph.rewriting.problems import NO_MESSAGE, find_problem
from lance_graph.routing import hazards
from lance_graph.runtime.events import emit
from lance_graph.runtime.failures import report
from lance_graph.runtime.patience import LateError, within
from lance_graph.runtime.quiet import Quiet, TokenCounter
from lance_graph.runtime.steps import Steps, Update, blocking
from lance_graph.scores import Reading
from lance_graph.state import Dialogue, Draft, State, Step
from lance_graph.verdicts import SELF_HARM

MARGIN = 0.1
"""By how much a rewrite that is not yet safe has to lower the highest degree, to be worked on."""
WEIGHT = 2
"""How many times more a word counts that drove the risk, where a harmless rewrite kept it."""
REPEATED = 0.7
"""The temperature at which a refiner named by a string is asked again."""
MOST_ASKED = 8
"""Passages of a document that a language model rewrites in one go; further ones are left out."""

Call = tuple[Runnable[Any, Any], list[AnyMessage]]


@dataclass(frozen=True)
class Refinement:
    """A rewrite, who made it, and why earlier attempts were discarded (reasons only, no text).

    Of a long prompt ``passages`` were rewritten, and ``omitted`` left out, while the rest stayed; for
    ``failed`` of them no attempt held.
    """

    text: str
    refiner: str
    failed_attempts: tuple[str, ...] = ()
    passages: int = 0
    omitted: int = 0
    failed: int = 0


@dataclass(frozen=True)
class Weighed:
    """What the detector says against a rewrite, in a word, and the highest degree that remained."""

    problem: str | None = None
    remaining: float = 0.0


class Scale:
    """What a rewrite has to reach: no hazard, or at least a lower one while more rewrites may follow.

    ``before`` is the highest degree in J of the prompt alone, 0 where J is empty; ``last`` says that no
    rewrite follows.
    """

    def __init__(self, judge: Judge, dialogue: Dialogue, *, before: float, last: bool) -> None:
        self.judge, self.dialogue = judge, dialogue
        self.before, self.last = before, last

    def weigh(self, text: str, *, whole: bool = True) -> Steps[Weighed]:
        """Judge a rewrite, and unless it is to be taken as a ``whole`` each of its clauses by itself."""
        readings = yield blocking(self.dialogue.readings, text)
        remaining = self._highest((yield from self.judge.recalled(list(readings))))
        if remaining:
            lowered = not self.last and remaining <= self.before - MARGIN
            return Weighed(None if lowered else "risk", remaining)
        parts: Sequence[str] = () if whole else (yield blocking(cores, text))
        if parts:
            remaining = self._highest((yield from self.judge.recalled(parts)))
        return Weighed("clause" if remaining else None, remaining)

    def _highest(self, readings: list[Reading]) -> float:
        """The highest degree in J among ``readings``; 0 where none has a hazard."""
        policy = self.judge.policy
        found = [r["risk"][key] for r in readings for key in hazards(r["risk"], policy)]
        return max(found, default=0.0)


def refine(
    draft: Draft,
    context: LanceContext,
    prompt_name: str,
    iteration: int,
    quiet: Quiet,
    scale: Scale | None = None,
    deadline: float = inf,
    declined: Sequence[str] = (),
) -> Steps[Refinement]:
    """Rewrite ``draft``, or its `Draft.passages`, with the context's refiner; always returns a text.

    With a ``scale`` each attempt at the whole, or at its task, is judged; without, it only has to be a
    request, and none of those that the target has ``declined``. A passage of a document is rewritten by a
    language model, in the first rewrite of a run only; what is hazardous after that, or where there is
    none, is left out. After the ``deadline``, in seconds of `time.monotonic`, no model is asked any more.
    """
    quiet = quiet.of(models.configured_name(context.refiner))
    passages = draft.passages()
    stuck = bool(iteration and scale and draft.prompt() == scale.dialogue.typed())
    if not passages:
        attempts = Attempts(
            draft,
            context,
            prompt_name,
            iteration,
            stuck=stuck,
            deadline=deadline,
            declined=declined,
        )
        return (yield from _attempted(attempts, quiet, scale))
    done: dict[Place, Refinement] = {}
    asked = 0
    for passage in passages:
        place = passage.start, passage.end
        part = Draft(draft.prompt()[slice(*place)], gradient=passage.gradient)
        is_left = not passage.asks and (iteration or asked >= MOST_ASKED)
        asked += not passage.asks
        attempts = Attempts(
            part,
            context,
            prompt_name,
            iteration,
            stuck=stuck,
            asks=passage.asks,
            deadline=deadline,
            declined=declined,
        )
        if is_left:
            attempts.left = 0
        done[place] = yield from _attempted(attempts, quiet, scale if passage.asks else None)
    whole: Refinement = yield blocking(_joined, draft.prompt(), done)
    return whole


def _attempted(attempts: "Attempts", quiet: Quiet, scale: Scale | None = None) -> Steps[Refinement]:
    """What comes of asking until there is a rewrite that holds, or no attempt left."""
    context = attempts.context
    while attempts.goes_on:
        refiner = yield blocking(attempts.resolve)
        try:
            asked = models.ask(*attempts.call(refiner), quiet)
            answer = yield within(asked, attempts.seconds)
            found: list[str] = yield blocking(attempts.take, answer)
        except GraphInterrupt:
            raise
        except Exception as error:  # noqa: BLE001 - recorded by name in the trace
            report("refiner", error, reveal=context.reveal_drafts, level=logging.WARNING)
            attempts.fail(error)
            continue
        if found and scale:
            yield from _choose(attempts, found, scale)
    refinement: Refinement = yield blocking(attempts.result)
    return refinement


def _choose(attempts: "Attempts", found: list[str], scale: Scale) -> Steps[None]:
    """Keep the first rewrite of an answer that is safe, else the one that lowers the risk most."""
    results: list[Weighed] = []
    for text in found:
        result = yield from _weighed(scale, text, attempts.keeps_words, attempts.context)
        results.append(result)
        if not (result.problem or result.remaining):
            break
    attempts.weighed(results)


def _joined(text: str, done: dict[Place, Refinement]) -> Refinement:
    """The whole prompt with its rewritten passages, as one refinement."""
    written = {place: one.text for place, one in done.items()}
    omitted = sum(one == OMITTED for one in written.values())
    names = [one.refiner for one in done.values()]
    return Refinement(
        replaced(text, written),
        next((name for name in names if name != models.OFFLINE), models.OFFLINE),
        tuple(reason for one in done.values() for reason in one.failed_attempts),
        passages=len(written) - omitted,
        omitted=omitted,
        failed=sum(map(_has_failed, done.values())),
    )


def _has_failed(one: Refinement) -> bool:
    """Whether the refiner was asked in vain, and the offline refiner took its place."""
    return one.refiner == models.OFFLINE and bool(one.failed_attempts)


def _weighed(scale: Scale, text: str, whole: bool, context: LanceContext) -> Steps[Weighed]:
    """What the scale says; nothing where the detector fails, which the next box then meets itself."""
    try:
        return (yield from scale.weigh(text, whole=whole))
    except GraphInterrupt:
        raise
    except Exception as error:  # noqa: BLE001 - `score_risk` judges every rewrite, and fails closed
        what, reveal = "scoring of a rewrite", context.reveal_drafts
        report(what, error, reveal=reveal, level=logging.WARNING)
        return Weighed()


class Attempts:
    """The attempts at one rewrite, free of I/O: which call comes next, and what came of it.

    ``stuck`` says that earlier rewrites of this run have led nowhere, so that the first call goes further.
    What ``asks`` for nothing is a passage of a document: no request takes its place. The target has
    ``declined`` these rewrites, in this order: others are wanted.
    """

    def __init__(
        self,
        draft: Draft,
        context: LanceContext,
        prompt_name: str,
        iteration: int,
        *,
        stuck: bool = False,
        asks: bool = True,
        deadline: float = inf,
        declined: Sequence[str] = (),
    ) -> None:
        self.draft, self.context, self.iteration = draft, context, iteration
        self.asks, self.deadline, self.declined = asks, deadline, declined
        self.left = 0 if context.refiner == models.OFFLINE else context.refiner_attempts
        self.failures: list[str] = []
        self.text: str | None = None
        self.keeps_words = tells_of_distress(draft)
        self._asked: models.StructuredFirst | None = None
        self._found: list[str] = []
        self._was_refused = False
        self._plain = unstructured.is_known(context.refiner, context.refiner_options)
        clauses = draft.gradient()
        self._task = Task(
            draft.prompt(),
            clauses,
            severe=prompt_name == "rewrite_severe",
            asks=asks,
            categories=described((one["category"] for one in clauses), *context.judges),
        )
        for problem in [DECLINED] * len(declined) or ["risk"] * stuck:
            self._task = self._task.raised(problem, None)

    @property
    def goes_on(self) -> bool:
        """Whether there is no rewrite yet, and an attempt and time left."""
        return self.text is None and self.left > 0 and time.monotonic() < self.deadline

    @property
    def seconds(self) -> float | None:
        """How long the next call may last: no longer than the time that is left."""
        own = self.context.longest("refiner")
        left = max(self.deadline - time.monotonic(), 0.0)
        if own is None:
            return left if left < inf else None
        return min(own, left)

    def resolve(self) -> models.ChatModel:
        """The model to ask; one that is named by a string is warmer where an attempt has failed."""
        refiner: models.ChatModel = models.resolve(
            self.context.refiner,
            options=self.context.refiner_options,
            temperature=REPEATED if self._task.failed else 0,
        )
        return models.redacted(refiner) if self.context.redact_callbacks else refiner

    def call(self, refiner: models.ChatModel) -> Call:
        """The next call: of what, and with which messages."""
        self._asked = models.StructuredFirst(refiner, RefinedPrompt, offered=not self._plain)
        as_json = self._asked.is_structured
        return self._asked.model, messages_for(self._task, self.context.prompts, as_json)

    def take(self, answer: Any) -> list[str]:
        """The texts in ``answer`` that are rewrites, best first, or none with a note of why.

        The first is kept. Of edits that is the one with most of the user's words, those above all that drove
        the risk: with them the subject goes. After a rewrite that was declined it is the one with the fewest
        of these: a target that declines what is harmless does so for such words.
        """
        self._tell_refusal()
        prompt = self.draft.prompt()
        driving = [word for clause in self.draft.gradient() for word in clause["words"]]
        problems: list[str] = []
        self._found = []
        for one in parse_all(answer, prompt, lines_asked=self._task.is_of_lines):
            problem = find_problem(
                one.text,
                prompt,
                formed=one.formed,
                driving=() if self.keeps_words or not self.asks else driving,
            ) or (DECLINED if one.text in self.declined else None)
            if problem:
                problems.append(problem)
            else:
                self._found.append(one.text)
        if self._found:
            if self._task.failed == DECLINED:
                self._found.sort(key=lambda text: share_kept(" ".join(driving), text))
            elif not self._task.severe:
                named = " ".join([prompt, *driving * WEIGHT])
                self._found.sort(key=lambda text: -share_kept(named, text))
            self.text = self._found[0]
        else:
            self._note(problems[0] if problems else NO_MESSAGE)
        return self._found

    def weighed(self, results: Sequence[Weighed]) -> None:
        """Keep the rewrite that the detector says least against, or let go of all.

        ``results`` are those of the first texts that `take` returned, in that order.
        """
        best = min(results, key=lambda result: (result.problem is not None, result.remaining))
        self.text = self._found[results.index(best)]
        if best.problem:
            self.text = None
            self._note(best.problem, best.remaining)

    def fail(self, error: Exception) -> None:
        """Note the error's type.

        The first error with structured output only switches that off, without costing an attempt; where a
        plain call is then answered, that model is not asked for it again in this process. One that only
        took too long is an attempt.
        """
        if self._asked and not isinstance(error, LateError) and self._asked.falls_back():
            self._plain = True
            self._was_refused = not unstructured.is_passing(error)
        else:
            self._note(type(error).__name__)

    def result(self) -> Refinement:
        """The rewrite; the offline refiner's where no attempt brought one.

        That knows the 14 alone: a prompt that is only of a detector's own categories stays as it is.
        """
        failures = tuple(self.failures)
        if self.text is not None:
            return Refinement(self.text, models.model_name(self.context.refiner), failures)
        if not self.asks:
            return Refinement(OMITTED, models.OFFLINE, failures)
        prompt = self.draft.prompt()
        gradient = [clause for clause in self.draft.gradient() if clause["category"] in KNOWN]
        if self.draft.gradient() and not gradient:
            return Refinement(prompt, models.OFFLINE, failures)
        text = refine_offline(prompt, gradient, attempt=self.iteration)
        if text in self.declined or find_problem(text, prompt) == "echo":
            text = refine_offline(prompt, gradient, attempt=self.iteration + 1)
        return Refinement(text, models.OFFLINE, failures)

    def _tell_refusal(self) -> None:
        """Remember a model that answers, but not in the form of a schema."""
        if self._was_refused:
            unstructured.remember(self.context.refiner, self.context.refiner_options)
            self._was_refused = False

    def _note(self, problem: str, remaining: float | None = None) -> None:
        self.failures.append(problem if remaining is None else f"{problem} {remaining:.2f}")
        self.left -= 1
        self._task = self._task.raised(problem, remaining)


def tells_of_distress(draft: Draft) -> bool:
    """Whether the user tells of wanting to hurt themselves and asks for nothing: such words are kept."""
    prompt = draft.prompt()
    found = any(clause["category"] == SELF_HARM for clause in draft.gradient())
    return found and "?" not in prompt and "how" not in prompt.casefold().split()


def rewrite(state: State, runtime: Runtime[LanceContext], prompt_name: str) -> Steps[Update]:
    """What a rewriting node does: one refinement, the new draft, a line in the trace."""
    context, begin = LanceContext.of(runtime), time.monotonic()
    quiet = Quiet(context.redact_callbacks, TokenCounter(state["usage"]))
    draft, iteration = state["draft"], state["iteration"]
    emit(runtime, "rewriting", iteration=iteration + 1, categories=len(draft.gradient()))
    scale = yield from scale_of(state, context, quiet)
    deadline = state["started"] + (context.max_seconds or inf)
    declined = [one.prompt() for one in state.get("unanswered", ())]
    refinement = yield from refine(
        draft, context, prompt_name, iteration, quiet, scale, deadline, declined
    )
    step = Step(
        node=prompt_name,
        iteration=iteration + 1,
        model=refinement.refiner,
        failed_attempts=list(refinement.failed_attempts),
        seconds=round(time.monotonic() - begin, 4),
    )
    if draft.passages():
        step |= {"passages": refinement.passages, "omitted": refinement.omitted}
        if refinement.failed:
            step["stood_in"] = refinement.failed
    elif _has_failed(refinement):
        step["stood_in"] = "all"
    return {
        "draft": Draft(refinement.text, source=draft),
        "iteration": iteration + 1,
        "usage": quiet.counter.total,
        "trace": [*state["trace"], step],
    }


def scale_of(state: State, context: LanceContext, quiet: Quiet) -> Steps[Scale | None]:
    """The scale for the rewrites of this box; none where no model rewrites or prompts are not judged."""
    if context.refiner == models.OFFLINE or not context.guard_input:
        return None
    draft, dialogue = state["draft"], state["dialogue"]
    last = state["iteration"] + 1 >= state["budget"]
    try:
        judge = yield from judge_of(context, quiet)
        scale = Scale(judge, dialogue, before=0.0, last=last)
        if draft.answer() is None:
            scale.before = max((clause["intensity"] for clause in draft.gradient()), default=0.0)
        else:  # the gradient is that of the pair
            scale.before = (yield from scale.weigh(draft.prompt())).remaining
    except GraphInterrupt:
        raise
    except Exception as error:  # noqa: BLE001 - as in `_weighed`
        report("scoring of a prompt", error, reveal=context.reveal_drafts, level=logging.WARNING)
        return None
    return scale
