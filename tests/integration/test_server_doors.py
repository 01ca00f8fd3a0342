"""RemoteGraph, MCP and A2A against a real `langgraph dev`: they work, and show no draft."""

import ast
import asyncio
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.pregel.remote import RemoteException, RemoteGraph

from lance_graph import LanceContext
from tests.integration.langgraph_server import LENIENT, QUESTION, Server, free_port

pytestmark = [pytest.mark.server, pytest.mark.slow]

MODES = ["values", "updates", "messages", "custom", "tasks", "checkpoints", "debug"]
ASKED = {"messages": [{"role": "user", "content": QUESTION}]}
CANARY = "CANARY, step one"
ACCEPT = {"Accept": "application/json, text/event-stream"}


@dataclass
class Assistants:
    """Two assistants with their own context and the same target: one guarded, one that is not."""

    guarded: str
    lenient: str


@pytest.fixture(scope="module")
def assistants(running) -> Iterator[Assistants]:
    target = {"detector": running.detector, "target": "openai:gpt-4o-mini", "screening": "pair"}
    contexts = {
        "guarded": target | {"max_iterations": 1},
        "lenient": target | {"thresholds": LENIENT},
    }
    made = {
        name: running.post("/assistants", graph_id="lance", name=name, context=context)
        for name, context in contexts.items()
    }
    yield Assistants(**{name: made[name]["assistant_id"] for name in made})
    for assistant in made.values():
        running.http.delete(f"/assistants/{assistant['assistant_id']}").raise_for_status()


@pytest.fixture
def lance(server) -> RemoteGraph:
    return RemoteGraph("lance", url=server.url)


@pytest.fixture
def offline(server) -> dict[str, Any]:
    """A context that lets the offline target's answer through."""
    return {"detector": server.detector, "thresholds": LENIENT}


def by_random_detector(verdict: dict[str, Any]) -> bool:
    """Whether the context arrived: the embedded detector finds the question far less risky."""
    return max(verdict["initial_risk"].values()) > 0.4


# RemoteGraph


def test_a_remote_graph_takes_a_context_and_gives_a_verdict(lance, offline):
    for context in (offline, LanceContext(**offline)):
        result = lance.invoke(ASKED, context=context)
        assert [message["type"] for message in result["messages"]] == ["human", "ai"]
        assert result["verdict"]["status"] == "safe"
        assert by_random_detector(result["verdict"])


async def test_a_remote_graph_works_in_an_event_loop(lance, offline):
    result = await lance.ainvoke(ASKED, context=offline)
    assert result["verdict"]["status"] == "safe"
    assert by_random_detector(result["verdict"])


def test_a_remote_graph_streams_its_boxes_and_one_answer(lance, offline):
    parts = list(lance.stream(ASKED, context=offline, stream_mode=MODES, subgraphs=True))
    boxes = [box for _, mode, data in parts if mode == "updates" for box in data]
    assert boxes[0] == "open_turn" and boxes[-1] == "deliver"
    progress = [data["lance"] for _, mode, data in parts if mode == "custom"]
    assert progress[0] == "scored" and "answering" in progress and progress[-1] == "delivered"
    final = [data for _, mode, data in parts if mode == "values"][-1]
    assert final["verdict"]["status"] == "safe"
    streamed = [data[0]["content"] for _, mode, data in parts if mode == "messages"]
    assert "".join(streamed) == final["messages"][-1]["content"]


def test_a_remote_thread_keeps_state_and_history(server, lance, offline):
    config = {"configurable": {"thread_id": server.thread()}}
    lance.invoke({"messages": [{"role": "user", "content": "hello"}]}, config, context=offline)
    result = lance.invoke(ASKED, config, context=offline)
    state = lance.get_state(config)
    assert state.next == ()
    assert state.values["messages"] == result["messages"]
    assert [message["type"] for message in result["messages"]] == ["human", "ai", "human", "ai"]
    assert state.values["verdict"] == result["verdict"]
    assert {"draft", "best", "started"}.isdisjoint(state.values)
    history = list(lance.get_state_history(config, limit=100))
    assert history[0].config == state.config
    assert [step.next for step in history].count(("__start__",)) == 2


