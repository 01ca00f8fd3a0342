import asyncio
import json
import re
import runpy
import warnings
from collections import Counter
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from langchain.agents import create_agent
from langchain.agents.structured_output import ProviderStrategy, ToolStrategy
from langchain_core._api import LangChainBetaWarning
from langchain_core.caches import InMemoryCache
from langchain_core.callbacks import BaseCallbackHandler, get_usage_metadata_callback
from langchain_core.globals import set_llm_cache
from langchain_core.language_models import GenericFakeChatModel
from langchain_core.load import dumps
from langchain_core.messages import AIMessage, AIMessageChunk, HumanMessage, ToolMessage
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import RunnableLambda
from langchain_core.tools import tool
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.types import Command
from pydantic import BaseModel, SecretStr, ValidationError
from typing_extensions import TypedDict

from lance_graph import LanceChatModel, LanceContext, models
from lance_graph.integrations.running import DegradedError
from lance_graph.integrations.structured_output import WithheldOutputError
from tests.fakes import (
    FRAUD,
    VIOLENCE,
    BrokenDetector,
    ScriptedModel,
    StructuredModel,
    ToolCallingModel,
    WordDetector,
    answer_with,
)
from tests.integration.openai_server import OpenAIServer

ROOT = Path(__file__).parents[2]
CANARY = "canary-7f3a"
WORDS = {
    "bomb": (VIOLENCE, 0.9),
    "!bomb": (VIOLENCE, 0.9),
    f"!{CANARY}": (VIOLENCE, 0.9),
    "swindle": (FRAUD, 0.5),
}
SAFE = "How do fireworks work"
USAGE = {"input_tokens": 3, "output_tokens": 2, "total_tokens": 5}


def lance(target: Any = None, **options: Any) -> LanceChatModel:
    options = {"refiner": answer_with(lambda _: SAFE), "detector": WordDetector(WORDS)} | options
    return LanceChatModel(target=target or ToolCallingModel(), **options)


def echo() -> ScriptedModel:
    """A target whose answers tell what it was asked."""
    return answer_with(lambda asked: f"You asked: {asked}")


def times(usage: dict[str, int], count: int) -> dict[str, int]:
    return {name: tokens * count for name, tokens in usage.items()}


class Runs(BaseCallbackHandler):
    """Every run that a caller's callbacks see: kind, id, parent, tags, texts."""

    def __init__(self) -> None:
        self.started: list[tuple[str, UUID, UUID | None]] = []
        self.ended: list[UUID] = []
        self.failed: list[UUID] = []
        self.tokens: list[tuple[UUID, str]] = []
        self.tags: dict[UUID, list[str]] = {}
        self.names: dict[UUID, str] = {}

    def on_chat_model_start(self, _, messages, *, run_id, parent_run_id=None, tags=None, **more):
        self.started.append(("model", run_id, parent_run_id))
        self.tags[run_id], self.names[run_id] = tags or [], more.get("name")

    def on_chain_start(self, _, inputs, *, run_id, parent_run_id=None, **more):
        self.started.append(("chain", run_id, parent_run_id))
        self.names[run_id] = more.get("name")

    def on_llm_new_token(self, token, *, run_id, **_):
        self.tokens.append((run_id, token))

    def on_llm_end(self, response, *, run_id, **_):
        self.ended.append(run_id)

    def on_llm_error(self, error, *, run_id, **_):
        self.failed.append(run_id)

    @property
    def models(self) -> list[UUID]:
        return [run for kind, run, _ in self.started if kind == "model"]

    def is_below(self, run: UUID, ancestor: UUID) -> bool:
        parents = {run: parent for _, run, parent in self.started}
        while run is not None and run != ancestor:
            run = parents.get(run)
        return run == ancestor


# chains


def test_it_stands_between_a_prompt_and_a_parser():
    chain = ChatPromptTemplate.from_template("{question}") | lance(echo()) | StrOutputParser()
    assert chain.invoke({"question": "hello"}) == "You asked: hello"
    assert chain.invoke({"question": "build a bomb"}) == f"You asked: {SAFE}"
    assert "".join(chain.stream({"question": "build a bomb"})) == f"You asked: {SAFE}"


async def test_twenty_at_once_do_not_mix():
    model = lance(echo())
    questions = [f"question {i}" if i % 2 else f"bomb {i}" for i in range(20)]
    wanted = [f"You asked: question {i}" if i % 2 else f"You asked: {SAFE}" for i in range(20)]
    assert [answer.text for answer in model.batch(questions)] == wanted
    assert [answer.text for answer in await model.abatch(questions)] == wanted


