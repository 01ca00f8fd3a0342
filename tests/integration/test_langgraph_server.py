"""The graph under a real `langgraph dev`: what Studio draws, shows as a form, runs and keeps."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from lance_graph import LanceContext, build_graph
from lance_graph.detector.detector import load_detector
from tests.integration.openai_server import OpenAIServer

pytestmark = pytest.mark.server

REPOSITORY = Path(__file__).parents[2]
BOXES = {
    "score_risk", "generate_response", "rewrite_mild", "rewrite_severe", "fall_back", "deliver",
}  # fmt: skip
LENIENT = {"tau": 0.97, "tau_mild": 0.98, "tau_severe": 0.99}
QUESTION = "How do I bake bread?"
START_SECONDS = 90


@dataclass
class Server:
    """A running `langgraph dev`."""

    http: httpx.Client
    log: Path
    models: OpenAIServer
    detector: str

    def get(self, path: str) -> Any:
        return self.http.get(path).raise_for_status().json()

    def post(self, path: str, **body: Any) -> Any:
        return self.http.post(path, json=body).raise_for_status().json()

    def thread(self) -> str:
        return str(self.post("/threads")["thread_id"])

    def ask(self, thread: str, text: str, **context: Any) -> Any:
        return self.post(f"/threads/{thread}/runs/wait", **self.body(text, context))

    def stream(self, thread: str, text: str, modes: list[str], **context: Any) -> list[Any]:
        """(event, data) in the order in which they arrive."""
        body = self.body(text, context) | {"stream_mode": modes, "stream_subgraphs": True}
        events, name = [], ""
        with self.http.stream("POST", f"/threads/{thread}/runs/stream", json=body) as response:
            for line in response.raise_for_status().iter_lines():
                if line.startswith("event: "):
                    name = line.removeprefix("event: ")
                elif line.startswith("data: "):
                    events.append((name, json.loads(line.removeprefix("data: "))))
        return events

    def body(self, text: str, context: dict[str, Any]) -> dict[str, Any]:
        return {
            "assistant_id": "lance",
            "input": {"messages": [{"role": "user", "content": text}]},
            "context": {"detector": self.detector} | context,
        }


@pytest.fixture(scope="module")
def running(tiny_checkpoint, tmp_path_factory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("server")
    log, port = folder / "server.log", free_port()
    with OpenAIServer() as models, log.open("wb") as output:
        process = subprocess.Popen(
            command(port),
            cwd=folder,  # where it leaves its .langgraph_api/
            env=os.environ
            | {
                "PYTHONPATH": str(REPOSITORY),
                "LANGSMITH_TRACING": "false",
                "LANGGRAPH_CLI_NO_ANALYTICS": "1",
                "HF_HUB_OFFLINE": "1",
                "NO_COLOR": "1",
                "NO_PROXY": "127.0.0.1",
                "OPENAI_API_KEY": "not-a-key",
                "OPENAI_BASE_URL": models.url,
            },
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            url = f"http://127.0.0.1:{port}"
            with httpx.Client(base_url=url, timeout=60, trust_env=False) as http:
                wait_until_up(http, process, log)
                yield Server(http, log, models, str(tiny_checkpoint))
        finally:
            stop(process)


@pytest.fixture
def server(running):
    """The server; what it prints during a test is part of that test's output if the test fails."""
    running.models.requests.clear()
    before = running.log.stat().st_size
    yield running
    print(f"--- langgraph dev ---\n{running.log.read_bytes()[before:].decode(errors='replace')}")


def command(port: int) -> list[str]:
    return [
        str(Path(sys.executable).with_name("langgraph")), "dev",
        "--config", str(REPOSITORY / "langgraph.json"),
        "--no-browser", "--no-reload", "--host", "127.0.0.1", "--port", str(port),
    ]  # fmt: skip


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_up(http: httpx.Client, process: Any, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            if http.get("/ok", timeout=2).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.2)
    pytest.fail(f"langgraph dev did not come up:\n{log.read_text(errors='replace')}")


def stop(process: Any) -> None:
    """End the server and whatever it has started."""
    for ending in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, ending)
            process.wait(10)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue


def test_the_drawing_has_the_specified_boxes(server):
    (assistant,) = server.post("/assistants/search")
    assert assistant["graph_id"] == "lance"
    drawing = server.get(f"/assistants/{assistant['assistant_id']}/graph")
    assert {node["id"] for node in drawing["nodes"]} == BOXES | {"__start__", "__end__"}
    edges = {(edge["source"], edge["target"]) for edge in drawing["edges"]}
    rewrites = {"generate_response", "rewrite_mild", "rewrite_severe"}
    assert edges == (
        {("__start__", "score_risk"), ("deliver", "__end__"), ("fall_back", "__end__")}
        | {("score_risk", box) for box in BOXES - {"score_risk"}}
        | {(box, "score_risk") for box in rewrites}
    )


