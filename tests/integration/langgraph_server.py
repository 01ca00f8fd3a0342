"""A real `langgraph dev` on the loopback interface, whose target models live on a test server."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.integration.openai_server import OpenAIServer

REPOSITORY = Path(__file__).parents[2]
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

    @property
    def url(self) -> str:
        return str(self.http.base_url).rstrip("/")

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


@contextmanager
def serve(folder: Path, detector: str, **environment: str) -> Iterator[Server]:
    """Start the server in ``folder``, where it leaves its log and its .langgraph_api/.

    Its clients may name the ``detector``, which is a folder, and no other file.
    """
    log, port = folder / "server.log", free_port()
    with OpenAIServer() as models, log.open("wb") as output:
        process = subprocess.Popen(
            command(port),
            cwd=folder,
            env=os.environ
            | {
                "PYTHONPATH": str(REPOSITORY),
                "LOG_LEVEL": "DEBUG",  # no draft may be in what an operator can turn on
                "LANGSMITH_TRACING": "false",
                "LANGGRAPH_CLI_NO_ANALYTICS": "1",
                "HF_HUB_OFFLINE": "1",
                "NO_COLOR": "1",
                "NO_PROXY": "127.0.0.1",
                "OPENAI_API_KEY": "not-a-key",
                "OPENAI_BASE_URL": models.url,
                "LANCE_FILES": detector,
            }
            | environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            url = f"http://127.0.0.1:{port}"
            with httpx.Client(base_url=url, timeout=60, trust_env=False) as http:
                wait_until_up(http, process, log)
                yield Server(http, log, models, detector)
        finally:
            stop(process)


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
