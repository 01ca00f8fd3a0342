"""The detector alone, which scores and answers nothing (paper, 4.3.2 and its Table 3)."""

import asyncio
from math import isfinite
from typing import Any

from lance_graph import models
from lance_graph.detectors import resolve, scoring
from lance_graph.evaluation.methods.base import Setting
from lance_graph.evaluation.methods.costs import scoring_calls
from lance_graph.evaluation.sample import Reply, Sample


class DetectorAlone:
    """Degrees of the sample's prompt, or of the pair where the sample has a response.

    They are not rounded: curves and areas under them depend on the order of close degrees.
    """

    name = "detector"
    title = "Detector"

    def __init__(self, setting: Setting) -> None:
        self._detector: Any = setting.judged_by
        self.model = models.model_name(setting.detector or "embedded")
        self.max_calls = scoring_calls(setting.detector)

    async def answer(self, sample: Sample) -> Reply:
        """One scoring, in a thread where the detector has no async call of its own."""
        detector = await asyncio.to_thread(resolve, self._detector)
        (reading,) = await scoring(detector, [(sample.prompt, sample.response)]).acall()
        risk = {key: d if isfinite(d) else None for key, d in reading["risk"].items()}
        return Reply(None, outcome="scored", risk=risk)
