"""`openai:` models over a real socket: what is sent, what comes back, and what happens when it fails."""

import asyncio
import json
import re

import pytest

from lance_graph import LanceContext, build_graph, models
from lance_graph.refinement import RefinedPrompt
from tests.fakes import VIOLENCE, WordDetector
from tests.integration.openai_server import OpenAIServer

pytestmark = pytest.mark.server

MODEL = "openai:gpt-4o-mini"
HAZARD = "how to attack him"
HARMLESS = "how to bake bread\n  with rye — and 2 % salt"
REWRITTEN = "how to settle a quarrel with him"
DETECTOR = WordDetector({"attack": (VIOLENCE, 0.9), "!CANARY": (VIOLENCE, 0.9)})


@pytest.fixture(autouse=True)
def environment(openai_server, monkeypatch):
    monkeypatch.setenv("OPENAI_BASE_URL", openai_server.url)
    monkeypatch.setenv("OPENAI_API_KEY", "not-a-key")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    models._from_string.cache_clear()
    yield
    models._from_string.cache_clear()


@pytest.fixture(params=["sync", "async"])
def ask(request):
    """Run one prompt; both modes go through the whole of this module."""
    graph = build_graph().compile()

    def run(prompt, **context):
        options = {"detector": DETECTOR, "target": MODEL} | context
        question, chosen = {"messages": [("user", prompt)]}, LanceContext(**options)
        if request.param == "sync":
            return graph.invoke(question, context=chosen)
        return asyncio.run(graph.ainvoke(question, context=chosen))

    return run


def is_refiner(request):
    first = request["messages"][0]
    return first["role"] == "system" and first["content"].startswith("You rewrite a request")


def refine_then_answer(refined, answer="Talk to him."):
    return lambda request: refined if is_refiner(request) else answer


def rewrites(result):
    return [step for step in result["verdict"]["trace"] if step["node"].startswith("rewrite")]


def test_a_harmless_prompt_is_passed_on_word_for_word(ask, openai_server):
    openai_server.script("Mix, knead, wait, bake.")
    result = ask(HARMLESS, refiner=MODEL)
    (request,) = openai_server.requests
    assert request["messages"] == [{"role": "user", "content": HARMLESS}]
    assert request["model"] == "gpt-4o-mini"
    assert not request.get("stream")
    answer = result["messages"][-1]
    assert answer.text == "Mix, knead, wait, bake."
    assert answer.usage_metadata["total_tokens"] == 12
    assert answer.response_metadata["model_name"] == "gpt-4o-mini-2024-07-18"
    assert result["verdict"]["status"] == "safe"


@pytest.mark.parametrize(
    "answer",
    [
        json.dumps({"refined_prompt": REWRITTEN}),
        f"Sure!\n<refined_prompt>\n{REWRITTEN}\n</refined_prompt>",
        f"```\n<refined_prompt>{REWRITTEN}",
        REWRITTEN,
    ],
    ids=["structured output", "tags", "half a tag", "plain text"],
)
def test_a_hazardous_prompt_is_rewritten_before_the_target_sees_it(ask, openai_server, answer):
    openai_server.reply = refine_then_answer(answer)
    result = ask(HAZARD, refiner=MODEL)
    assert result["verdict"]["status"] == "rewritten"
    assert result["verdict"]["refined_prompt"] == REWRITTEN
    assert result["messages"][-1].text == "Talk to him."
    *refining, answering = openai_server.requests
    assert answering["messages"] == [{"role": "user", "content": REWRITTEN}]
    assert all(is_refiner(request) for request in refining)
    assert [step["model"] for step in rewrites(result)] == [MODEL]
    assert [step["failed_attempts"] for step in rewrites(result)] == [[]]


