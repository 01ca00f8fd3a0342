"""What streams: progress without content, then the answer in pieces, once, after it was judged."""

import pytest
from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.tools import tool

from lance_graph import LanceChatModel, LanceMiddleware
from lance_graph.categories import KEYS
from tests.integration import scenarios
from tests.integration.doors import (
    Agent,
    agent,
    agent_on_chat_model,
    alone,
    as_a_subgraph,
    chat_model_in_a_node,
    options_of,
    safety_layer_in_a_node,
    two_deep,
)
from tests.integration.scenarios import ANSWER, DRAFT, QUESTION, REFINED, TYPED, Speaker

IS_LANCE = (alone, as_a_subgraph, two_deep)
SPEAKING = [*IS_LANCE, agent, agent_on_chat_model, chat_model_in_a_node]
"""Doors whose answer comes as a message of the graph that they stand in."""

FIELDS = {
    "scored": {"lance", "iteration", "scored", "max_risk", "categories", "hazards"},
    "routed": {"lance", "iteration", "branch"},
    "rewriting": {"lance", "iteration", "categories"},
    "answering": {"lance", "iteration"},
    "delivered": {"lance", "status", "iterations"},
}
NAMES = {
    *KEYS, *FIELDS, "prompt", "pair", "generate_response", "ask_again", "rewrite_mild", "rewrite_severe",
    "fall_back", "review", "deliver", "safe", "rewritten", "fell_back", "degraded", "monitored",
}  # fmt: skip

REPAIRED = [
    "scored", "routed", "rewriting",
    "scored", "routed", "rewriting",
    "scored", "routed", "answering",
    "scored", "routed", "rewriting",
    "scored", "routed", "answering",
    "scored", "routed", "delivered",
]  # fmt: skip
"""A bad rewrite, a good one with an unsafe answer, another good one with a safe answer."""


@pytest.fixture(params=[False, True], ids=["sync", "async"])
def streamed(request):
    """All chunks of a run as (mode, chunk), in the order in which they came."""

    async def stream(door, scenario=scenarios.repaired, *, subgraphs, modes):
        context = scenario()
        graph = door(context).compile()
        options = {"stream_mode": modes, "subgraphs": subgraphs}
        if door in IS_LANCE:
            options["context"] = context
        if request.param:
            chunks = [chunk async for chunk in graph.astream(QUESTION, **options)]
        else:
            chunks = list(graph.stream(QUESTION, **options))
        return [chunk[-2:] for chunk in chunks]

    return stream


def progress(chunks):
    return [chunk for mode, chunk in chunks if mode == "custom"]


def flat(value):
    if isinstance(value, dict):
        value = list(value.values())
    return [leaf for item in value for leaf in flat(item)] if isinstance(value, list) else [value]


@pytest.mark.parametrize("door", [*SPEAKING, safety_layer_in_a_node])
async def test_progress_comes_in_order_and_without_content(streamed, door):
    events = progress(await streamed(door, subgraphs=True, modes=["custom"]))
    assert [event["lance"] for event in events] == REPAIRED
    for event in events:
        assert event.keys() == FIELDS[event["lance"]]
        for leaf in flat(event):
            assert isinstance(leaf, int | float) or leaf in NAMES
    assert events[0]["iteration"] == 0
    assert events[0]["max_risk"] == 0.9
    assert events[0]["categories"] == ["violence,aiding_and_abetting,incitement"]
    assert events[-1] == {"lance": "delivered", "status": "rewritten", "iterations": 3}


@pytest.mark.parametrize("scenario", scenarios.STATUS)
async def test_progress_of_every_ending_tells_its_status_and_no_content(streamed, scenario):
    events = progress(await streamed(alone, scenario, subgraphs=False, modes=["custom"]))
    assert events[-1]["status"] == scenarios.STATUS[scenario]
    assert DRAFT not in str(events)
    assert REFINED not in str(events)
    assert all(event.keys() == FIELDS[event["lance"]] for event in events)


async def test_a_door_in_a_node_passes_its_progress_on_without_subgraphs(streamed):
    for door in (agent, agent_on_chat_model, chat_model_in_a_node, safety_layer_in_a_node):
        events = progress(await streamed(door, subgraphs=False, modes=["custom"]))
        assert [event["lance"] for event in events] == REPAIRED


