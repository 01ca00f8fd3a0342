"""One rewrite x_{t+1} = Refiner(system prompt ⊕ g_t ⊕ x_t) (METHOD eq. 3), with any chat model.

A refiner is a small model, so its output is read tolerantly (structured output, then tags, then
plain text) and distrusted: garbage, nothing, an echo, a refusal or something ten times too long is
a failed attempt. After the last attempt the offline refiner does the rewrite.
"""

import logging
import re
import time
from dataclasses import dataclass
from typing import Any

from langchain_core.messages import AnyMessage, HumanMessage, SystemMessage
from langchain_core.runnables import Runnable
from langgraph.errors import GraphInterrupt
from langgraph.runtime import Runtime
from pydantic import BaseModel, Field

from lance_graph import models
from lance_graph.answers import json_in, said, without_fence, without_thinking
from lance_graph.categories import KNOWN
from lance_graph.context import LanceContext
from lance_graph.conversation.document import Place, replaced
from lance_graph.conversation.passages import OMITTED
from lance_graph.detectors import described
from lance_graph.gradients import render_gradient
from lance_graph.offline.refiner import refine as refine_offline
from lance_graph.prompts import fenced, render
from lance_graph.runtime.events import emit
from lance_graph.runtime.failures import report
from lance_graph.runtime.quiet import Quiet, TokenCounter
from lance_graph.runtime.steps import Steps, Update, blocking
from lance_graph.state import Draft, State, Step
from lance_graph.texts.refusals import find_phrase

TOO_LONG = 10
SHORTEST_LIMIT = 400
NO_MESSAGE = "no message"
MOST_ASKED = 8
"""Passages of a document that a language model rewrites in one go; further ones are left out."""
_TAGS = re.compile(r"<refined_prompt>(.*?)(?:</refined_prompt>|\Z)", re.DOTALL | re.IGNORECASE)
_FIELD = '"refined_prompt"'
_PREAMBLE = re.compile(
    r"\A(?:(?:sure|certainly|of course|okay|ok|here(?: is|'s|’s))\b[^\n]{0,80}?:\s*(?=\S)"
    r"|(?:the )?(?:refined|rewritten|revised|edited)[ _](?:prompt|request|version)\s*:\s*)+",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+")
_NO_WORD = re.compile(r"\W+")
_MARKUP = re.compile(
    r"</?(?:user_text|refined_prompt)>|<\||\[/?(?:system|user|assistant|INST)\]", re.IGNORECASE
)


class RefinedPrompt(BaseModel):
    """The rewritten request, in the user's voice."""

    refined_prompt: str = Field(
        description="The rewritten request alone, as the user would type it."
    )


@dataclass(frozen=True)
class Refinement:
    """A rewrite, who made it, and why earlier attempts were discarded (reasons only, no text).

    Of a long prompt ``passages`` were rewritten, and ``omitted`` left out, while the rest stayed.
    """

    text: str
    refiner: str
    failed_attempts: tuple[str, ...] = ()
    passages: int = 0
    omitted: int = 0


Call = tuple[Runnable[Any, Any], list[AnyMessage]]


def refine(
    draft: Draft, context: LanceContext, prompt_name: str, iteration: int, quiet: Quiet
) -> Steps[Refinement]:
    """Rewrite ``draft``, or its `Draft.passages`, with the context's refiner; always returns a text.

    A passage of a document is rewritten by a language model, in the first rewrite of a run only; what is
    hazardous after that, or where there is none, is left out.
    """
    refiner, quiet = None, quiet.of(models.configured_name(context.refiner))
    if context.refiner != models.OFFLINE:
        options = context.refiner_options
        refiner = yield blocking(models.resolve, context.refiner, options=options, temperature=0)
        if context.redact_callbacks:
            refiner = models.redacted(refiner)
    passages = draft.passages()
    if not passages:
        attempts = Attempts(draft, context, prompt_name, iteration, refiner)
        return (yield from _attempted(attempts, quiet))
    done: dict[Place, Refinement] = {}
    asked = 0
    for passage in passages:
        place = passage.start, passage.end
        part = Draft(draft.prompt()[slice(*place)], gradient=passage.gradient)
        is_left = not passage.asks and (iteration or asked >= MOST_ASKED)
        asked += not passage.asks
        model = None if is_left else refiner
        attempts = Attempts(part, context, prompt_name, iteration, model, asks=passage.asks)
        done[place] = yield from _attempted(attempts, quiet)
    whole: Refinement = yield blocking(_joined, draft.prompt(), done)
    return whole


def _attempted(attempts: "Attempts", quiet: Quiet) -> Steps[Refinement]:
    """What comes of asking until there is a rewrite, or no attempt left."""
    while call := attempts.next_call():
        try:
            attempts.take((yield models.ask(*call, quiet)))
        except GraphInterrupt:
            raise
        except Exception as error:  # noqa: BLE001 - recorded by name in the trace
            report("refiner", error, reveal=attempts.reveal, level=logging.WARNING)
            attempts.fail(error)
    refinement: Refinement = yield blocking(attempts.result)
    return refinement


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
    )


