"""A server on the loopback interface that speaks enough of OpenAI's protocol, and fails on demand."""

import json
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any

Reply = str | bytes | int | None
"""Text of an answer, a raw body, an HTTP error status, or None to hang up."""


class OpenAIServer:
    """Answers each request from ``reply(request)``; ``requests`` keeps what was asked, in order.

    Use it as a context manager; its address for OPENAI_BASE_URL is ``url``. With ``keep_alive`` a
    connection is used for more than one request, as clients of the real service do. Each answer
    takes ``delay`` seconds; ``most_at_once`` is how many requests were in work at a time, and
    ``answered`` keeps those whose answer was sent.
    """

    def __init__(self, *, keep_alive: bool = False) -> None:
        self.requests: list[dict[str, Any]] = []
        self.answered: list[dict[str, Any]] = []
        self.delay = 0.0
        self.most_at_once = 0
        self._at_once = 0
        self.reply: Callable[[dict[str, Any]], Reply] = lambda request: "hello"
        self._lock = Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler(keep_alive))
        self._server.daemon_threads = True
        self._server.handle_error = lambda *_: None  # clients that go away are no news
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1"

    def __enter__(self) -> "OpenAIServer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def script(self, *replies: Reply) -> None:
        """Give these replies one after the other; the last one repeats."""
        start = len(self.requests) + 1
        self.reply = lambda _: replies[min(len(self.requests) - start, len(replies) - 1)]

    def prompts(self) -> list[str]:
        """The last message of each request."""
        return [request["messages"][-1]["content"] for request in self.requests]

    def _handler(
        outer, keep_alive: bool
    ) -> type[BaseHTTPRequestHandler]:  # the inner self is taken
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1" if keep_alive else "HTTP/1.0"

            def do_POST(self) -> None:
                request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                with outer._lock:
                    outer.requests.append(request)
                    outer._at_once += 1
                    outer.most_at_once = max(outer.most_at_once, outer._at_once)
                    reply = outer.reply(request)
                time.sleep(outer.delay)
                with outer._lock:  # before it is sent: the client may ask again at once
                    outer._at_once -= 1
                self._answer(request, reply)
                with outer._lock:
                    outer.answered.append(request)

            def _answer(self, request: dict[str, Any], reply: Reply) -> None:
                if reply is None:
                    self.close_connection = True
                elif isinstance(reply, int):
                    self._send(reply, json.dumps({"error": {"message": f"no: {request}"}}).encode())
                elif isinstance(reply, bytes):
                    self._send(200, reply)
                elif request.get("stream"):
                    self._send(200, _events(reply), "text/event-stream")
                else:
                    self._send(200, json.dumps(_completion(reply)).encode())

            def _send(self, status: int, body: bytes, kind: str = "application/json") -> None:
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.send_header("retry-after-ms", "1")  # clients that retry should not dawdle
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Keep the test's output clean."""

        return Handler


def _completion(text: str) -> dict[str, Any]:
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "gpt-4o-mini-2024-07-18",
        "choices": [
            {
                "index": 0,
                "finish_reason": "stop",
                "message": {"role": "assistant", "content": text, "refusal": None},
            }
        ],
        "usage": {"prompt_tokens": 7, "completion_tokens": 5, "total_tokens": 12},
    }


def _events(text: str) -> bytes:
    """``text`` word by word as server-sent events."""
    head = {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "gpt-4o-mini",
    }
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
    deltas += [{"content": f"{word} "} for word in text.split()]
    chunks = [
        head | {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]}
        for delta in deltas
    ]
    chunks.append(head | {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    lines = [f"data: {json.dumps(chunk)}\n\n" for chunk in chunks]
    return "".join([*lines, "data: [DONE]\n\n"]).encode()