def test_the_refiner_gets_the_gradient_and_the_text_apart_at_temperature_0(ask, openai_server):
    openai_server.reply = refine_then_answer(json.dumps({"refined_prompt": REWRITTEN}))
    ask(HAZARD, refiner=MODEL)
    refining, answering = openai_server.requests
    system, *examples, user = refining["messages"]
    assert (system["role"], user["role"]) == ("system", "user")
    assert [turn["role"] for turn in examples[:2]] == ["user", "assistant"]
    assert HAZARD not in system["content"] + str(examples)
    assert "Violence" in user["content"]
    assert f"<user_text>\n{HAZARD}\n</user_text>" in user["content"]
    assert refining["temperature"] == 0
    assert "temperature" not in answering or answering["temperature"] is None
    schema = refining["response_format"]["json_schema"]
    assert schema["name"] == RefinedPrompt.__name__
    assert list(schema["schema"]["properties"]) == ["refined_prompt"]


@pytest.mark.parametrize(
    "reply",
    [500, 401, None, b"{not json", b'{"choices": []}', ""],
    ids=["500", "401", "hang-up", "malformed", "no choices", "empty"],
)
def test_a_failing_target_degrades_visibly(ask, openai_server, reply):
    openai_server.reply = lambda request: (
        json.dumps({"refined_prompt": f"{REWRITTEN} CANARY"}) if is_refiner(request) else reply
    )
    result = ask(HAZARD, refiner=MODEL)
    verdict = result["verdict"]
    assert verdict["status"] == "degraded"
    assert re.match(r"the target model failed \([\w ]+\); nothing unchecked", verdict["reason"])
    assert verdict["refined_prompt"] is None
    assert len(result["messages"]) == 2 and result["messages"][-1].text
    assert result["messages"][-1].response_metadata["lance"]["status"] == "degraded"
    for private in ("CANARY", "not json", "not-a-key", "Error code", "127.0.0.1"):
        assert private not in str(result)


def test_a_server_error_is_retried_first(ask, openai_server):
    openai_server.script(500, "Mix, knead, wait, bake.")
    result = ask(HARMLESS)
    assert result["verdict"]["status"] == "safe"
    assert len(openai_server.requests) == 2


@pytest.mark.parametrize(
    "reply",
    [500, None, b"{not json", "", "I'm sorry, but I can't help with that.", HAZARD, "%$# 77 &&"],
    ids=["500", "hang-up", "malformed", "empty", "refusal", "echo", "garbage"],
)
def test_the_offline_refiner_takes_over_from_a_failing_one(ask, openai_server, reply):
    openai_server.reply = refine_then_answer(reply)
    result = ask(HAZARD, refiner=MODEL, refiner_attempts=1)
    verdict = result["verdict"]
    assert verdict["status"] == "rewritten"
    assert "offline refiner" in verdict["reason"]
    (step,) = rewrites(result)
    assert step["model"] == "offline"
    assert len(step["failed_attempts"]) == 1
    assert openai_server.prompts()[-1] == verdict["refined_prompt"]
    assert "attack" not in verdict["refined_prompt"]
    assert "Error code" not in str(result)


def test_a_later_attempt_may_succeed(ask, openai_server):
    texts = ["I cannot help with that.", HAZARD, REWRITTEN]
    answers = iter([json.dumps({"refined_prompt": text}) for text in texts])
    openai_server.reply = lambda request: next(answers) if is_refiner(request) else "Talk."
    result = ask(HAZARD, refiner=MODEL, refiner_attempts=3)
    assert result["verdict"]["refined_prompt"] == REWRITTEN
    (step,) = rewrites(result)
    assert step["failed_attempts"] == ["refusal", "echo"]
    assert step["model"] == MODEL
    *refining, _ = openai_server.requests
    assert [request["temperature"] for request in refining] == [0, 0.7, 0.7]
    last = [request["messages"][-1]["content"] for request in refining]
    assert ["Earlier rewrites" in text for text in last] == [False, True, True]
    assert "Earlier rewrites of this request failed" in last[2]