class Attempts:
    """The attempts at one rewrite, free of I/O: which call comes next, and what came of it.

    What ``asks`` for nothing is a passage of a document: no request takes its place.
    """

    def __init__(
        self,
        draft: Draft,
        context: LanceContext,
        prompt_name: str,
        iteration: int,
        refiner: models.ChatModel | None,
        *,
        asks: bool = True,
    ) -> None:
        self.draft, self.iteration, self.asks = draft, iteration, asks
        self.reveal = context.reveal_drafts
        self.name = models.model_name(context.refiner)
        self.asked = models.StructuredFirst(refiner, RefinedPrompt) if refiner else None
        self.messages = refiner_messages(draft, context, prompt_name, iteration, asks=asks)
        self.left = context.refiner_attempts if refiner else 0
        self.failures: list[str] = []
        self.text: str | None = None

    def next_call(self) -> Call | None:
        """The model to call and its messages; None when there is a rewrite, or no attempt left."""
        if self.text is not None or not self.left or self.asked is None:
            return None
        return self.asked.model, self.messages

    def take(self, answer: Any) -> None:
        """Keep the rewrite in ``answer``, or note why it is none."""
        text = parse(answer)
        problem = NO_MESSAGE if text is None else find_problem(text, self.draft.prompt())
        if problem is None:
            self.text = text
        else:
            self._note(problem)

    def fail(self, error: Exception) -> None:
        """Note the error's type.

        The first error with structured output only switches that off, without costing an attempt.
        """
        if self.asked is None or not self.asked.falls_back():
            self._note(type(error).__name__)

    def result(self) -> Refinement:
        """The rewrite; the offline refiner's where no attempt brought one.

        That knows the 14 alone: a prompt that is only of a detector's own categories stays as it is.
        """
        failures = tuple(self.failures)
        if self.text is not None:
            return Refinement(self.text, self.name, failures)
        if not self.asks:
            return Refinement(OMITTED, models.OFFLINE, failures)
        prompt = self.draft.prompt()
        gradient = [clause for clause in self.draft.gradient() if clause["category"] in KNOWN]
        if self.draft.gradient() and not gradient:
            return Refinement(prompt, models.OFFLINE, failures)
        text = refine_offline(prompt, gradient, attempt=self.iteration)
        if find_problem(text, prompt) == "echo":
            text = refine_offline(prompt, gradient, attempt=self.iteration + 1)
        return Refinement(text, models.OFFLINE, failures)

    def _note(self, problem: str) -> None:
        self.failures.append(problem)
        self.left -= 1


def refiner_messages(
    draft: Draft, context: LanceContext, prompt_name: str, iteration: int, *, asks: bool = True
) -> list[AnyMessage]:
    """System prompt with g_t, and the user's text as fenced data in a message of its own.

    What ``asks`` for nothing is a passage of a document, and the refiner is told so.
    """
    clauses = draft.gradient()
    categories = described((clause["category"] for clause in clauses), context.judged_by)
    system = render(
        prompt_name,
        context.prompts,
        gradient=render_gradient(clauses, context.prompts, categories=categories),
        iteration=str(iteration + 1),
        budget=str(context.max_iterations),
    )
    if not asks:
        system = f"{system}\n\n{render('passage', context.prompts)}"
    return [SystemMessage(system), HumanMessage(fenced(user_text=draft.prompt()))]