def test_a_remote_graph_is_a_node_of_a_local_one(lance):
    """A local run's context stays local; the remote node's own travels as `configurable`."""
    low = {"tau": 0.001, "tau_mild": 0.002, "tau_severe": 0.9}
    strict = {"max_iterations": 0, "thresholds": low}
    for node, status in ((lance, "safe"), (lance.with_config(configurable=strict), "fell_back")):
        result = around(node).invoke(ASKED, context=strict)
        assert [message.type for message in result["messages"]] == ["human", "ai"]
        assert result["messages"][-1].response_metadata["lance"]["status"] == status


def test_a_remote_graph_raises_what_is_wrong_with_its_context(lance):
    with pytest.raises(RemoteException, match="max_iterations"):
        lance.invoke(ASKED, context={"max_iterations": -1})


# MCP


def test_mcp_starts_a_session(server):
    client = {"name": "test", "version": "1"}
    answer = rpc(
        server, "initialize", protocolVersion="2025-06-18", capabilities={}, clientInfo=client
    )
    assert answer["result"]["protocolVersion"] == "2025-06-18"
    assert "tools" in answer["result"]["capabilities"]
    note = {"jsonrpc": "2.0", "method": "notifications/initialized"}
    assert server.http.post("/mcp", json=note, headers=ACCEPT).status_code == 202


def test_mcp_lists_each_assistant_as_a_tool_that_takes_messages(server, assistants):
    tools = {tool["name"]: tool for tool in rpc(server, "tools/list")["result"]["tools"]}
    assert set(tools) >= {"lance", "guarded", "lenient"}
    schema = tools["lance"]["inputSchema"]
    assert schema["required"] == ["messages"]
    assert set(schema["properties"]) == {"messages"}


@pytest.mark.parametrize("messages", [QUESTION, ASKED["messages"]], ids=["text", "messages"])
def test_an_mcp_call_gives_the_answer_and_the_verdict(server, offline, messages):
    """`context` is an extension of the LangGraph server; other clients name an assistant."""
    state = mcp_call(server, "lance", messages, context=offline)
    assert [message["type"] for message in state["messages"]] == ["human", "ai"]
    assert state["verdict"]["status"] == "safe"
    assert by_random_detector(state["verdict"])


def test_an_mcp_tool_runs_with_its_assistants_context(server, assistants):
    server.models.script("Flour, water, salt.")
    state = mcp_call(server, "lenient", QUESTION)
    assert state["messages"][-1]["content"].strip() == "Flour, water, salt."
    assert server.models.prompts() == [QUESTION]


def test_an_mcp_call_that_fails_is_marked_as_an_error(server):
    context = {"max_iterations": -1}
    answer = rpc(
        server, "tools/call", name="lance", arguments={"messages": QUESTION}, context=context
    )
    assert answer["result"]["isError"]
    unknown = rpc(server, "tools/call", name="nobody", arguments={"messages": QUESTION})
    assert "nobody" in unknown["error"]["message"]


# A2A


def test_the_agent_card_names_the_address_and_the_text_mode(server, assistants):
    path = "/.well-known/agent-card.json"
    card = server.http.get(path, params={"assistant_id": assistants.guarded}).json()
    assert card["name"] == "guarded"
    assert card["url"] == f"{server.url}/a2a/{assistants.guarded}"
    assert card["capabilities"]["streaming"]
    assert "text/plain" in card["defaultInputModes"]
    assert card["skills"][0]["metadata"]["inputSchema"]["supportsA2A"]


def test_an_a2a_message_is_answered_and_its_thread_has_the_verdict(server, assistants):
    server.models.script("Flour, water, salt.")
    task = a2a_send(server, assistants.lenient)
    assert task["status"]["state"] == "completed"
    (part,) = task["artifacts"][0]["parts"]
    assert part["text"].strip() == "Flour, water, salt."
    state = server.get(f"/threads/{task['contextId']}/state")["values"]
    assert state["verdict"]["status"] == "safe"
    assert by_random_detector(state["verdict"])


def test_an_a2a_conversation_goes_on_in_its_context(server, assistants):
    first = a2a_send(server, assistants.lenient)
    second = a2a_send(server, assistants.lenient, contextId=first["contextId"])
    roles = [message["role"] for message in second["history"]]
    assert roles == ["user", "agent", "user", "agent"]


