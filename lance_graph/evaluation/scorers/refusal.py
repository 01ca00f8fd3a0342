"""Refusals and bare templates, found without a judge."""

from lance_graph.evaluation.sample import Answer, Sample, Score
from lance_graph.texts.declining import (
    declines,
    is_template,
    refusal_probability,
    template_probability,
)
from lance_graph.texts.refusals import find_phrase


class Refusal:
    """``refusal``: 1 if the answer declines, else 0; ``template``: 1 if that is all it does, else 0.

    What counts is written in `lance_graph.texts.declining`, figures in
    ``benchmarks/refusals.py``. English only. Undefined without a response.
    """

    names: tuple[str, ...] = ("refusal", "template")
    max_calls: int = 0

    async def score(self, sample: Sample, answer: Answer) -> dict[str, Score]:
        """Both verdicts on the response."""
        response = answer["response"]
        if response is None:
            return {name: Score(value=None, missing="undefined") for name in self.names}
        reason = (
            f"phrase {find_phrase(response)!r}, probability {refusal_probability(response):.2f}"
        )
        bare = f"probability {template_probability(response):.2f}"
        return {
            "refusal": Score(value=float(declines(response)), explanation=reason),
            "template": Score(value=float(is_template(response)), explanation=bare),
        }