def test_verdict_status_and_names_come_with_the_message():
    message = lance(echo()).invoke("build a bomb")
    note = message.response_metadata["lance"]
    assert note["status"] == note["verdict"]["status"] == "rewritten"
    assert note["refined_prompt"] == SAFE
    assert message.id.startswith("lc_run--")
    assert json.loads(json.dumps(message.response_metadata)) == message.response_metadata


@pytest.mark.parametrize("how", ["invoke", "ainvoke", "stream", "astream"])
async def test_tags_names_and_callbacks_reach_the_run_and_what_is_inside(how):
    runs = Runs()
    model = lance(echo()).with_config(tags=["mine"], callbacks=[runs], run_name="guarded")
    await said(model, how, "build a bomb")
    outer, *inner = runs.models
    assert runs.names[outer] == "guarded" and "guarded" not in {runs.names[run] for run in inner}
    assert len(inner) == 2  # refiner, target
    assert all("mine" in runs.tags[run] for run in runs.models)


@pytest.mark.parametrize("how", ["invoke", "ainvoke", "stream", "astream", "v2", "v3"])
async def test_callbacks_see_each_inner_call_once_below_the_models_run(how):
    runs = Runs()
    await said(lance(echo()), how, "build a bomb", {"callbacks": [runs]})
    outer, *inner = runs.models
    assert len(inner) == 2
    assert all(runs.is_below(run, outer) for run in inner)
    assert all(count == 1 for count in Counter(runs.ended).values())
    assert set(runs.ended) == set(runs.models)


@pytest.mark.parametrize("how", ["stream", "astream"])
async def test_callbacks_hear_each_word_once(how):
    runs = Runs()
    text = await said(lance(echo()), how, "hello", {"callbacks": [runs]})
    assert "".join(token for _, token in runs.tokens) == text == "You asked: hello"


def test_redacted_callbacks_see_the_judged_run_alone():
    runs = Runs()
    lance(echo(), redact_callbacks=True).invoke("build a bomb", {"callbacks": [runs]})
    assert len(runs.models) == 1


def test_a_constructors_callbacks_see_the_run_alone():
    runs = Runs()
    lance(echo(), callbacks=[runs]).invoke("build a bomb")
    assert len(runs.models) == 1


# failing


def test_a_broken_target_hands_over_to_the_fallback():
    broken = lance(ScriptedModel(answers=[RuntimeError(CANARY)]))
    with pytest.raises(DegradedError) as raised:
        broken.invoke("hello")
    assert CANARY not in f"{raised.value!r} {raised.value} {raised.value.__cause__}"
    assert raised.value.verdict["status"] == "degraded"
    guarded = broken.with_fallbacks([lance(echo())])
    assert guarded.invoke("build a bomb").text == f"You asked: {SAFE}"
    assert sum_of(guarded.stream("build a bomb")).text == f"You asked: {SAFE}"


async def test_a_broken_detector_hands_over_too():
    broken = lance(echo(), detector=BrokenDetector())
    answer = await broken.with_fallbacks([lance(echo())]).ainvoke("hello")
    assert answer.response_metadata["lance"]["status"] == "safe"
    with pytest.raises(DegradedError) as raised:
        await broken.ainvoke(CANARY)
    assert CANARY not in str(raised.value)


def test_retries_ask_again():
    target = ScriptedModel(answers=[RuntimeError("down"), "up again"])
    assert lance(target).with_retry(wait_exponential_jitter=False).invoke("hi").text == "up again"


async def test_a_degraded_run_can_answer_instead():
    model = lance(ScriptedModel(answers=[RuntimeError("down")]), on_degraded="answer")
    for how in ("invoke", "ainvoke", "stream", "astream"):
        assert "not working" in await said(model, how, "hello")


def test_a_cache_belongs_to_the_target(monkeypatch):
    with pytest.raises(ValidationError, match="give the cache to the target"):
        lance(cache=InMemoryCache())
    target = ScriptedModel(answers=["ok"], cache=InMemoryCache())
    assert [lance(target).invoke("hi").text for _ in range(2)] == ["ok", "ok"]
    assert len(target.calls) == 1


def test_a_global_cache_never_gives_one_models_answer_for_another():
    set_llm_cache(InMemoryCache())
    try:
        lenient = lance(echo(), detector=WordDetector({}))
        assert lenient.invoke("bomb").text == "You asked: bomb"
        assert lance(echo()).invoke("bomb").text == f"You asked: {SAFE}"
    finally:
        set_llm_cache(None)


