"""Model calls that are answered from disk."""

import asyncio
import sqlite3
from typing import Any

import pytest
from langchain_core.globals import get_llm_cache
from langchain_core.messages import HumanMessage
from pydantic import BaseModel

from lance_graph import models
from lance_graph.evaluation.call_cache import CallCache, caching
from tests.evaluation.scripted import NamedModel, ask, measured
from tests.fakes import ScriptedModel


async def test_a_cached_call_is_not_made_and_counts_as_it_did(tmp_path):
    model = NamedModel(answers=["one", "two"])
    with caching(CallCache(tmp_path / "calls.sqlite")):
        first, cold = await measured(lambda: ask(model))
    with caching(CallCache(tmp_path / "calls.sqlite")):
        second, warm = await measured(lambda: ask(model))
    assert (first.text, second.text) == ("one", "one")
    assert len(model.calls) == 1
    assert (cold.calls, cold.cached, cold.tokens) == (1, 0, 5)
    assert (warm.calls, warm.cached, warm.tokens) == (1, 1, 5)
    assert second.usage_metadata["total_tokens"] == 5


async def test_a_cached_call_brings_the_seconds_that_it_took(tmp_path):
    class Slow(NamedModel):
        async def _agenerate(self, *args, **options):
            await asyncio.sleep(0.2)
            return self._generate(*args, **options)

    model = Slow(answers=["x"])
    with caching(CallCache(tmp_path / "calls.sqlite")):
        await measured(lambda: ask(model))
        _, warm = await measured(lambda: ask(model))
    assert warm.cached == 1 and warm.seconds >= 0.2


async def test_asking_again_within_one_piece_of_work_is_a_new_attempt(tmp_path):
    model = NamedModel(answers=["broken", "fine"])

    async def until_fine():
        said = [(await ask(model)).text]
        while said[-1] != "fine":
            said.append((await ask(model)).text)
        return said

    with caching(CallCache(tmp_path / "calls.sqlite")):
        first, _ = await measured(until_fine)
        second, meter = await measured(until_fine)
    assert first == second == ["broken", "fine"]
    assert len(model.calls) == 2 and meter.cached == 2


async def test_fresh_work_asks_again_and_replaces_what_was_kept(tmp_path):
    model = NamedModel(answers=["old", "new"])
    with caching(CallCache(tmp_path / "calls.sqlite")):
        await measured(lambda: ask(model))
        fresh, meter = await measured(lambda: ask(model), fresh=True)
        later, _ = await measured(lambda: ask(model))
    assert (fresh.text, later.text, meter.cached) == ("new", "new", 0)


async def test_a_cache_that_is_not_shared_answers_only_the_same_piece_of_work(tmp_path):
    model = NamedModel(answers=["one", "two"])
    with caching(CallCache(tmp_path / "calls.sqlite", shared=False)):
        first, _ = await measured(lambda: ask(model), scope="vanilla/1")
        other, _ = await measured(lambda: ask(model), scope="lance/1")
        again, _ = await measured(lambda: ask(model), scope="vanilla/1")
    assert [m.text for m in (first, other, again)] == ["one", "two", "one"]


async def test_models_are_told_apart_and_those_without_a_name_are_not_cached(tmp_path):
    one, two = NamedModel(answers=["1"]), NamedModel(answers=["2"], model="other")
    nameless = ScriptedModel(answers=["a", "b"])
    with caching(CallCache(tmp_path / "calls.sqlite")):
        said = [(await ask(model)).text for model in (one, two, nameless, nameless)]
    assert said == ["1", "2", "a", "b"]


class Verdict(BaseModel):
    is_fine: bool


class ParsingModel(NamedModel):
    """Puts what it has parsed into its message, as OpenAI's structured output does."""

    parsed: Any = None

    def _generate(self, *args, **options):
        result = super()._generate(*args, **options)
        result.generations[0].message.additional_kwargs["parsed"] = self.parsed
        return result


async def test_parsed_objects_come_back_as_their_fields(tmp_path):
    model = ParsingModel(answers=["yes"], parsed=Verdict(is_fine=True))
    with caching(CallCache(tmp_path / "calls.sqlite")):
        await ask(model)
        again = await ask(model)
    assert again.additional_kwargs["parsed"] == {"is_fine": True}
    assert len(model.calls) == 1


async def test_what_could_not_be_brought_back_is_not_kept(tmp_path):
    model = ParsingModel(answers=["one", "two"], parsed=object())
    with caching(CallCache(tmp_path / "calls.sqlite")):
        await ask(model)
        assert (await ask(model)).text == "two"


async def test_failed_calls_are_not_kept(tmp_path):
    model = NamedModel(answers=[RuntimeError("no"), "yes"])
    with caching(CallCache(tmp_path / "calls.sqlite")):
        with pytest.raises(RuntimeError):
            await ask(model)
        assert (await ask(model)).text == "yes"


async def test_synchronous_calls_are_cached_too(tmp_path):
    model = NamedModel(answers=["one", "two"])
    with caching(CallCache(tmp_path / "calls.sqlite")):
        assert models.complete(model, [HumanMessage("hello")]).text == "one"
        assert (await ask(model)).text == "one"


async def test_many_at_a_time_and_half_a_character_are_kept_whole(tmp_path):
    model = NamedModel(answers=lambda messages: messages[-1].text[::-1])
    texts = [f"\ud83d {n}" for n in range(50)]
    with caching(CallCache(tmp_path / "calls.sqlite")):
        first = await asyncio.gather(*(ask(model, text) for text in texts))
        second = await asyncio.gather(*(ask(model, text) for text in texts))
    assert [m.text for m in first] == [m.text for m in second] == [t[::-1] for t in texts]
    assert len(model.calls) == 50


def test_the_cache_that_was_set_before_comes_back(tmp_path):
    before = get_llm_cache()
    with pytest.raises(KeyError), caching(CallCache(tmp_path / "calls.sqlite")) as cache:
        assert get_llm_cache() is cache
        raise KeyError
    assert get_llm_cache() is before


async def test_a_cleared_cache_answers_nothing(tmp_path):
    model = NamedModel(answers=["one", "two"])
    with caching(CallCache(tmp_path / "calls.sqlite")) as cache:
        await ask(model)
        cache.clear()
        assert (await ask(model)).text == "two"


def test_what_is_no_cache_is_refused_by_name(tmp_path):
    text = tmp_path / "notes.txt"
    text.write_text("not a database, and long enough to be seen as none" * 50)
    with pytest.raises(ValueError, match=r"notes\.txt' cannot be used as a cache of model calls"):
        CallCache(text)
    assert text.read_text().startswith("not a database")
    other = tmp_path / "other.sqlite"
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE mine (x)")
    with pytest.raises(ValueError, match="another program's database"):
        CallCache(other)
