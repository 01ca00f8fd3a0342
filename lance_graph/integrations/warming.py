"""What a first request would wait for, done beforehand."""

from langchain_core.messages import HumanMessage

from lance_graph import models
from lance_graph.context import LanceContext
from lance_graph.detector.known import HARMFUL, HARMLESS
from lance_graph.integrations.running import answer


def warm_up(context: LanceContext) -> None:
    """Load what ``context`` names, and run the graph on two known sentences, so that it is quick from now on.

    Target and refiner are loaded and not asked; a detector that asks a service is asked. `ModelError`
    where a model cannot be had, `DegradedError` where a component fails: it is not ready.
    """
    if context.target != models.OFFLINE:
        models.resolve(context.target, context.target_options)
    if context.refiner != models.OFFLINE:
        models.resolve(context.refiner, context.refiner_options, temperature=0)
    instead = {
        "target": models.OFFLINE,
        "target_options": None,
        "refiner": models.OFFLINE,
        "refiner_options": None,
        "review": "never",
        "when_uncertain": "soften",
    }
    if context.out_of_language == "review":
        instead["out_of_language"] = "pass"
    alone = LanceContext(**{**dict(context), **instead})
    for sentence in (HARMLESS, HARMFUL):
        answer([HumanMessage(sentence)], alone).raise_if_degraded()
