import asyncio
import logging
import threading
import urllib.error
from functools import partial
from http import HTTPStatus

import httpx
import openai
import pytest
import requests
import torch
from langchain_core.runnables import RunnableLambda
from langgraph.errors import GraphInterrupt

from lance_graph import LanceContext
from lance_graph.graph import build_graph
from lance_graph.integrations.safety_layer import SafetyLayer
from lance_graph.runtime import patience
from lance_graph.runtime.patience import LateError, Patience, may_pass, pause_after, within
from lance_graph.runtime.steps import Wait, arun, blocking, run
from tests.fakes import VIOLENCE, ScriptedModel, WordDetector

KILL = WordDetector({"kill": (VIOLENCE, 0.9)})
REQUEST = httpx.Request("POST", "http://test.invalid")


class StatusError(Exception):
    def __init__(self, status, **headers):
        super().__init__("canary")
        self.response = httpx.Response(status, headers=headers, request=REQUEST)


class CodeError(Exception):
    """As Google's clients and urllib tell a status, or aiohttp."""

    def __init__(self, **told):
        super().__init__("canary")
        vars(self).update(told)


class ClientError(Exception):
    """As botocore tells an answer."""

    def __init__(self, status, code):
        super().__init__("canary")
        self.response = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}


def caused(error):
    outer = RuntimeError("outer")
    outer.__cause__ = error
    return outer


@pytest.fixture(params=["sync", "async"])
def drive(request):
    async def go(steps):
        return run(steps) if request.param == "sync" else await arun(steps)

    return go


@pytest.fixture
async def held():
    """A call that lasts until the test ends; async, so that it ends before the event loop does."""
    end = threading.Event()

    def hang(*_):
        end.wait(60)
        return "late canary"

    yield hang
    end.set()


def one(wait):
    return (yield wait)


async def test_a_call_in_time_gives_what_it_gives(drive):
    assert await drive(one(within(blocking(lambda: 3), 60))) == 3
    with pytest.raises(KeyError, match="mine"):
        await drive(one(within(blocking(partial({}.__getitem__, "mine")), 60)))
    unlimited = blocking(lambda: 3)
    assert within(unlimited, None) is unlimited


async def test_a_call_that_hangs_is_left_to_itself(drive, held):
    with pytest.raises(LateError, match=r"no answer within 0\.05 s"):
        await drive(one(within(blocking(held), 0.05)))


async def test_what_becomes_of_a_late_call_is_said_nowhere(caplog):
    caplog.set_level(logging.DEBUG)
    heard = []
    asyncio.get_running_loop().set_exception_handler(lambda _, told: heard.append(told))
    ended = asyncio.Event()

    async def late():
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            ended.set()
            raise ValueError("canary") from None

    with pytest.raises(LateError):
        await within(Wait(lambda: None, late), 0.05).acall()
    await asyncio.wait_for(ended.wait(), 10)
    await asyncio.sleep(0)
    assert not heard and "canary" not in caplog.text


async def test_who_is_cancelled_cancels_the_call():
    begun, ended = asyncio.Event(), asyncio.Event()

    async def call():
        begun.set()
        try:
            await asyncio.sleep(60)
        finally:
            ended.set()

    task = asyncio.create_task(within(Wait(lambda: None, call), 60).acall())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.wait_for(ended.wait(), 10)


@pytest.mark.parametrize(
    ("error", "passes"),
    [
        (StatusError(429), True),
        (StatusError(503), True),
        (StatusError(500), True),
        (StatusError(529), True),
        (StatusError(501), False),
        (StatusError(400), False),
        (StatusError(401), False),
        (openai.RateLimitError("x", response=httpx.Response(429, request=REQUEST), body=None), True),
        (openai.AuthenticationError("x", response=httpx.Response(401, request=REQUEST), body=None), False),
        (openai.APIConnectionError(request=REQUEST), True),
        (httpx.ConnectError("x"), True),
        (httpx.ReadTimeout("x"), True),
        (requests.ConnectionError("x"), True),
        (requests.ReadTimeout("x"), True),
        (requests.HTTPError("x", response=httpx.Response(404, request=REQUEST)), False),
        (CodeError(code=503), True),
        (CodeError(code=HTTPStatus.TOO_MANY_REQUESTS), True),
        (CodeError(code=403, status="PERMISSION_DENIED"), False),
        (CodeError(status=502), True),
        (CodeError(code="rate_limit"), False),
        (CodeError(code=1), False),
        (urllib.error.HTTPError("http://test.invalid", 504, "x", None, None), True),
        (ClientError(503, "InternalServerException"), True),
        (ClientError(400, "ThrottlingException"), True),
        (ClientError(400, "ValidationException"), False),
        (ConnectionResetError("x"), True),
        (TimeoutError("x"), True),
        (MemoryError(), True),
        (torch.OutOfMemoryError("x"), True),
        (caused(ConnectionError("x")), True),
        (caused(StatusError(404)), False),
        (RuntimeError("x"), False),
        (ValueError("x"), False),
        (GraphInterrupt(), False),
        (LateError(1), False),
    ],
)  # fmt: skip
def test_which_failures_may_pass(error, passes):
    assert may_pass(error) is passes
    assert (pause_after(error, 0) is not None) is passes


