"""Lance: the whole graph (paper, section 3)."""

import asyncio
from collections.abc import Mapping
from typing import Any

from langchain_core.messages import HumanMessage

from lance_graph import models
from lance_graph.context import LanceContext
from lance_graph.evaluation.methods.asking import at_temperature_0
from lance_graph.evaluation.methods.base import Setting
from lance_graph.evaluation.methods.costs import is_model, most_calls
from lance_graph.evaluation.sample import Outcome, Reply, Sample
from lance_graph.integrations import running
from lance_graph.state import Status, Verdict

_OUTCOMES: Mapping[Status, Outcome] = {
    "safe": "safe",
    "rewritten": "rewritten",
    "fell_back": "fell_back",
    "degraded": "degraded",
    "unjudged": "answered",
    "monitored": "answered",
}


class Lance:
    """Detector, gradient, refiner and target as `Setting.context` has them, at temperature 0."""

    name = "lance"
    title = "Lance"

    def __init__(self, setting: Setting) -> None:
        self._context = self._choose(setting)
        refines = self._context.mode == "enforce" and not is_model(setting.target)
        self.model = models.model_name(setting.refiner if refines else setting.target)
        self.max_calls = most_calls(self._context)

    def _choose(self, setting: Setting) -> LanceContext:
        return setting.context()

    async def answer(self, sample: Sample) -> Reply:
        """One run of the graph; a component that failed makes the reply ``degraded``."""
        return await self._run(sample, self._context)

    async def _run(self, sample: Sample, context: LanceContext) -> Reply:
        context = await asyncio.to_thread(greedy, context)
        answer = await running.aanswer([HumanMessage(sample.prompt)], context)
        return reply_of(answer.text, answer.verdict)


def greedy(context: LanceContext) -> LanceContext:
    """The context with a target that decodes greedily: in the graph a string would not."""
    target = at_temperature_0(context.target, context.target_options)
    changed: dict[str, Any] = {"target": target}
    return context.model_copy(update=changed)


def reply_of(text: str, verdict: Verdict) -> Reply:
    """A run's verdict as a reply."""
    failures = [step["failure"] for step in verdict["trace"] if "failure" in step]
    return Reply(
        text,
        outcome=_OUTCOMES[verdict["status"]],
        refined_prompt=verdict["refined_prompt"],
        iterations=verdict["iterations"],
        initial_risk=_numbers(verdict["initial_risk"]),
        risk=_numbers(verdict["risk"]),
        failure=failures[0] if failures else None,
    )


def _numbers(risk: dict[str, float | None]) -> dict[str, float | None] | None:
    """None where nothing was scored."""
    return risk if any(degree is not None for degree in risk.values()) else None
