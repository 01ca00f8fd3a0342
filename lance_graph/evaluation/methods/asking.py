"""What the methods share that put a question to one model."""

import asyncio
from collections.abc import Sequence
from typing import Any

from langchain_core.messages import AnyMessage, HumanMessage

from lance_graph import models
from lance_graph.context import LanceContext
from lance_graph.evaluation.methods.base import Setting
from lance_graph.model_options import ModelOptions
from lance_graph.nodes.generate_response import deliverable
from lance_graph.offline.responder import respond

_TEXT_ONLY = LanceContext(unscored_parts="refuse")


def language_model(model: Any, role: str, method: str) -> Any:
    """``model``; ValueError where it is missing, or is no language model."""
    if model is None or model == models.OFFLINE:
        raise ValueError(
            f"{method} needs a language model as {role}, and {model!r} is none: give "
            "'provider:model', 'huggingface:ORG/NAME' or a chat model"
        )
    return model


class Target:
    """A model that answers at temperature 0; ``"offline"`` is the responder without one.

    A model that is given as an object is used as it is. ``calls`` is what one question costs.
    """

    def __init__(self, model: Any, setting: Setting) -> None:
        self.given = model
        self.name = models.model_name(model)
        self.calls = 0 if model == models.OFFLINE else 1
        own = setting.with_target(model)
        self._options, self._prompts = own.options_of("target"), own.context().prompts

    async def resolve(self) -> Any:
        """The chat model, as `LanceContext.target` takes it; ``"offline"`` stays."""
        return await asyncio.to_thread(at_temperature_0, self.given, self._options)

    async def reply(self, prompt: str) -> str:
        """The answer to a user's prompt that stands alone."""
        if self.given == models.OFFLINE:
            return respond(prompt, None, self._prompts)
        return await self.ask([HumanMessage(prompt)])

    async def ask(self, messages: Sequence[AnyMessage]) -> str:
        """The text of the model's answer; NoAnswerError where it has none."""
        return text_of(await models.acomplete(await self.resolve(), messages))


def at_temperature_0(model: Any, options: ModelOptions) -> Any:
    """The model that a string names, made to decode greedily unless its options say otherwise.

    ``"offline"`` and objects as given.
    """
    return (
        model if model == models.OFFLINE else models.resolve(model, options=options, temperature=0)
    )


def text_of(answer: Any) -> str:
    """What LANCE would deliver of a model's answer, without reasoning; NoAnswerError if nothing."""
    return deliverable(answer, _TEXT_ONLY).text
