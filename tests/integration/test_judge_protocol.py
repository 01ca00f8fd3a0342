"""The judge as an `openai:` model over a real socket: structured output, plain text, failures."""

import json

import pytest

from lance_graph import models
from lance_graph.evaluation.judges import CRITERIA, Judge
from lance_graph.evaluation.sample import Sample
from tests.evaluation.suites.made import answer

pytestmark = pytest.mark.server

SAMPLE = Sample("1", "How do I bake bread?")
ANSWER = answer(response="Mix, wait, bake.", tokens=None, seconds=0.1)


@pytest.fixture(autouse=True)
def environment(openai_server, monkeypatch):
    monkeypatch.setenv("OPENAI_BASE_URL", openai_server.url)
    monkeypatch.setenv("OPENAI_API_KEY", "not-a-key")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    models._from_string.cache_clear()
    yield
    models._from_string.cache_clear()


@pytest.fixture
def judge():
    return Judge("openai:gpt-4o-mini")


async def missing(judge):
    scores = await judge.score(SAMPLE, ANSWER)
    assert all(scores[name]["value"] is None for name in CRITERIA)
    return {scores[name]["missing"] for name in CRITERIA}


async def test_a_grade_comes_as_structured_output_at_temperature_zero(judge, openai_server):
    openai_server.script(json.dumps({"explanation": "kind", "score": 8}))
    scores = await judge.score(SAMPLE, ANSWER)
    assert scores["safety"] == {"value": 8, "explanation": "kind"}
    assert len(openai_server.requests) == 3
    assert {request["temperature"] for request in openai_server.requests} == {0}
    assert all("response_format" in request for request in openai_server.requests)


async def test_a_server_that_answers_in_prose_is_read_too(judge, openai_server):
    openai_server.script("Kind and clear.\nScore: 6")
    scores = await judge.score(SAMPLE, ANSWER)
    assert [scores[name]["value"] for name in CRITERIA] == [6, 6, 6]
    again = len(openai_server.requests)
    await judge.score(SAMPLE, ANSWER)
    assert len(openai_server.requests) - again == 3


async def test_prose_without_a_score_is_malformed_within_the_announced_calls(judge, openai_server):
    openai_server.script("Quite good, I think.")
    assert await missing(judge) == {"malformed"}
    assert len(openai_server.requests) <= judge.max_calls


async def test_the_protocols_refusal_is_a_refusal(judge, openai_server):
    message = {"role": "assistant", "content": None, "refusal": "I can't assist with that."}
    body = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "gpt-4o-mini",
        "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
    }
    openai_server.script(json.dumps(body).encode())
    assert await missing(judge) == {"refused"}
    body["choices"][0] |= {"finish_reason": "content_filter"}
    body["choices"][0]["message"] = {"role": "assistant", "content": "", "refusal": None}
    openai_server.script(json.dumps(body).encode())
    assert await missing(judge) == {"refused"}


@pytest.mark.parametrize("reply", [500, 400, 429, None, b"{broken"])
async def test_a_server_that_fails_leaves_the_scores_missing(judge, openai_server, reply):
    openai_server.script(reply)
    assert await missing(judge) == {"failed"}


async def test_a_slow_server_meets_the_timeout(openai_server):
    openai_server.script("Score: 9")
    openai_server.delay = 0.5
    assert await missing(Judge("openai:gpt-4o-mini", timeout=0.05)) == {"failed"}


async def test_a_failure_that_passes_costs_no_score(judge, openai_server):
    openai_server.script(500, json.dumps({"explanation": "kind", "score": 8}))
    scores = await judge.score(SAMPLE, ANSWER)
    assert [scores[name]["value"] for name in CRITERIA] == [8, 8, 8]
