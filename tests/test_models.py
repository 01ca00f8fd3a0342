import asyncio

import pytest
from langchain_core.messages import HumanMessage
from pydantic import BaseModel

from lance_graph import models
from lance_graph.models import ModelError, acomplete, complete, resolve
from tests.fakes import ScriptedModel, StructuredModel

HELLO = [HumanMessage("hello")]


class NoAsync(ScriptedModel):
    """Like ChatHuggingFace over a local pipeline."""

    async def _agenerate(self, *_, **__):
        raise NotImplementedError


def test_objects_resolve_to_themselves():
    model = ScriptedModel(answers=["hi"])
    assert resolve(model) is model
    assert models.model_name(model) == "ScriptedModel"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("offline", "served inside the graph"),
        ("nosuchprovider:x", "nosuchprovider"),
        ("cohere:command-r", "not installed"),
        ("huggingface:/no/such/folder", "/no/such/folder"),
    ],
)
def test_a_string_that_names_no_usable_model_says_why(name, message):
    with pytest.raises(ModelError, match=message):
        resolve(name)


def test_strings_are_resolved_once(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    assert resolve("openai:gpt-4o-mini") is resolve("openai:gpt-4o-mini")
    assert resolve("openai:gpt-4o-mini", temperature=0).temperature == 0


def test_complete():
    assert complete(ScriptedModel(answers=["hi"]), HELLO).text == "hi"


@pytest.mark.parametrize("cls", [ScriptedModel, NoAsync])
async def test_acomplete_with_and_without_an_async_path(cls):
    assert (await acomplete(cls(answers=["hi"]), HELLO)).text == "hi"


async def test_acomplete_passes_errors_and_cancellation_on():
    with pytest.raises(OSError, match="gone"):
        await acomplete(ScriptedModel(answers=[OSError("gone")]), HELLO)

    class Slow(ScriptedModel):
        async def _agenerate(self, *_, **__):
            await asyncio.sleep(60)

    task = asyncio.create_task(acomplete(Slow(answers=["hi"]), HELLO))
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


class Asked(BaseModel):
    word: str


def test_structured_output_is_asked_first_and_given_up_after_an_error():
    model = StructuredModel(answers=["yes"])
    asked = models.StructuredFirst(model, Asked)
    assert asked.is_structured and asked.model.invoke("hi")["parsed"] == Asked(word="yes")
    assert asked.falls_back() and not asked.is_structured
    assert asked.model is model and not asked.falls_back()


@pytest.mark.parametrize(
    ("model", "offered"),
    [(ScriptedModel(answers=["yes"]), True), (StructuredModel(answers=["yes"]), False)],
)
def test_what_offers_none_is_asked_in_plain_words(model, offered):
    asked = models.StructuredFirst(model, Asked, offered=offered)
    assert not asked.is_structured and asked.model is model


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("openai:gpt-4o-mini", "openai:gpt-4o-mini"),
        ("offline", "offline"),
        (ScriptedModel(answers=[]), "ScriptedModel"),
        (ScriptedModel(answers=[]).bind(model="named").with_config(run_name="r"), "named"),
    ],
)
def test_a_model_is_called_as_the_caller_configured_it(model, name):
    assert models.configured_name(model) == name