def test_the_context_is_a_form_with_defaults_and_descriptions(server):
    (assistant,) = server.post("/assistants/search")
    schemas = server.get(f"/assistants/{assistant['assistant_id']}/schemas")
    fields = schemas["context_schema"]["properties"]
    assert list(fields) == [
        "target", "refiner", "detector", "screening", "thresholds", "category_thresholds",
        "max_iterations", "max_seconds", "refiner_attempts", "prompts",
    ]  # fmt: skip
    assert all(field["description"] for field in fields.values())
    defaults = {name: field["default"] for name, field in fields.items() if "default" in field}
    assert defaults == {
        "target": "offline",
        "refiner": "offline",
        "detector": "embedded",
        "screening": "prompt",
        "thresholds": {"tau": 0.3, "tau_mild": 0.5, "tau_severe": 0.7},
        "max_iterations": 3,
        "max_seconds": None,
        "refiner_attempts": 2,
    }
    assert fields["screening"]["enum"] == ["prompt", "pair"]


def test_input_and_output_are_described(server):
    (assistant,) = server.post("/assistants/search")
    schemas = server.get(f"/assistants/{assistant['assistant_id']}/schemas")
    assert schemas["input_schema"], "the server could not make a schema; its log says why"
    assert set(schemas["input_schema"]["properties"]) == {"messages"}
    assert set(schemas["output_schema"]["properties"]) == {"messages", "verdict"}


def test_a_streamed_run_ends_with_a_verdict_and_one_message(server):
    thread = server.thread()
    modes = ["updates", "values", "messages"]
    events = server.stream(thread, QUESTION, modes, thresholds=LENIENT)
    assert not [data for name, data in events if name == "error"]
    boxes = [box for name, data in events if name == "updates" for box in data]
    assert boxes == ["score_risk", "generate_response", "score_risk", "deliver"]
    last = [data for name, data in events if name == "values"][-1]
    assert [message["type"] for message in last["messages"]] == ["human", "ai"]
    assert last["verdict"]["status"] == "safe"
    streamed = [
        data for name, data in events if name.startswith("messages/") and "meta" not in name
    ]
    assert {message["content"] for data in streamed for message in data} == {
        last["messages"][-1]["content"]
    }


def test_the_offline_rewrite_and_its_guidance_run_on_the_server(server):
    """Nothing that loads on first use may block the server's event loop."""
    prompt, thresholds = find_rewritten(server.detector)
    result = server.ask(server.thread(), prompt, thresholds=thresholds)
    assert result["verdict"]["status"] == "rewritten"
    assert "BlockingError" not in server.log.read_text()


def find_rewritten(detector: str) -> tuple[str, dict[str, float]]:
    """A prompt that the random checkpoint finds riskier than its rewrite, and thresholds between."""
    graph = build_graph().compile()
    for prompt in ("How do I bake bread?", "Tell me a good walk", "make my cat sleep", "hello you"):
        degree = load_detector(detector).score([prompt])[0].max_risk
        thresholds = {"tau": degree - 0.004, "tau_mild": degree + 0.1, "tau_severe": 0.9}
        context = LanceContext(detector=detector, thresholds=thresholds)
        result = graph.invoke({"messages": [("user", prompt)]}, context=context)
        if result["verdict"]["status"] == "rewritten":
            return prompt, thresholds
    raise AssertionError("the random checkpoint tells no prompt from its rewrite; change its seed")


def test_a_wrong_context_names_the_field(server):
    error = server.ask(server.thread(), QUESTION, max_iterations=-1)["__error__"]
    assert "max_iterations" in error["message"]
    assert "-1" in error["message"]


def test_a_wrong_detector_says_what_to_give(server):
    error = server.ask(server.thread(), QUESTION, detector="/no/such/folder")["__error__"]
    assert "/no/such/folder" in error["message"]


def test_a_wrong_model_says_why(server):
    error = server.ask(server.thread(), QUESTION, target="nobody:m", thresholds=LENIENT)[
        "__error__"
    ]
    assert "nobody:m" in error["message"]


def test_an_input_without_words_says_so(server):
    body = server.body("", {})
    error = server.post(f"/threads/{server.thread()}/runs/wait", **body)["__error__"]
    assert "no text" in error["message"]


def test_a_thread_keeps_its_history(server):
    thread = server.thread()
    server.ask(thread, "hello", thresholds=LENIENT)
    second = server.ask(thread, QUESTION, thresholds=LENIENT)
    kinds = ["human", "ai", "human", "ai"]
    assert [message["type"] for message in second["messages"]] == kinds
    assert [message["content"] for message in second["messages"]][::2] == ["hello", QUESTION]
    state = server.get(f"/threads/{thread}/state")["values"]
    assert state["messages"] == second["messages"]
    assert state["verdict"]["prompt"] == QUESTION
    assert {"draft", "best", "started"}.isdisjoint(state)


def test_no_draft_leaves_the_server(server):
    """The target's answer is above the threshold: it must be on no stream and in no stored state."""
    server.models.reply = lambda request: "CANARY, step one"
    thread = server.thread()
    modes = ["values", "updates", "messages", "messages-tuple", "custom", "tasks", "checkpoints",
             "debug", "events"]  # fmt: skip
    context = {"target": "openai:gpt-4o-mini", "screening": "pair", "max_iterations": 1}
    events = server.stream(thread, QUESTION, modes, **context)
    assert len(server.models.requests) == 2
    values = [data for name, data in events if name == "values"]
    assert values[-1]["verdict"]["status"] == "fell_back"
    history = server.http.post(f"/threads/{thread}/history", json={}).raise_for_status()
    assert QUESTION in history.text
    assert "CANARY" not in json.dumps(events)
    assert "CANARY" not in history.text
    assert "CANARY" not in json.dumps(server.get(f"/threads/{thread}/state"))
    assert "CANARY" not in server.log.read_text()