def test_an_a2a_stream_ends_with_the_answer(server, assistants):
    server.models.script("Flour, water, salt.")
    events = a2a_stream(server, assistants.lenient)
    assert [event["kind"] for event in events][:1] == ["task"]
    assert events[-1]["status"]["state"] == "completed" and events[-1]["final"]
    (artifact,) = [event["artifact"] for event in events if event["kind"] == "artifact-update"]
    assert artifact["parts"][0]["text"].strip() == "Flour, water, salt."


def test_a2a_takes_a_context_with_the_message(server, assistants):
    """An extension of the LangGraph server, beside the message."""
    task = a2a_send(server, assistants.lenient, extra={"context": {"max_iterations": -1}})
    assert task["status"]["state"] == "failed"
    assert "ValidationError" in json.dumps(task["status"])


# No door shows a draft


def remote_invoke(server: Server, assistant: str) -> Any:
    return RemoteGraph(assistant, url=server.url).invoke(ASKED)


def remote_ainvoke(server: Server, assistant: str) -> Any:
    return asyncio.run(RemoteGraph(assistant, url=server.url).ainvoke(ASKED))


def remote_stream(server: Server, assistant: str) -> Any:
    graph = RemoteGraph(assistant, url=server.url)
    return list(graph.stream(ASKED, stream_mode=[*MODES, "events"], subgraphs=True))


def remote_astream(server: Server, assistant: str) -> Any:
    async def collect() -> list[Any]:
        graph = RemoteGraph(assistant, url=server.url)
        stream = graph.astream(ASKED, stream_mode=MODES, subgraphs=True)
        return [part async for part in stream]

    return asyncio.run(collect())


def remote_events_v3(server: Server, assistant: str) -> Any:
    graph = RemoteGraph(assistant, url=server.url)
    with graph.stream_events(ASKED, version="v3") as run:
        return [*run, run.output]


def remote_thread(server: Server, assistant: str) -> Any:
    graph = RemoteGraph(assistant, url=server.url)
    config = {"configurable": {"thread_id": server.thread()}}
    graph.invoke(ASKED, config)
    return [graph.get_state(config, subgraphs=True), *graph.get_state_history(config, limit=100)]


def remote_node(server: Server, assistant: str) -> Any:
    local = around(RemoteGraph(assistant, url=server.url))
    return list(local.stream(ASKED, stream_mode=MODES, subgraphs=True))


def mcp_tool(server: Server, assistant: str) -> Any:
    name = server.get(f"/assistants/{assistant}")["name"]
    return rpc(server, "tools/call", name=name, arguments={"messages": QUESTION})


def a2a_message(server: Server, assistant: str) -> Any:
    return a2a_kept(server, assistant, [a2a_send(server, assistant)])


def a2a_messages(server: Server, assistant: str) -> Any:
    return a2a_kept(server, assistant, a2a_stream(server, assistant))


DOORS: list[Callable[[Server, str], Any]] = [
    remote_invoke, remote_ainvoke, remote_stream, remote_astream, remote_events_v3, remote_thread,
    remote_node, mcp_tool, a2a_message, a2a_messages,
]  # fmt: skip


@pytest.mark.parametrize("door", DOORS)
def test_no_door_shows_a_draft(server, assistants, door):
    server.models.script(CANARY)
    seen = repr(door(server, assistants.guarded))
    assert server.models.requests, "the target was never asked, so there was nothing to leak"
    assert "fell_back" in seen
    assert "CANARY" not in seen
    assert "CANARY" not in server.log.read_text()


@pytest.mark.parametrize("door", DOORS)
def test_every_door_shows_what_was_judged_safe(server, assistants, door):
    """The same reading of the same doors finds a text that may pass: the test above can fail."""
    server.models.script("PELICAN, step one")
    seen = repr(door(server, assistants.lenient))
    assert "PELICAN" in seen
    assert "fell_back" not in seen