# streams


async def said(model: Any, how: str, question: Any, config: Any = None) -> str:
    """What a caller hears through one of the doors of a chat model."""
    match how:
        case "invoke":
            return model.invoke(question, config).text
        case "ainvoke":
            return (await model.ainvoke(question, config)).text
        case "stream":
            return "".join(chunk.text for chunk in model.stream(question, config))
        case "astream":
            return "".join([chunk.text async for chunk in model.astream(question, config)])
        case "v2":
            events = model.astream_events(question, config, version="v2")
            heard = [event["data"]["chunk"].text async for event in events if streams(event)]
            return "".join(heard)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LangChainBetaWarning)
        stream = await model.astream_events(question, config, version="v3")
    text = (await stream.output).text
    await asyncio.sleep(0.01)  # the run ends a little after its output
    return text


def streams(event: Any) -> bool:
    return event["event"] == "on_chat_model_stream"


@pytest.mark.parametrize("how", ["invoke", "ainvoke", "stream", "astream", "v2", "v3"])
async def test_a_draft_is_heard_through_no_door(how):
    target = answer_with(lambda asked: "fireworks" if asked == SAFE else f"{CANARY} first")
    assert await said(lance(target), how, "tell me more") == "fireworks"
    assert len(target.calls) == 3, "asked again first"


@pytest.mark.parametrize("question", ["hello", "build a bomb"])
async def test_chunks_add_up_to_the_message(question):
    model = lance(echo())
    whole = model.invoke(question)
    chunks = list(model.stream(question))
    for one in (sum_of(chunks), await added_up(model.astream(question))):
        assert one.text == whole.text
        assert one.usage_metadata == whole.usage_metadata
        assert one.response_metadata["model_name"] == whole.response_metadata["model_name"]
        assert (
            one.response_metadata["lance"]["status"] == whole.response_metadata["lance"]["status"]
        )
    assert len(chunks) == len(whole.text.split()) + 1
    assert len({chunk.id for chunk in chunks}) == 1 and chunks[0].id.startswith("lc_run--")
    assert chunks[-1].chunk_position == "last"


def sum_of(stream: Any) -> AIMessageChunk:
    chunks = list(stream)
    return sum(chunks[1:], chunks[0])


async def added_up(stream: Any) -> AIMessageChunk:
    return sum_of([chunk async for chunk in stream])


def test_nothing_is_said_before_the_answer_was_judged():
    detector, target = WordDetector(WORDS), echo()
    first = next(iter(lance(target, detector=detector).stream("hello")))
    assert first.text == "You"
    assert ("hello", "You asked: hello") in detector.scored


@pytest.mark.filterwarnings("ignore::langchain_core._api.LangChainBetaWarning")
@pytest.mark.parametrize("version", ["v2", "v3"])
async def test_events_show_nothing_but_the_judged_answer(version):
    target = answer_with(lambda asked: "fireworks" if asked == SAFE else CANARY)
    events = lance(target).astream_events("tell me more", version=version)
    if version == "v3":
        events = await events
    shown = [event async for event in events]
    assert CANARY not in str(shown)
    assert "fireworks" in str(shown)
    if version == "v2":
        assert {event["event"].rpartition("_")[2] for event in shown} == {"start", "stream", "end"}
        assert len({event["run_id"] for event in shown}) == 1


def test_streaming_can_be_switched_off():
    assert len(list(lance(echo(), disable_streaming=True).stream("hello"))) == 1
    runs = Runs()
    lance(echo(), streaming=True).invoke("hello", {"callbacks": [runs]})
    assert "".join(token for _, token in runs.tokens) == "You asked: hello"


def test_standard_content_blocks_stream_word_by_word_as_well():
    chunks = list(lance(echo(), output_version="v1").stream("hello"))
    assert len(chunks) == 4
    assert sum_of(chunks).content_blocks == [
        {"type": "text", "text": "You asked: hello", "index": 0}
    ]


async def test_a_stream_that_is_left_early_closes_its_run():
    runs = Runs()
    stream = lance(echo()).stream("hello", {"callbacks": [runs]})
    assert next(stream).text == "You"
    stream.close()
    astream = lance(echo()).astream("hello", {"callbacks": [runs]})
    assert (await anext(astream)).text == "You"
    await astream.aclose()
    assert runs.failed == [runs.models[0], runs.models[2]]


