"""The outermost layer: every request has an id, ends in a typed answer, and is counted and logged."""

import time
from collections.abc import MutableMapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lance_graph.runtime.failures import report
from lance_graph.server.errors import internal
from lance_graph.server.gate import NOBODY
from lance_graph.server.keys import Key
from lance_graph.server.logs import access
from lance_graph.server.metrics import Metrics
from lance_graph.server.running import ClientGoneError

_RECORD = "lance.record"
GONE = 499
"""What is logged where the client went away first; nothing is sent then."""


@dataclass
class Record:
    """What is known of one request while it is in work: no content."""

    key: Key = NOBODY
    outcome: str | None = None
    id: str = field(default_factory=lambda: f"req_{uuid4().hex}")
    began: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        """How long it has been in work."""
        return time.monotonic() - self.began


def record_of(request: Request) -> Record:
    """The record of a request."""
    record: Record = request.scope[_RECORD]
    return record


class Edge:
    """ASGI middleware around everything else: what is raised below is neither shown nor logged in words."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        record = Record()
        scope[_RECORD] = record
        status = 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", record.id.encode())]
            await send(message)

        try:
            await self.app(scope, receive, sending)
        except (ClientGoneError, ClientDisconnect):
            status = GONE
        except Exception as error:  # noqa: BLE001 - the last handler: its text may quote a draft
            report("server", error)
            if not status:
                await internal().response()(scope, receive, sending)
        finally:
            self._note(scope, record, status or GONE)

    def _note(self, scope: MutableMapping[str, Any], record: Record, status: int) -> None:
        route = getattr(scope.get("route"), "path", "unmatched")
        self.metrics.requests.labels(route, str(status)).inc()
        fields = {
            "request": record.id,
            "key": record.key.id,
            "method": scope["method"] if scope["method"] in ("GET", "HEAD", "POST") else "other",
            "route": route,
            "status": status,
            "outcome": record.outcome,
            "seconds": round(record.seconds, 4),
        }
        access.info("%s %s", route, status, extra={"lance": fields})
