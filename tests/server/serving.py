"""A real server on the loopback interface, in a thread of its own, with a target that a test scripts."""

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

import httpx
import uvicorn
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from pydantic import PrivateAttr

from lance_graph import LanceContext
from lance_graph.server.app import create_app
from lance_graph.server.settings import Settings
from tests.fakes import ToolCallingModel
from tests.integration.scenarios import detector, refiner

HELLO = {"model": "lance", "messages": [{"role": "user", "content": "hello there"}]}


class Target(ToolCallingModel):
    """A target that does what the current test wants: ``script(messages)`` gives a text, a message or an
    exception; an async call first waits ``delay(messages)`` seconds.
    """

    _part: list[Any] = PrivateAttr(default_factory=lambda: [lambda _: "hello", lambda _: 0.0])

    def plays(self, script: Any, delay: Any = 0.0) -> None:
        """Answer like this from now on."""
        self._calls.clear()
        self._options.clear()
        self._part[:] = [_function(script), _function(delay)]

    async def _agenerate(
        self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **options: Any
    ) -> ChatResult:
        await asyncio.sleep(self._part[1](messages))
        return self._generate(messages, stop, **options)

    def _generate(
        self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **options: Any
    ) -> ChatResult:
        self._calls.append(messages)
        own = {} if self.temperature is None else {"temperature": self.temperature}
        self._options.append(own | options | ({"stop": stop} if stop else {}))
        answer = self._part[0](messages)
        if isinstance(answer, Exception):
            raise answer
        message = answer if isinstance(answer, AIMessage) else AIMessage(answer)
        if not message.usage_metadata:
            used = {"input_tokens": 3, "output_tokens": 2, "total_tokens": 5}
            message = message.model_copy(update={"usage_metadata": used})
        return ChatResult(generations=[ChatGeneration(message=message)])


def _function(given: Any) -> Callable[[list[BaseMessage]], Any]:
    return given if callable(given) else lambda _: given


class Served:
    """A server that runs: ``url`` is its address, ``app`` the application, ``target`` what it serves."""

    def __init__(self, app: Any, target: Target | None = None, **config: Any) -> None:
        self.app, self.target = app, target
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        options = {"log_config": None, "access_log": False, "timeout_graceful_shutdown": 10}
        self._server = uvicorn.Server(uvicorn.Config(app, **{**options, **config}))
        self._thread = Thread(target=self._run, daemon=True)
        self._stopped = Event()
        self.loop: asyncio.AbstractEventLoop | None = None

    def _run(self) -> None:
        async def serve() -> None:
            self.loop = asyncio.get_running_loop()
            await self._server.serve(sockets=[self._socket])

        asyncio.run(serve())
        self._stopped.set()

    def start(self) -> "Served":
        """Serve, and wait until it is ready."""
        self._thread.start()
        service = self.app.state.lance
        for _ in range(3_000):
            if self._server.started and service.ready:
                return self
            self._stopped.wait(0.01)
        raise RuntimeError("the server did not become ready")

    def begin_stop(self) -> None:
        """Ask it to stop, as a signal does."""
        self._server.should_exit = True

    def stop(self) -> None:
        """Stop, and wait for it."""
        self.begin_stop()
        self._thread.join(20)
        assert not self._thread.is_alive()

    def tasks(self) -> int:
        """How many tasks there are in its loop."""
        assert self.loop
        count = asyncio.run_coroutine_threadsafe(_count(), self.loop)
        return count.result(5)

    def idle(self) -> bool:
        """Whether nothing is in work any more, after a moment if need be: neither a run nor a task of one."""
        for _ in range(300):
            if not self.app.state.lance.slots.taken and self.tasks() <= self.at_rest:
                return True
            self._stopped.wait(0.01)
        return False

    at_rest = 3
    """The tasks of a server to which nobody is connected: uvicorn's own, its lifespan, and who counts."""

    def post(self, path: str = "/v1/chat/completions", **more: Any) -> httpx.Response:
        """One request, with a connection of its own."""
        return httpx.post(f"{self.url}{path}", timeout=20, **more)

    def chat(self, **fields: Any) -> httpx.Response:
        """A chat completion: `HELLO` with other fields."""
        return self.post(json={**HELLO, **fields})

    def metric(self, name: str, **labels: str) -> float:
        """A number of its metrics; 0 if there is none yet."""
        found = self.app.state.lance.metrics.registry.get_sample_value(name, labels)
        return found or 0.0


async def _count() -> int:
    return len(asyncio.all_tasks())


@contextmanager
def serving(
    target: Any = None,
    *,
    settings: Settings | None = None,
    context: LanceContext | None = None,
    more: dict[str, Any] | None = None,
    **fields: Any,
) -> Iterator[Served]:
    """A server with the scripted parts of the canary matrix and one's own target, in front of clients."""
    target = target if target is not None else Target()
    parts = {"detector": detector(), "refiner": refiner(), "max_iterations": 3}
    context = context or LanceContext(target=target, **{**parts, **fields})
    served = Served(create_app(context, settings, **(more or {})), target)
    try:
        yield served.start()
    finally:
        served.stop()