@pytest.mark.parametrize("door", [remote_stream, mcp_tool, a2a_messages])
def test_the_log_shows_what_was_judged_safe(server, assistants, door):
    """The server logs at DEBUG what it streams, so its silence about a draft means something."""
    word = f"HERON-{door.__name__}"
    server.models.script(f"{word}, step one")
    door(server, assistants.lenient)
    assert word in server.log.read_text()


BROKEN = [
    b"CANARY",
    b'{"choices": "CANARY"}',
    b'{"choices": [{"message": "CANARY"}]}',
    b'{"choices": [{"message": {"role": "assistant", "content": {"CANARY": 1}}}]}',
    b'{"error": {"message": "CANARY"}}',
    b'data: {"choices": [{"delta": "CANARY"}]}\n\n',
]


@pytest.mark.parametrize(
    ("door", "body"),
    [*zip([remote_stream, mcp_tool, a2a_messages] * 2, BROKEN, strict=True)],
)
def test_an_answer_that_cannot_be_read_is_in_no_error_and_no_log(server, assistants, door, body):
    server.models.script(body)
    seen = repr(door(server, assistants.guarded))
    assert server.models.requests
    assert "degraded" in seen
    assert "CANARY" not in seen
    assert "CANARY" not in server.log.read_text()


# The examples


EXAMPLES = ["remote_graph.py", "mcp_client.py", "a2a_client.py"]


@pytest.fixture
def example(run_example, monkeypatch) -> Callable[[str, str], str]:
    """Run a script of `examples/` with the address of a server; what it prints."""

    def run(name: str, url: str) -> str:
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        monkeypatch.setattr(sys, "argv", [name, url])
        return run_example(name)

    return run


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_example_runs_against_the_server(server, example, name):
    printed = example(name, server.url)
    assert "rewritten: " in printed
    assert len(printed.partition("answer: ")[2]) > 20


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_example_says_so_when_no_server_is_there(example, name):
    url = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(SystemExit) as stopped:
        example(name, url)
    assert f"no LangGraph server at {url}" in stopped.value.code  # a text: exit code 1, on stderr


def around(node: RemoteGraph) -> Any:
    """A local graph whose one node is the remote one."""
    local = StateGraph(MessagesState, dict)
    local.add_node("lance", node)
    local.add_edge(START, "lance")
    return local.compile()


def rpc(server: Server, method: str, **params: Any) -> Any:
    body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    return server.http.post("/mcp", json=body, headers=ACCEPT).raise_for_status().json()


def mcp_call(server: Server, tool: str, messages: Any, **extra: Any) -> Any:
    """The final state, which the server writes as a Python literal."""
    answer = rpc(server, "tools/call", name=tool, arguments={"messages": messages}, **extra)
    assert not answer["result"].get("isError"), answer
    return ast.literal_eval(answer["result"]["content"][0]["text"])


def a2a_body(method: str, params: dict[str, Any]) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": "1", "method": method, "params": params}


def a2a_params(**fields: Any) -> dict[str, Any]:
    parts = [{"kind": "text", "text": QUESTION}]
    return {"message": {"role": "user", "messageId": str(uuid4()), "parts": parts, **fields}}


def a2a_send(server: Server, assistant: str, extra: Any = (), **fields: Any) -> Any:
    body = a2a_body("message/send", a2a_params(**fields) | dict(extra))
    return server.post(f"/a2a/{assistant}", **body)["result"]


def a2a_stream(server: Server, assistant: str) -> list[Any]:
    body = a2a_body("message/stream", a2a_params())
    response = server.http.post(
        f"/a2a/{assistant}", json=body, headers={"Accept": "text/event-stream"}
    )
    lines = response.raise_for_status().text.splitlines()
    events = [json.loads(line.removeprefix("data: ")) for line in lines if line[:5] == "data:"]
    assert not [event for event in events if "error" in event]
    return [event["result"] for event in events]


def a2a_kept(server: Server, assistant: str, seen: list[Any]) -> list[Any]:
    """What was seen, the task as kept, and the thread behind it with its history."""
    task = a2a_body("tasks/get", {"id": seen[0]["id"]})
    thread = f"/threads/{seen[0]['contextId']}"
    return [
        *seen,
        server.post(f"/a2a/{assistant}", **task),
        server.get(f"{thread}/state"),
        server.post(f"{thread}/history", limit=100),
    ]
