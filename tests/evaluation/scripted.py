"""Fakes that the evaluation's tests share."""

from langchain_core.messages import HumanMessage

from lance_graph import models
from lance_graph.evaluation.calls import Meter
from tests.fakes import ScriptedModel


class NamedModel(ScriptedModel):
    """A scripted model that says which it is, as models of a provider do: it can be cached."""

    model: str = "named"

    @property
    def _identifying_params(self):
        return {"model": self.model}


def ask(model, text="hello"):
    return models.acomplete(model, [HumanMessage(text)])


async def measured(work, **options):
    meter = Meter(**options)
    return await meter.measure(work), meter