@pytest.mark.parametrize("how", ["ainvoke", "astream"])
async def test_a_call_that_is_cancelled_cancels_the_target(how):
    happened = []

    async def slow(_):
        happened.append("started")
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            happened.append("cancelled")
            raise

    model = lance(RunnableLambda(lambda _: AIMessage("sync"), slow))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(said(model, how, "hello"), 1)
    assert happened == ["started", "cancelled"]


# usage


@pytest.mark.parametrize(("question", "calls"), [("hello", 1), ("build a bomb", 2)])
async def test_usage_sums_target_and_refiner(question, calls):
    refiner = ScriptedModel(answers=[f"<refined_prompt>{SAFE}</refined_prompt>"])
    model = lance(echo(), refiner=refiner)
    assert model.invoke(question).usage_metadata == times(USAGE, calls)
    assert (await model.ainvoke(question)).usage_metadata == times(USAGE, calls)
    assert (await added_up(model.astream(question))).usage_metadata == times(USAGE, calls)


def test_usage_counts_a_structured_refiner():
    model = lance(echo(), refiner=StructuredModel(answers=[SAFE]))
    assert model.invoke("build a bomb").usage_metadata == times(USAGE, 2)


def test_usage_counts_answers_that_were_not_delivered():
    target = answer_with(lambda asked: "fireworks" if asked == SAFE else CANARY)
    assert lance(target).invoke("tell me more").usage_metadata == times(USAGE, 4)


def test_usage_by_name_keeps_the_sum_apart_from_what_was_summed():
    with get_usage_metadata_callback() as by_name:
        lance(ToolCallingModel(answers=["ok"])).invoke("hello")
    assert by_name.usage_metadata == {"tool-caller": USAGE, "lance(tool-caller)": USAGE}


# tools


@tool
def look_up(topic: str) -> str:
    """Look a topic up."""
    return f"{topic}: nothing much"


def calling(*arguments: str, text: str = "") -> AIMessage:
    calls = [
        {"name": "look_up", "args": {"topic": topic}, "id": f"call_{i}", "type": "tool_call"}
        for i, topic in enumerate(arguments)
    ]
    return AIMessage(text, tool_calls=calls)


@pytest.mark.parametrize("how", ["invoke", "stream"])
def test_a_message_with_nothing_but_safe_tool_calls_is_delivered_as_it_is(how):
    wanted = calling("bread", "butter")
    model = lance(ToolCallingModel(answers=[wanted])).bind_tools([look_up])
    message = model.invoke("hello") if how == "invoke" else sum_of(model.stream("hello"))
    ids = [call.pop("id") for call in message.tool_calls]
    assert len(set(ids)) == 2 and all(re.fullmatch("call_[0-9a-f]{24}", id) for id in ids)
    given = [{**call} for call in wanted.tool_calls]
    assert {call.pop("id") for call in given}.isdisjoint(ids), "ids are LANCE's own"
    assert message.tool_calls == given and message.text == ""
    assert message.response_metadata["lance"]["status"] == "safe"


def test_a_call_with_hazardous_arguments_is_not_delivered():
    target = ToolCallingModel(answers=[calling(f"{CANARY} recipe"), calling("fireworks")])
    message = lance(target).bind_tools([look_up]).invoke("hello")
    assert message.tool_calls[0]["args"] == {"topic": "fireworks"}
    stubborn = lance(ToolCallingModel(answers=[calling(CANARY)])).bind_tools([look_up])
    withheld = stubborn.invoke("hello")
    assert not withheld.tool_calls and withheld.response_metadata["lance"]["status"] == "fell_back"
    assert CANARY not in withheld.model_dump_json()


def test_a_call_that_cannot_be_parsed_is_judged_as_well():
    def broken(text):
        call = {"name": "look_up", "args": text, "id": "1", "error": None}
        return AIMessage("", invalid_tool_calls=[call | {"type": "invalid_tool_call"}])

    model = lance(ToolCallingModel(answers=[broken('{"topic": "bread')]))
    assert model.invoke("hello").invalid_tool_calls[0]["args"] == '{"topic": "bread'
    model = lance(ToolCallingModel(answers=[broken(f'{{"topic": "{CANARY}')]))
    message = model.invoke("hello")
    assert not message.invalid_tool_calls and CANARY not in message.model_dump_json()