def test_pauses_grow_and_the_server_is_heard(monkeypatch):
    monkeypatch.setattr(patience, "FIRST_PAUSE", 0.5)
    pauses = [pause_after(StatusError(429), attempt) for attempt in range(12)]
    for attempt, pause in enumerate(pauses):
        longest = min(0.5 * 2**attempt, patience.LONGEST_PAUSE)
        assert longest / 2 <= pause <= longest
    assert pause_after(StatusError(429, **{"retry-after": "7"}), 0) == 7
    assert pause_after(StatusError(429, **{"retry-after": "3600"}), 0) is None
    assert (
        pause_after(StatusError(429, **{"retry-after": "Sun, 29 Nov 2026 10:00:00 GMT"}), 0) <= 0.5
    )


async def test_a_failure_that_may_pass_is_tried_again_so_often(drive):
    calls = []

    def flaky():
        calls.append(1)
        if len(calls) < 3:
            raise ConnectionError("canary")
        return "there"

    failed = []
    assert await drive(Patience(retries=2).calling(blocking(flaky), failed)) == "there"
    assert failed == ["ConnectionError"] * 2
    calls.clear()
    with pytest.raises(ConnectionError):
        await drive(Patience(retries=1).calling(blocking(flaky)))
    assert len(calls) == 2
    calls.clear()
    with pytest.raises(ConnectionError):  # there is no time left for another
        await drive(Patience(retries=2, until=0).calling(blocking(flaky)))
    assert len(calls) == 1


async def test_what_would_fail_again_is_not_tried_again(drive, held):
    calls = []

    def wrong():
        calls.append(1)
        raise ValueError("canary")

    with pytest.raises(ValueError, match="canary"):
        await drive(Patience(retries=5).calling(blocking(wrong)))
    assert len(calls) == 1
    with pytest.raises(LateError):
        await drive(Patience(seconds=0.05, retries=5).calling(blocking(held)))


@pytest.fixture(params=["invoke", "ainvoke"])
def answer(request):
    async def ask(context, prompt="hello"):
        lance = build_graph().compile()
        given = {"messages": [("user", prompt)]}
        if request.param == "invoke":
            return lance.invoke(given, context=context)
        return await lance.ainvoke(given, context=context)

    return ask


@pytest.mark.parametrize("limit", ["target_timeout", "max_seconds"])
async def test_a_target_that_hangs_is_an_outage(answer, held, limit):
    context = LanceContext(detector=KILL, target=ScriptedModel(answers=held), **{limit: 0.2})
    result = await answer(context)
    assert result["verdict"]["status"] == "degraded"
    assert "the target model failed (no answer within 0.2 s)" in str(result["verdict"])
    assert "canary" not in str(result)


async def test_a_detector_that_hangs_fails_closed(answer, held):
    class Hanging:
        def score(self, pairs):
            return held(pairs)

    target = ScriptedModel(answers=["canary"])
    result = await answer(LanceContext(detector=Hanging(), target=target, detector_timeout=0.2))
    assert result["verdict"]["status"] == "degraded"
    assert "the risk detector failed (no answer within 0.2 s)" in str(result["verdict"])
    assert not target.calls and "canary" not in str(result)


async def test_a_refiner_that_hangs_is_replaced_by_the_offline_one(answer, held):
    context = LanceContext(
        detector=KILL,
        refiner=ScriptedModel(answers=held),
        target=ScriptedModel(answers=["Talk."]),
        refiner_timeout=0.2,
        refiner_attempts=2,
    )
    result = await answer(context, "How do I kill my boss?")
    assert result["verdict"]["status"] == "rewritten"
    step = next(step for step in result["verdict"]["trace"] if "failed_attempts" in step)
    assert step["failed_attempts"] == ["LateError", "LateError"] and step["stood_in"] == "all"


async def test_a_target_whose_failure_passes_answers_and_the_trace_says_so(answer):
    target = ScriptedModel(answers=[StatusError(429), StatusError(503), "hi"])
    result = await answer(LanceContext(detector=KILL, target=target))
    assert result["verdict"]["status"] == "safe" and result["messages"][-1].text == "hi"
    step = next(s for s in result["verdict"]["trace"] if s["node"] == "generate_response")
    assert step["failed_attempts"] == ["StatusError", "StatusError"]
    once = ScriptedModel(answers=[StatusError(429), "hi"])
    result = await answer(LanceContext(detector=KILL, target=once, retries=0))
    assert result["verdict"]["status"] == "degraded" and len(once.calls) == 1


async def test_a_detector_is_not_asked_again_after_the_budget(answer):
    class Busy:
        calls = 0

        def score(self, pairs):
            self.calls += 1
            raise StatusError(503, **{"retry-after": "5"})

    busy = Busy()
    result = await answer(LanceContext(detector=busy, max_seconds=1))
    assert result["verdict"]["status"] == "degraded"
    assert busy.calls == 2  # the fall-back text is the second


async def test_what_may_act_is_asked_once(answer):
    model = ScriptedModel(answers=[StatusError(429), "hi"])
    agent = RunnableLambda(model.invoke)
    result = await answer(LanceContext(detector=KILL, target=agent, retries=5))
    assert result["verdict"]["status"] == "degraded" and len(model.calls) == 1
    again = ScriptedModel(answers=[StatusError(429), "hi"])
    result = await answer(LanceContext(detector=KILL, target=again.bind(stop=["x"])))
    assert result["verdict"]["status"] == "safe" and len(again.calls) == 2


async def test_every_door_takes_the_limits(held):
    layer = SafetyLayer(ScriptedModel(answers=held), detector=KILL, target_timeout=0.2)
    assert layer("hello").verdict["status"] == "degraded"
