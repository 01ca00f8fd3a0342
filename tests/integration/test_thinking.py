"""A thinking model with tools behind LANCE: the real Anthropic client against a server with its rule."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from langchain.agents import create_agent
from langchain_anthropic import ChatAnthropic
from langchain_core.messages import HumanMessage
from langgraph.checkpoint.memory import InMemorySaver

from lance_graph import LanceChatModel, LanceMiddleware
from tests.fakes import WordDetector

pytestmark = pytest.mark.server
SIGNATURE = "c2lnbmVkIGJ5IHRoZSBzZXJ2aWNl"
THOUGHT = {"type": "thinking", "thinking": "CANARY in the mine", "signature": SIGNATURE}


class Handler(BaseHTTPRequestHandler):
    """Calls a tool twice, then answers; a call without the thoughts before it is refused."""

    seen: list  # of requests

    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.seen.append(request)
        calls = [
            message["content"]
            for message in request["messages"]
            if message["role"] == "assistant" and "tool_use" in str(message["content"])
        ]
        if any(content[0] != THOUGHT for content in calls):
            self.answer(400, {"type": "error", "error": {
                "type": "invalid_request_error",
                "message": "Expected `thinking` or `redacted_thinking`, but found `tool_use`",
            }})  # fmt: skip
            return
        use = {"type": "tool_use", "id": f"toolu_{len(calls)}", "name": "look_up", "input": {}}
        content = (
            [THOUGHT, use] if len(calls) < 2 else [THOUGHT, {"type": "text", "text": "Today."}]
        )
        self.answer(200, {
            "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-sonnet-4-5",
            "content": content, "stop_reason": "tool_use" if len(calls) < 2 else "end_turn",
            "stop_sequence": None, "usage": {"input_tokens": 3, "output_tokens": 2},
        })  # fmt: skip

    def answer(self, status, body):
        encoded = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(encoded)))
        self.end_headers()
        self.wfile.write(encoded)

    def log_message(self, *_):
        """Keep the test's output clean."""


@pytest.fixture
def claude(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    handler = type("Handler", (Handler,), {"seen": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield (
        ChatAnthropic(
            model="claude-sonnet-4-5",
            api_key="none",
            base_url=f"http://127.0.0.1:{server.server_port}",
            thinking={"type": "enabled", "budget_tokens": 1_024},
            max_tokens=2_048,
            max_retries=0,
        ),
        handler.seen,
    )
    server.shutdown()
    server.server_close()
    thread.join(5)


def look_up() -> str:
    """Look the order up."""
    return "It ships today."


def agent_with(door, model):
    detector, saver = WordDetector({}), InMemorySaver()
    if door == "chat model":
        behind = LanceChatModel(target=model, detector=detector)
        return create_agent(behind, [look_up], checkpointer=saver)
    return create_agent(
        model, [look_up], middleware=[LanceMiddleware(detector=detector)], checkpointer=saver
    )


@pytest.mark.parametrize("door", ["chat model", "middleware"])
def test_its_service_gets_the_signed_thoughts_back_and_nobody_sees_them(claude, door):
    model, seen = claude
    agent = agent_with(door, model)
    thread = {"configurable": {"thread_id": "1"}}
    streamed = list(
        agent.stream(
            {"messages": [HumanMessage("Where is my order?")]},
            thread,
            stream_mode=["messages", "values"],
        )
    )
    result = agent.get_state(thread).values
    assert result["messages"][-1].text == "Today."
    assert [message.type for message in result["messages"]].count("tool") == 2
    assert len(seen) == 3 and "CANARY" in json.dumps(seen[2])
    assert "CANARY" not in str(streamed) + str(list(agent.get_state_history(thread)))
