"""Hard blocking: a detector and a template refusal, which is what users would pick instead."""

import asyncio
from typing import Any

from lance_graph import models
from lance_graph.detectors import plain, resolve, scoring
from lance_graph.evaluation.methods.asking import Target
from lance_graph.evaluation.methods.base import Setting
from lance_graph.evaluation.methods.costs import scoring_calls
from lance_graph.evaluation.prompts import prose
from lance_graph.evaluation.sample import Reply, Sample
from lance_graph.routing import hazards
from lance_graph.scores import Pair, Reading


class HardBlock:
    """A prompt above tau gets the template instead of an answer; so does an answer above tau.

    The thresholds are those of the graph. Outcome ``blocked``, or ``safe`` for what was passed on.
    """

    name = "hard-block"
    title = "Hard blocking"

    def __init__(self, setting: Setting) -> None:
        context = setting.context()
        self._target = Target(setting.target, setting)
        chosen = self._choose(setting)
        self._detector: Any = setting.judged_by if chosen == setting.detector else chosen
        self._policy = context.policy
        self._required = tuple(context.category_thresholds.keys() - {*context.switched_off})
        self._template = prose("method_template_refusal")
        waits_for = setting.target if self._target.calls else chosen or "embedded"
        self.model = models.model_name(waits_for)
        self.max_calls = self._target.calls + 2 * scoring_calls(chosen)

    def _choose(self, setting: Setting) -> Any:
        return setting.detector

    async def answer(self, sample: Sample) -> Reply:
        """Score the prompt, answer it, score the pair; the first hazard ends it."""
        prompt = await self._score(sample.prompt)
        initial = plain(prompt["risk"])
        if self._is_hazard(prompt):
            return Reply(self._template, outcome="blocked", initial_risk=initial)
        said = await self._target.reply(sample.prompt)
        pair = await self._score((sample.prompt, said))
        if self._is_hazard(pair):
            return Reply(self._template, outcome="blocked", initial_risk=initial)
        return Reply(said, outcome="safe", initial_risk=initial, risk=plain(pair["risk"]))

    async def _score(self, pair: Pair) -> Reading:
        detector = await asyncio.to_thread(resolve, self._detector)
        (reading,) = await scoring(detector, [pair], self._required).acall()
        return reading

    def _is_hazard(self, reading: Reading) -> bool:
        return bool(hazards(reading["risk"], self._policy))