@pytest.mark.parametrize("subgraphs", [False, True])
@pytest.mark.parametrize("door", SPEAKING)
class TestTheAnswer:
    async def test_streams_once_it_was_judged(self, streamed, door, subgraphs):
        chunks = await streamed(door, subgraphs=subgraphs, modes=["messages", "custom"])
        said = [chunk[0] for mode, chunk in chunks if mode == "messages"]
        assert "".join(piece.text for piece in said) == ANSWER
        assert len({piece.id for piece in said}) == 1
        if not subgraphs and door in (as_a_subgraph, two_deep):
            # langgraph's own rule: a subgraph's pieces come with subgraphs=True alone
            assert [type(piece) for piece in said] == [AIMessage]
            assert not progress(chunks)
            return
        assert all(isinstance(piece, AIMessageChunk) for piece in said)
        assert sum(bool(piece.text) for piece in said) == len(ANSWER.split())
        first = next(i for i, (mode, _) in enumerate(chunks) if mode == "messages")
        before = [event["lance"] for event in progress(chunks[:first])]
        assert before in (REPAIRED[:-1], REPAIRED)

    async def test_is_the_message_in_the_state_by_its_id(self, streamed, door, subgraphs):
        chunks = await streamed(door, subgraphs=subgraphs, modes=["messages", "values"])
        said = [chunk[0] for mode, chunk in chunks if mode == "messages"]
        states = [chunk["messages"] for mode, chunk in chunks if mode == "values"]
        answers = [m for messages in states for m in messages if isinstance(m, AIMessage)]
        assert {message.text for message in answers} == {ANSWER}
        assert {message.id for message in answers} == {said[0].id}
        assert [message.type for message in states[-1]] == ["human", "ai"]
        whole = said[0] if len(said) == 1 else sum(said[1:], said[0])
        assert whole.text == answers[-1].text
        assert whole.usage_metadata == answers[-1].usage_metadata


@pytest.mark.parametrize("door", SPEAKING)
async def test_events_v2_say_the_answer_once(door):
    context = scenarios.repaired()
    passed = {"context": context} if door in IS_LANCE else {}
    events = door(context).compile().astream_events(QUESTION, version="v2", **passed)
    said = [event async for event in events if event["event"] == "on_chat_model_stream"]
    assert "".join(event["data"]["chunk"].text for event in said) == ANSWER
    assert len({event["run_id"] for event in said}) == 1


@pytest.mark.parametrize("door", SPEAKING)
async def test_events_v3_say_the_answer_once(door):
    context = scenarios.repaired()
    passed = {"context": context} if door in IS_LANCE else {}
    run = await door(context).compile().astream_events(QUESTION, version="v3", **passed)
    said = [event["params"]["data"][0] async for event in run if event["method"] == "messages"]
    deltas = [part["delta"] for part in said if isinstance(part, dict) and "delta" in part]
    assert "".join(delta.get("text", "") for delta in deltas) == ANSWER


@pytest.mark.parametrize("is_async", [False, True])
async def test_the_chat_model_alone_streams_once_it_was_judged(is_async):
    context = scenarios.repaired()
    model = LanceChatModel(context=context)
    stream = model.astream(TYPED) if is_async else model.stream(TYPED)
    pieces = [piece async for piece in stream] if is_async else list(stream)
    assert "".join(piece.text for piece in pieces) == ANSWER
    assert sum(bool(piece.text) for piece in pieces) == len(ANSWER.split())
    assert len({piece.id for piece in pieces}) == 1
    assert len(context.target.calls) == 2


@tool
def weather() -> str:
    """The weather."""
    return "mild"


def plan(messages):
    """One call of the tool, then the answer."""
    if any(message.type == "tool" for message in messages):
        return AIMessage(ANSWER)
    calls = [{"name": "weather", "args": {"place": "here", "days": [1, 2]}, "id": "1"}]
    return AIMessage("let me look", tool_calls=calls)


def agent_with_a_tool(context):
    middleware = [LanceMiddleware(**options_of(context))]
    return Agent({"model": context.target, "tools": [weather], "middleware": middleware})


def agent_on_chat_model_with_a_tool(context):
    return Agent({"model": LanceChatModel(context=context), "tools": [weather]})


def calling_tools():
    return scenarios.made_of(Speaker(speak=plan))


@pytest.mark.parametrize("door", [agent_with_a_tool, agent_on_chat_model_with_a_tool])
async def test_each_message_of_an_agent_streams_once_with_its_tool_calls(streamed, door):
    chunks = await streamed(
        door, calling_tools, subgraphs=True, modes=["messages", "updates", "values"]
    )
    pieces = [chunk[0] for mode, chunk in chunks if mode == "messages"]
    whole = {}
    for piece in pieces:
        whole[piece.id] = whole[piece.id] + piece if piece.id in whole else piece
    state = [chunk["messages"] for mode, chunk in chunks if mode == "values"][-1]
    assert [message.type for message in state] == ["human", "ai", "tool", "ai"]
    assert list(whole) == [message.id for message in state[1:]]
    for message in state[1:]:
        assert whole[message.id].text == message.text
        assert getattr(whole[message.id], "tool_calls", []) == getattr(message, "tool_calls", [])
    assert state[1].tool_calls[0]["args"] == {"place": "here", "days": [1, 2]}
