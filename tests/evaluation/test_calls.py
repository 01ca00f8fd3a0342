"""What calls cost."""

import asyncio

import pytest
from langchain_core.messages import HumanMessage

from lance_graph import LanceContext
from lance_graph.evaluation.calls import Meter
from lance_graph.integrations import running
from tests.evaluation.scripted import ask, measured
from tests.fakes import VIOLENCE, ScriptedModel, WordDetector


async def test_a_method_without_models_costs_nothing():
    async def answer():
        return "no"

    result, meter = await measured(answer)
    assert result == "no"
    assert (meter.calls, meter.cached, meter.tokens) == (0, 0, 0)


async def test_calls_and_tokens_are_counted_through_the_one_door():
    model = ScriptedModel(answers=["one"])

    async def twice():
        await ask(model)
        return (await ask(model)).text

    result, meter = await measured(twice)
    assert result == "one"
    assert (meter.calls, meter.tokens) == (2, 10)
    assert meter.seconds > 0


async def test_a_failed_call_counts_and_its_error_comes_through():
    meter = Meter()
    model = ScriptedModel(answers=[RuntimeError("no")])
    with pytest.raises(RuntimeError, match="no"):
        await meter.measure(lambda: ask(model))
    assert (meter.calls, meter.tokens) == (1, 0)


async def test_a_model_without_an_async_path_is_called_once():
    class Sync(ScriptedModel):
        async def _agenerate(self, *args, **options):
            raise NotImplementedError

    _, meter = await measured(lambda: ask(Sync(answers=["x"])))
    assert (meter.calls, meter.tokens) == (1, 5)


async def test_tokens_that_one_call_does_not_report_are_unknown():
    class Silent(ScriptedModel):
        def _generate(self, *args, **options):
            result = super()._generate(*args, **options)
            result.generations[0].message.usage_metadata = None
            return result

    async def both():
        await ask(ScriptedModel(answers=["a"]))
        await ask(Silent(answers=["b"]))

    _, meter = await measured(both)
    assert (meter.calls, meter.tokens) == (2, None)


async def test_a_run_of_the_graph_is_counted_with_every_model_in_it():
    context = LanceContext(
        target=ScriptedModel(answers=["Use the task manager."]),
        refiner=ScriptedModel(answers=["How do I stop a process?"]),
        detector=WordDetector({"kill": (VIOLENCE, 0.9)}),
    )
    prompt = [HumanMessage("how to kill it")]
    result, meter = await measured(lambda: running.aanswer(prompt, context))
    assert result.verdict["status"] == "rewritten"
    assert (meter.calls, meter.tokens) == (2, 10)


async def test_pieces_of_work_at_a_time_are_counted_apart():
    model = ScriptedModel(answers=["x"])

    async def work(count):
        for _ in range(count):
            await ask(model)
            await asyncio.sleep(0)

    meters = [Meter() for _ in range(4)]
    await asyncio.gather(*(m.measure(lambda n=n: work(n)) for n, m in enumerate(meters)))
    assert [meter.calls for meter in meters] == [0, 1, 2, 3]


async def test_a_call_that_lasts_too_long_fails_and_counts():
    class Slow(ScriptedModel):
        async def _agenerate(self, *args, **options):
            await asyncio.sleep(30)

    meter = Meter()
    with pytest.raises(TimeoutError):
        await meter.measure(lambda: ask(Slow(answers=["x"])), timeout=0.05)
    assert meter.calls == 1 and meter.seconds < 5
