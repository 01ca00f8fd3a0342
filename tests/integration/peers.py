"""Output guards of LangChain's own, around an agent whose model always says the canary."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from langchain.agents.middleware import PIIMiddleware
from langchain_openai.middleware import OpenAIModerationMiddleware
from openai import AsyncOpenAI, OpenAI

from tests.integration.doors import Agent
from tests.integration.scenarios import DRAFT, always


def pii(strategy: Any = "redact") -> Agent:
    """`PIIMiddleware` that looks for the canary in what the model says."""
    guard = PIIMiddleware("canary", detector=DRAFT, strategy=strategy, apply_to_output=True)
    return Agent({"model": always(), "middleware": [guard]})


def moderated(url: str, exit_behavior: Any = "end") -> Agent:
    """`OpenAIModerationMiddleware` against a server such as `Moderation`."""
    options: dict[str, Any] = {"base_url": url, "api_key": "none"}
    guard = OpenAIModerationMiddleware(
        client=OpenAI(**options), async_client=AsyncOpenAI(**options), exit_behavior=exit_behavior
    )
    return Agent({"model": always(), "middleware": [guard]})


class Moderation:
    """A server on the loopback interface that flags every text in which the canary is."""

    def __enter__(self) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                asked = self.rfile.read(int(self.headers["Content-Length"])).decode()
                flagged = DRAFT in asked
                result = {
                    "flagged": flagged,
                    "categories": {"violence": flagged},
                    "category_scores": {"violence": float(flagged)},
                    "category_applied_input_types": {"violence": ["text"]},
                }
                body = {"id": "1", "model": "omni-moderation-latest", "results": [result]}
                content = json.dumps(body).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                """Keep the output clean."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return f"http://127.0.0.1:{self.server.server_port}/v1"

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()