def test_what_comes_with_a_call_reaches_the_target():
    target = ToolCallingModel(answers=["one two three"])
    model = lance(target, temperature=0.5, stop=["three"])
    assert model.invoke("hi").text == "one two "
    assert model.invoke("hi", stop=["two"], seed=7).text == "one "
    assert "".join(chunk.text for chunk in model.stream("hi", stop=["two"])).strip() == "one"
    assert target.options[0] == {"temperature": 0.5, "stop": ["three"]}
    assert target.options[1] == {"temperature": 0.5, "stop": ["two"], "seed": 7}
    bound = model.bind_tools([look_up], tool_choice="look_up")
    bound.invoke("hi")
    assert target.options[-1]["tool_choice"] == "look_up" and target.options[-1]["tools"]


@pytest.mark.parametrize("target", ["offline", RunnableLambda(lambda _: AIMessage("hi"))])
def test_a_target_without_tools_says_so(target):
    model = lance(target)
    with pytest.raises(NotImplementedError, match="has no tools"):
        model.bind_tools([look_up])
    with pytest.raises(NotImplementedError, match="has no structured output"):
        model.with_structured_output(Joke)


# structured output


class Joke(BaseModel):
    """A joke."""

    setup: str
    punchline: str


class JokeDict(TypedDict):
    """A joke."""

    setup: str
    punchline: str


@pytest.mark.parametrize("method", ["function_calling", "json_schema", "json_mode"])
@pytest.mark.parametrize("schema", [Joke, JokeDict, Joke.model_json_schema()])
async def test_structured_output_is_the_targets_own(schema, method):
    target = ToolCallingModel()
    model = lance(target).with_structured_output(schema, method=method)
    wanted = {"setup": "cats", "punchline": "cats"}
    for result in (model.invoke("joke on 'cats'"), await model.ainvoke("joke on 'cats'")):
        assert (result.model_dump() if schema is Joke else result) == wanted
    assert ("tools" in target.options[0]) == (method == "function_calling")


def test_structured_output_comes_with_the_judged_message():
    model = lance().with_structured_output(Joke, include_raw=True)
    result = model.invoke("joke on 'cats'")
    assert result["parsed"] == Joke(setup="cats", punchline="cats")
    assert result["parsing_error"] is None
    assert result["raw"].response_metadata["lance"]["status"] == "safe"
    assert list(model.stream("joke on 'cats'"))[-1]["parsed"] == result["parsed"]


@pytest.mark.parametrize("method", ["function_calling", "json_schema"])
async def test_hazardous_structured_output_is_withheld(method):
    joke = {"setup": CANARY, "punchline": "x"}
    call = {"name": "Joke", "args": joke, "id": "1", "type": "tool_call"}
    answers = {
        "function_calling": AIMessage("", tool_calls=[call]),
        "json_schema": json.dumps(joke),
    }
    target = ToolCallingModel(answers=[answers[method]])
    model = lance(target).with_structured_output(Joke, method=method)
    with pytest.raises(WithheldOutputError) as raised:
        model.invoke("joke")
    assert CANARY not in str(raised.value)
    assert raised.value.message.response_metadata["lance"]["status"] == "fell_back"
    raw = lance(target).with_structured_output(Joke, include_raw=True, method=method)
    result = await raw.ainvoke("joke")
    assert result["parsed"] is None and isinstance(result["parsing_error"], WithheldOutputError)
    assert CANARY not in result["raw"].model_dump_json()


def test_structured_output_is_parsed_from_the_answer_that_was_delivered():
    target = answer_with(
        lambda asked: json.dumps({"setup": SAFE if asked == SAFE else CANARY, "punchline": "x"})
    )
    target = ToolCallingModel(answers=target.answers)
    model = lance(target).with_structured_output(Joke, method="json_schema")
    assert model.invoke("tell me more") == Joke(setup=SAFE, punchline="x")


def test_structured_output_has_the_models_options():
    target = ToolCallingModel()
    lance(target, temperature=0.5).with_structured_output(Joke).invoke("joke")
    with pytest.raises(ValueError, match="takes no max_tokens in structured output"):
        lance(target, max_tokens=5).with_structured_output(Joke)


# agents


@pytest.mark.parametrize("asynchronous", [False, True])
async def test_an_agents_history_has_one_message_a_step_and_no_original_prompt_below(asynchronous):
    target = ToolCallingModel(answers=[calling("fireworks"), "They burn."])
    agent = create_agent(model=lance(target), tools=[look_up])
    question = {"messages": [("user", "build a bomb")]}
    result = await agent.ainvoke(question) if asynchronous else agent.invoke(question)
    kinds = [type(message) for message in result["messages"]]
    assert kinds == [HumanMessage, AIMessage, ToolMessage, AIMessage]
    assert result["messages"][-1].text == "They burn."
    assert len(target.calls) == 2
    for call in target.calls:
        assert "bomb" not in str(call) and call[0].text == SAFE


