"""Lance-NF: without fine-grained guidance (paper, 4.3.1, "w/o Fine-Grained Guidance")."""

import asyncio
import re
from dataclasses import replace

from langchain_core.messages import AnyMessage, HumanMessage, SystemMessage

from lance_graph.answers import without_thinking
from lance_graph.context import LanceContext
from lance_graph.evaluation.methods.asking import at_temperature_0, language_model
from lance_graph.evaluation.methods.base import Setting
from lance_graph.evaluation.methods.costs import most_calls
from lance_graph.evaluation.methods.lance import Lance
from lance_graph.evaluation.prompts import load
from lance_graph.evaluation.sample import Reply, Sample
from lance_graph.guards.formats import Verdict
from lance_graph.guards.guard_model import GuardModelDetector
from lance_graph.guards.score import GuardVerdictError
from lance_graph.prompts import fenced

_DECLARED = re.compile(r"verdict\W{0,6}(unsafe|not safe|safe)\b", re.IGNORECASE)
_FIRST = re.compile(r"\A\W*(unsafe|not safe|safe)\b", re.IGNORECASE)
_ANY = re.compile(r"\b(unsafe|not safe|safe)\b", re.IGNORECASE)

NO_EXAMPLES = "None: they name categories."


class LanceNF(Lance):
    """The same graph, but the refiner is its own judge: safe or unsafe, no degrees, no categories.

    So the gradient says only that something is wrong, and the rewrite is a coarse one. Loop,
    budget, retries and fall-back are those of Lance, and so is the offline refiner that stands in
    once a rewrite's attempts are spent. What the judge says is no degree of risk: the reply has none.
    """

    name = "lance-nf"
    title = "Lance-NF"

    def __init__(self, setting: Setting) -> None:
        language_model(setting.refiner, "refiner", self.name)
        super().__init__(setting)
        self.max_calls = most_calls(self._context, per_scoring=1)

    def _choose(self, setting: Setting) -> LanceContext:
        given, coarse = setting.context().prompts, load("method_lance_nf_rewrite")
        return setting.context(
            detector="embedded",  # never loaded: `answer` puts the refiner in its place
            category_thresholds={},
            prompts={
                **given,
                "rewrite": coarse,
                "examples/rewrites": NO_EXAMPLES,
            },
        )

    async def answer(self, sample: Sample) -> Reply:
        """One run of the graph with the refiner as detector."""
        judging = SelfJudgement()
        asked = self._context.refiner, self._context.refiner_options
        refiner = await asyncio.to_thread(at_temperature_0, *asked)
        judge = await asyncio.to_thread(GuardModelDetector, refiner, judging)
        reply = await self._run(sample, self._context.model_copy(update={"detector": judge}))
        return replace(reply, initial_risk=None, risk=None)


class SelfJudgement:
    """A format of guard models for any chat model: asked in its own words, read tolerantly."""

    def messages(self, prompt: str, response: str | None) -> list[AnyMessage]:
        """The request, and the answer to it where there is one, as data in tags."""
        answer = {} if response is None else {"answer": response}
        return [
            SystemMessage(load("method_lance_nf_judge")),
            HumanMessage(fenced(user_text=prompt, **answer)),
        ]

    def parse(self, answer: str) -> Verdict:
        """``unsafe`` or ``safe``; GuardVerdictError where it says neither, or both without a lead."""
        text = without_thinking(answer)
        found = _DECLARED.findall(text) or _FIRST.findall(text) or _ANY.findall(text)
        words = {"safe" if word.lower() == "safe" else "unsafe" for word in found}
        if len(words) != 1:
            raise GuardVerdictError(
                "the refiner, judging by itself, gave no verdict that is either 'safe' or 'unsafe'"
            )
        word = words.pop()
        # its own word alone: log-probabilities, if there are any, make no degree of it
        return Verdict(word, start=0, degrees={word: float(word == "unsafe")})