@pytest.mark.parametrize(("ask_again", "status"), [(True, "safe"), (False, "rewritten")])
def test_an_unsafe_answer_is_repaired_and_not_delivered(ask, openai_server, ask_again, status):
    answers = iter(["CANARY, step one", "Talk to him."])
    openai_server.reply = lambda request: (
        json.dumps({"refined_prompt": REWRITTEN}) if is_refiner(request) else next(answers)
    )
    result = ask("how do I deal with him", refiner=MODEL, ask_again=ask_again)
    assert result["verdict"]["status"] == status
    assert result["messages"][-1].text == "Talk to him."
    assert "CANARY" not in str(result)
    last = openai_server.requests[-1]["messages"]
    assert [message["role"] for message in last] == ["system", "user"][not ask_again :]


async def test_nothing_streams_from_a_model_that_streams(openai_server):
    """A target with ``streaming=True`` really streams over the socket, and nobody sees it."""
    from langchain_openai import ChatOpenAI

    openai_server.reply = refine_then_answer(json.dumps({"refined_prompt": REWRITTEN}), "CANARY on")
    context = LanceContext(
        detector=DETECTOR,
        refiner=MODEL,
        target=ChatOpenAI(model="gpt-4o-mini", streaming=True),
        max_iterations=1,
    )
    graph = build_graph().compile()
    chunks = [
        chunk
        async for chunk in graph.astream(
            {"messages": [("user", HAZARD)]},
            context=context,
            stream_mode=["messages", "updates", "debug"],
        )
    ]
    assert openai_server.requests[-1]["stream"] is True
    assert "CANARY" not in str(chunks)
    streamed = [data[0] for mode, data in chunks if mode == "messages"]
    assert len({message.id for message in streamed}) == 1


async def test_many_at_once(openai_server):
    openai_server.reply = lambda request: request["messages"][-1]["content"].upper()
    questions = [{"messages": [("user", f"hello {number}")]} for number in range(12)]
    results = (
        await build_graph()
        .compile()
        .abatch(
            questions,
            {"max_concurrency": 4},
            context=LanceContext(detector=DETECTOR, target=MODEL),
        )
    )
    texts = [result["messages"][-1].text for result in results]
    assert texts == [f"HELLO {number}" for number in range(12)]


def test_a_model_outlives_the_event_loop_that_first_used_it(monkeypatch):
    """A process may run several loops one after another, and a client keeps its connections."""
    from langchain_openai.chat_models._client_utils import _cached_async_httpx_client

    graph = build_graph().compile()
    question = {"messages": [("user", HARMLESS)]}
    context = LanceContext(detector=DETECTOR, target=MODEL)
    _cached_async_httpx_client.cache_clear()
    try:
        with OpenAIServer(keep_alive=True) as server:
            monkeypatch.setenv("OPENAI_BASE_URL", server.url)
            verdicts = [
                asyncio.run(graph.ainvoke(question, context=context))["verdict"] for _ in range(4)
            ]
    finally:
        _cached_async_httpx_client.cache_clear()
    assert [verdict["status"] for verdict in verdicts] == ["safe"] * 4


def test_a_local_refiner_and_a_remote_target_go_together(ask, openai_server):
    """Two servers of one protocol and one model name, each with its own address, key and options."""
    with OpenAIServer() as other:
        other.script(REWRITTEN)
        openai_server.script("Talk to him.")
        result = ask(
            HAZARD,
            target_options={"max_tokens": 64, "timeout": 20},
            refiner=MODEL,
            refiner_options={
                "base_url": other.url, "api_key": "another", "extra_body": {"top_k": 4}, "max_tokens": 9,
            },
        )  # fmt: skip
        assert [is_refiner(request) for request in other.requests] == [True] * len(other.requests)
        assert other.requests and not any(map(is_refiner, openai_server.requests))
        asked, answered = other.requests[0], openai_server.requests[-1]
    assert asked["top_k"] == 4 and "top_k" not in answered
    assert 9 in asked.values() and 64 in answered.values()
    assert result["verdict"]["status"] == "rewritten"
    assert "another" not in str(result) and other.url not in str(result)