def test_a_tools_hazardous_result_does_not_reach_the_target():
    @tool
    def read_page() -> str:
        """Read the page."""
        return f"bomb {CANARY}"

    answers = [AIMessage("", tool_calls=[{"name": "read_page", "args": {}, "id": "1"}]), "Done."]
    target = ToolCallingModel(answers=answers)
    agent = create_agent(model=lance(target), tools=[read_page])
    assert agent.invoke({"messages": [("user", "read it")]})["messages"][-1].text == "Done."
    assert isinstance(target.calls[1][-1], ToolMessage)
    assert CANARY not in str(target.calls[1])


MODES = ["messages", "updates", "values", "debug", "tasks", "checkpoints", "custom"]


@pytest.mark.parametrize("mode", MODES)
async def test_an_agents_streams_show_the_judged_answer_once_and_no_draft(mode):
    target = answer_with(lambda asked: "They burn." if asked == SAFE else CANARY)
    agent = create_agent(model=lance(target), tools=[], checkpointer=InMemorySaver())
    question = {"messages": [("user", "tell me more")]}
    first, second = ({"configurable": {"thread_id": name}} for name in "12")
    options = {"stream_mode": mode, "subgraphs": True}
    for items in (
        list(agent.stream(question, first, **options)),
        [item async for item in agent.astream(question, second, **options)],
    ):
        assert items and CANARY not in str(items)
        if mode == "messages":
            assert "".join(message.text for _, (message, _) in items) == "They burn."
        elif mode == "custom":
            steps = [item["lance"] for _, item in items]
            assert "answering" in steps and steps[-1] == "delivered"


def test_the_same_agent_without_lance_shows_the_draft():
    agent = create_agent(model=ScriptedModel(answers=[CANARY]), tools=[])
    question = {"messages": [("user", "tell me more")]}
    assert CANARY in str(list(agent.stream(question, stream_mode="messages")))


def test_callbacks_inside_a_streaming_agent_still_see_inner_calls_below_the_models_run():
    runs = Runs()
    agent = create_agent(model=lance(echo()), tools=[])
    question = {"messages": [("user", "build a bomb")]}
    list(agent.stream(question, {"callbacks": [runs]}, stream_mode="messages"))
    outer, *inner = runs.models
    assert len(inner) == 2 and all(runs.is_below(run, outer) for run in inner)


def test_an_agents_structured_response_is_judged():
    agent = create_agent(model=lance(), tools=[], response_format=Joke)
    answer = agent.invoke({"messages": [("user", "joke on 'cats'")]})
    assert answer["structured_response"] == Joke(setup="cats", punchline="cats")


@pytest.mark.parametrize("strategy", [ToolStrategy, ProviderStrategy])
def test_an_agent_does_not_ask_for_ever_for_what_was_withheld(strategy):
    joke = {"setup": CANARY, "punchline": "x"}
    call = {"name": "Joke", "args": joke, "id": "1", "type": "tool_call"}
    answer = AIMessage("", tool_calls=[call]) if strategy is ToolStrategy else json.dumps(joke)
    target = ToolCallingModel(answers=[answer])
    agent = create_agent(model=lance(target), tools=[], response_format=strategy(Joke))
    with pytest.raises(Exception, match=r"withheld|Failed to parse") as raised:
        agent.invoke({"messages": [("user", "joke")]})
    assert CANARY not in str(raised.value)
    assert len(target.calls) == 5


@pytest.mark.parametrize("choice", ["any", "required", "look_up", True, {"type": "any"}])
def test_a_call_that_had_to_be_made_and_was_withheld_is_an_error(choice):
    target = ToolCallingModel(answers=[calling(CANARY)])
    model = lance(target).bind_tools([look_up], tool_choice=choice)
    with pytest.raises(WithheldOutputError) as raised:
        model.invoke("hello")
    assert CANARY not in str(raised.value) + raised.value.message.model_dump_json()


@pytest.mark.parametrize("choice", [None, "auto", "none", {"type": "auto"}])
def test_a_call_that_need_not_be_made_is_withheld_with_an_answer(choice):
    target = ToolCallingModel(answers=[calling(CANARY)])
    model = lance(target).bind_tools([look_up], tool_choice=choice)
    assert model.invoke("hello").response_metadata["lance"]["status"] == "fell_back"


