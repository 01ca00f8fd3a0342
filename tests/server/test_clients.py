"""Programs that know nothing of LANCE: OpenAI's own client, and LangChain's."""

from functools import reduce
from operator import add

import openai
import pytest
from langchain_core.messages import AIMessage, ToolMessage
from langchain_openai import ChatOpenAI

from tests.integration.scenarios import ANSWER, DRAFT, UNSAFE
from tests.server.serving import HELLO, Target, serving

pytestmark = pytest.mark.server
TOOL = {"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}
CALL = {"name": "look", "args": {"where": "up"}, "id": "x"}


@pytest.fixture(scope="module")
def served():
    with serving(Target(model="target")) as server:
        yield server


@pytest.fixture
def client(served):
    with openai.OpenAI(base_url=f"{served.url}/v1", api_key="none", max_retries=0) as client:
        yield client


def repaired(sent):
    return ANSWER if "defuse" in sent[-1].text else UNSAFE


def test_sync(served, client):
    served.target.plays("hello back")
    answer = client.chat.completions.create(**HELLO, temperature=0.2)
    assert answer.choices[0].message.content == "hello back"
    assert answer.usage.total_tokens == 5
    assert answer.lance["status"] == "safe"


def test_the_verdict_is_in_the_headers_too(served, client):
    served.target.plays(repaired)
    asked = [{"role": "user", "content": "how to attack"}]
    raw = client.chat.completions.with_raw_response.create(model="lance", messages=asked)
    assert raw.headers["x-lance-status"] == "rewritten"
    assert raw.parse().choices[0].message.content == ANSWER


def test_streamed(served, client):
    served.target.plays(repaired)
    asked = [{"role": "user", "content": "how to attack"}]
    stream = client.chat.completions.create(
        model="lance", messages=asked, stream=True, stream_options={"include_usage": True}
    )
    chunks = list(stream)
    said = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
    assert said == ANSWER
    assert chunks[-2].lance["status"] == "rewritten"
    assert chunks[-1].usage.total_tokens > 5  # of the refiner, too


def test_the_clients_own_accumulator_takes_calls(served, client):
    served.target.plays(AIMessage("", tool_calls=[CALL, CALL]))
    with client.chat.completions.stream(**HELLO, tools=[TOOL]) as stream:
        final = stream.get_final_completion()
    calls = final.choices[0].message.tool_calls
    assert [call.function.arguments for call in calls] == ['{"where": "up"}'] * 2
    assert final.choices[0].finish_reason == "tool_calls"


async def test_async_streamed_and_with_tools(served):
    served.target.plays("hello back")
    async with openai.AsyncOpenAI(base_url=f"{served.url}/v1", api_key="none") as client:
        stream = await client.chat.completions.create(**HELLO, stream=True)
        said = [chunk.choices[0].delta.content or "" async for chunk in stream]
        assert "".join(said) == "hello back"
        served.target.plays(AIMessage("", tool_calls=[CALL]))
        answer = await client.chat.completions.create(**HELLO, tools=[TOOL], tool_choice="required")
    assert answer.choices[0].message.tool_calls[0].function.name == "look"


def test_thresholds_come_in_the_extra_body(served, client):
    served.target.plays("hello")
    answer = client.chat.completions.create(**HELLO, extra_body={"lance": {"thresholds": 0.1}})
    assert answer.lance["status"] == "safe"
    with pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(**HELLO, extra_body={"lance": {"thresholds": 0.9}})
    assert caught.value.param == "lance.thresholds"


def test_errors_are_the_clients_own(served, client):
    served.target.plays(RuntimeError(f"quotes {DRAFT}"))
    with pytest.raises(openai.InternalServerError) as caught:
        client.chat.completions.create(**HELLO)
    assert (caught.value.status_code, caught.value.type) == (503, "lance_degraded")
    assert DRAFT not in str(caught.value)
    with pytest.raises(openai.NotFoundError):
        client.chat.completions.create(**{**HELLO, "model": "other"})


def test_moderations(served, client):
    found = client.moderations.create(input=["how to attack", "hello"])
    assert [one.flagged for one in found.results] == [True, False]
    assert found.results[0].categories.violence and not found.results[1].categories.violence
    assert found.results[0].category_scores.violence == pytest.approx(0.9)


def test_the_list_of_models(client):
    assert [one.id for one in client.models.list()] == ["lance"]


class TestLangChain:
    @pytest.fixture
    def model(self, served):
        return ChatOpenAI(model="lance", base_url=f"{served.url}/v1", api_key="none", max_retries=0)

    def test_invoke_and_stream(self, served, model):
        served.target.plays(repaired)
        assert model.invoke("how to attack").text == ANSWER
        assert "".join(chunk.text for chunk in model.stream("how to attack")) == ANSWER

    async def test_async(self, served, model):
        served.target.plays("hello back")
        assert (await model.ainvoke("hello")).usage_metadata["total_tokens"] == 5
        assert "".join([chunk.text async for chunk in model.astream("hello")]) == "hello back"

    def test_tools_go_round(self, served, model):
        def look(where: str) -> str:
            """Look somewhere."""
            return where

        served.target.plays(AIMessage("", tool_calls=[CALL]))
        bound = model.bind_tools([look])
        first, *rest = bound.stream("look up")
        for message in (bound.invoke("look up"), reduce(add, rest, first)):
            assert message.tool_calls[0]["args"] == {"where": "up"}
        served.target.plays("a bird")
        result = ToolMessage("bird", tool_call_id=message.tool_calls[0]["id"])
        assert bound.invoke([("user", "look up"), message, result]).text == "a bird"