def parse(answer: object) -> str | None:
    """The rewritten prompt in a refiner's answer: structured output, then tags, then plain text.

    None for what is no answer: a message that is not an assistant's, a list, any other object.
    """
    if isinstance(answer, dict) and "raw" in answer:
        parsed = answer.get("parsed")
        answer = parsed if isinstance(parsed, RefinedPrompt) else answer["raw"]
    text = answer.refined_prompt if isinstance(answer, RefinedPrompt) else said(answer)
    if text is None:
        return None
    text = without_fence(without_thinking(text))
    tagged = _TAGS.findall(text)
    if tagged:
        return _bare(tagged[-1])
    for value in json_in(text):
        if isinstance(value, dict) and "refined_prompt" in value:
            return _bare(_field(value))
    return "" if _is_broken_json(text) else _bare(text)


def _is_broken_json(text: str) -> bool:
    """Whether ``text`` holds braces with the field in them: no rewrite, least of all as it is."""
    *closed, _ = text.split("}")
    return any(_FIELD in part and "{" in part[: part.rfind(_FIELD)] for part in closed)


def _field(value: Any) -> str:
    """The field ``refined_prompt`` of a JSON object; empty if it is no text."""
    field = value["refined_prompt"]
    return field if isinstance(field, str) else ""


def _bare(text: str) -> str:
    """Without what small models put around a rewrite: an announcement, a label, quotes."""
    return _PREAMBLE.sub("", text.strip()).strip().strip('"“”').strip()


def find_problem(text: str, original: str) -> str | None:
    """Why a rewrite is no rewrite: ``empty``, ``garbage``, ``echo``, ``refusal``, ``too long``; else None."""
    if not text:
        return "empty"
    if _key(text) == _key(original):
        return "echo"
    if len(text) > max(SHORTEST_LIMIT, TOO_LONG * len(original)):
        return "too long"
    # a text that goes on to ask something is a request, not a refusal
    if "?" not in text and find_phrase(text):
        return "refusal"
    return "garbage" if _is_garbage(text) else None


def _is_garbage(text: str) -> bool:
    """A single word, mostly symbols, one word over and over, or left-over markup."""
    words = _WORD.findall(text)
    letters = sum(character.isalpha() or character.isspace() for character in text)
    spaced = text.isascii()  # some scripts put no spaces between words
    if not words or (spaced and len(words) < 2) or letters < 0.6 * len(text):
        return True
    if len(words) >= 6 and len({word.casefold() for word in words}) <= len(words) // 5:
        return True
    return bool(_MARKUP.search(text))


def _key(text: str) -> str:
    return _NO_WORD.sub(" ", text).strip().casefold()


def rewrite(state: State, runtime: Runtime[LanceContext], prompt_name: str) -> Steps[Update]:
    """What a rewriting node does: one refinement, the new draft, a line in the trace."""
    context, begin = LanceContext.of(runtime), time.monotonic()
    quiet = Quiet(context.redact_callbacks, TokenCounter(state["usage"]))
    draft, iteration = state["draft"], state["iteration"]
    emit(runtime, "rewriting", iteration=iteration + 1, categories=len(draft.gradient()))
    refinement = yield from refine(draft, context, prompt_name, iteration, quiet)
    step = Step(
        node=prompt_name,
        iteration=iteration + 1,
        model=refinement.refiner,
        failed_attempts=list(refinement.failed_attempts),
        seconds=round(time.monotonic() - begin, 4),
    )
    if draft.passages():
        step |= {"passages": refinement.passages, "omitted": refinement.omitted}
    return {
        "draft": Draft(refinement.text),
        "iteration": iteration + 1,
        "usage": quiet.counter.total,
        "trace": [*state["trace"], step],
    }