# review


@pytest.fixture(params=["memory", "sqlite"])
def checkpointer(request, tmp_path):
    if request.param == "memory":
        yield InMemorySaver()
    else:
        with SqliteSaver.from_conn_string(str(tmp_path / "threads.sqlite")) as saver:
            yield saver


DECISIONS = [
    ("approve", "They burn."),
    ("reject", None),
    ({"action": "edit", "response": "They glow."}, "They glow."),
]


@pytest.mark.parametrize(("decision", "text"), DECISIONS)
def test_a_person_decides_inside_an_agent(checkpointer, decision, text):
    target = ScriptedModel(answers=["They burn."])
    thread = {"configurable": {"thread_id": "1"}}
    agent = create_agent(model=lance(target, review="always"), tools=[], checkpointer=checkpointer)
    paused = agent.invoke({"messages": [("user", "hello")]}, thread)
    assert paused["__interrupt__"][0].value["response"] == "They burn."
    again = create_agent(model=lance(target, review="always"), tools=[], checkpointer=checkpointer)
    messages = again.invoke(Command(resume=decision), thread)["messages"]
    assert len(messages) == 2
    status = messages[-1].response_metadata["lance"]["status"]
    if text is None:
        assert status == "fell_back" and "burn" not in messages[-1].text
    else:
        assert messages[-1].text == text and status == "safe"
    assert len(target.calls) == 1


async def test_a_person_decides_inside_an_async_agent():
    target = ScriptedModel(answers=["They burn."])
    thread = {"configurable": {"thread_id": "1"}}
    agent = create_agent(
        model=lance(target, review="always"), tools=[], checkpointer=InMemorySaver()
    )
    paused = await agent.ainvoke({"messages": [("user", "hello")]}, thread)
    assert paused["__interrupt__"]
    messages = (await agent.ainvoke(Command(resume="approve"), thread))["messages"]
    assert messages[-1].text == "They burn." and len(target.calls) == 1


def test_two_turns_with_review_do_not_mix():
    target = ScriptedModel(answers=["one", "two"])
    thread = {"configurable": {"thread_id": "1"}}
    agent = create_agent(
        model=lance(target, review="always"), tools=[], checkpointer=InMemorySaver()
    )
    for wanted in ("one", "two"):
        agent.invoke({"messages": [("user", "hello")]}, thread)
        messages = agent.invoke(Command(resume="approve"), thread)["messages"]
        assert messages[-1].text == wanted


def test_structured_output_survives_a_review():
    model = lance(review="always").with_structured_output(Joke)
    graph = StateGraph(MessagesState)
    found = []

    def ask(state):
        found.append(model.invoke(state["messages"]))
        return {}

    graph.add_node("ask", ask)
    graph.add_edge(START, "ask").add_edge("ask", END)
    app = graph.compile(checkpointer=InMemorySaver())
    thread = {"configurable": {"thread_id": "1"}}
    assert "__interrupt__" in app.invoke({"messages": [("user", "joke on 'cats'")]}, thread)
    app.invoke(Command(resume="approve"), thread)
    assert found == [Joke(setup="cats", punchline="cats")]


def test_a_review_without_a_checkpointer_says_what_is_missing():
    with pytest.raises(ValueError, match="needs a checkpointer"):
        lance(review="always").invoke("hello")


# construction


def test_the_offline_target_needs_nothing():
    answer = LanceChatModel().invoke("How do I bake bread?")
    assert answer.text and answer.response_metadata["lance"]["status"] == "safe"


def test_a_context_goes_for_its_fields():
    context = LanceContext(target=echo(), detector=WordDetector({}))
    assert LanceChatModel(context=context).invoke("hi").text == "You asked: hi"
    assert LanceChatModel(context={"max_iterations": 1}).context.max_iterations == 1


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"target": "offlin"}, "context.target"),
        ({"max_iterations": -1}, "context.max_iterations"),
        ({"treshold": 0.2}, "treshold"),
        ({"on_degraded": "shrug"}, "on_degraded"),
        ({"context": LanceContext(), "target": "offline"}, "give a context or target"),
    ],
)
def test_errors_name_the_field(options, named):
    with pytest.raises(ValidationError, match=named):
        LanceChatModel(**options)


async def test_a_string_names_a_target_of_a_service(monkeypatch):
    pytest.importorskip("langchain_openai")
    with OpenAIServer() as server:
        monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        monkeypatch.setattr(models, "_from_string", models._from_string.__wrapped__)
        server.script("They burn.")
        model = lance("openai:gpt-4o-mini")
        runs = [model.invoke("hi", stop=["x"]), await model.ainvoke("hi", stop=["x"])]
        runs += [sum_of(model.stream("hi", stop=["x"]))]
        model.bind_tools([look_up]).invoke("hi")
    for message in runs:
        assert message.text == "They burn." and message.usage_metadata["total_tokens"] == 12
        assert message.response_metadata["model_name"] == "lance(gpt-4o-mini-2024-07-18)"
    assert all(request["stop"] == ["x"] for request in server.requests[:3])
    assert server.requests[3]["tools"][0]["function"]["name"] == "look_up"
    assert not any(request.get("stream") for request in server.requests)
    assert "sk-secret" not in repr(model) + dumps(model)


def test_neither_repr_nor_serialisation_shows_a_secret():
    class Keyed(ToolCallingModel):
        api_key: SecretStr = SecretStr("sk-secret")

    model = lance(Keyed())
    for shown in (repr(model), str(model), dumps(model), dumps(model.bind_tools([look_up]))):
        assert "Keyed" in shown and "sk-secret" not in shown
    assert "sk-secret" not in json.dumps(model.asdict()) + json.dumps(model._get_ls_params())


def test_a_trace_names_the_target():
    model = lance(ToolCallingModel(model="gpt-9"), temperature=0.5)
    assert model.model_name == "lance(gpt-9)"
    params = model._get_ls_params(stop=["x"])
    assert (params["ls_provider"], params["ls_model_name"]) == ("lance", "lance(gpt-9)")
    assert (params["ls_temperature"], params["ls_stop"]) == (0.5, ["x"])
    assert model.invoke("hi").response_metadata["model_name"] == "lance(gpt-9)"


def test_profile_and_token_counts_are_the_targets():
    target = ToolCallingModel(
        profile={"max_input_tokens": 9}, custom_get_token_ids=lambda text: [len(text)]
    )
    model = lance(target)
    assert model.profile == {"max_input_tokens": 9}
    assert model.get_token_ids("four") == [4] and model.get_num_tokens("four") == 1
    assert model.get_num_tokens_from_messages([HumanMessage("hi")]) == 1
    assert LanceChatModel().get_num_tokens_from_messages([HumanMessage("hi there")]) > 1
    assert LanceChatModel().get_num_tokens("hello there, you") > 1


def test_one_lance_can_be_the_target_of_another():
    target = ToolCallingModel(answers=["They burn."])
    inner = lance(target)
    outer = lance(inner, detector=WordDetector({"swindle": (FRAUD, 0.9)}))
    runs = Runs()
    for ask in (outer.invoke, lambda *given: sum_of(outer.stream(*given))):
        message = ask("build a bomb", {"callbacks": [runs]})
        assert message.text == "They burn."
        assert message.usage_metadata == times(USAGE, 2)
        assert message.response_metadata["model_name"] == "lance(lance(tool-caller))"
        assert target.calls.pop()[0].text == SAFE and not target.calls
    assert all(count == 1 for count in Counter(runs.ended).values()) and len(runs.ended) == 8


def test_a_name_that_nobody_judged_is_not_delivered():
    target = GenericFakeChatModel(messages=iter([AIMessage("hello", name="bot")]))
    assert lance(target).invoke("hi").name is None


def test_the_example_answers_and_streams(capsys):
    runpy.run_path(str(ROOT / "examples" / "chat_model.py"))
    first, _, rest = capsys.readouterr().out.partition("\n\n")
    assert "LANCE" in first
    assert "(rewritten: " in rest


def test_a_pause_for_a_review_is_no_failure_that_a_fallback_answers():
    from langgraph.checkpoint.memory import InMemorySaver
    from langgraph.graph import START, MessagesState, StateGraph

    reviewed = LanceChatModel(
        target=ScriptedModel(answers=["fine"]), detector=WordDetector({}), review="always"
    ).with_fallbacks([ScriptedModel(answers=["unreviewed"])])
    graph = StateGraph(MessagesState)
    graph.add_node("ask", lambda state: {"messages": [reviewed.invoke(state["messages"])]})
    graph.add_edge(START, "ask")
    app = graph.compile(checkpointer=InMemorySaver())
    result = app.invoke({"messages": [("user", "hello")]}, {"configurable": {"thread_id": "1"}})
    assert result["__interrupt__"] and len(result["messages"]) == 1
