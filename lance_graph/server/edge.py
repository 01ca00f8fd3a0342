"""The outermost layer: every request has an id, ends in a typed answer, and is counted and logged."""

import time
from collections.abc import MutableMapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lance_graph.runtime.failures import report, type_name
from lance_graph.runtime.tracing import Span, annotate, failed, span, tell
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
        status, problem = 0, ""

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", record.id.encode())]
            await send(message)

        with span(_method(scope), kind="SERVER", headers=_headers(scope)) as current:
            try:
                await self.app(scope, receive, sending)
            except (ClientGoneError, ClientDisconnect):
                status = GONE
            except Exception as error:  # noqa: BLE001 - the last handler: its text may quote a draft
                report("server", error)
                problem = type_name(error)
                if not status:
                    await internal().response()(scope, receive, sending)
            finally:
                self._note(scope, record, status or GONE)
                _trace(current, scope, record, status or GONE, problem)

    def _note(self, scope: MutableMapping[str, Any], record: Record, status: int) -> None:
        route = _route(scope)
        self.metrics.requests.labels(route, str(status)).inc()
        fields = {
            "request": record.id,
            "key": record.key.id,
            "method": _method(scope),
            "route": route,
            "status": status,
            "outcome": record.outcome,
            "seconds": round(record.seconds, 4),
        }
        access.info("%s %s", route, status, extra={"lance": fields})


def _route(scope: MutableMapping[str, Any]) -> str:
    return getattr(scope.get("route"), "path", "unmatched")


def _method(scope: MutableMapping[str, Any]) -> str:
    return scope["method"] if scope["method"] in ("GET", "HEAD", "POST") else "other"


def _headers(scope: MutableMapping[str, Any]) -> dict[str, str]:
    """Who began the trace that a request belongs to, in the headers of W3C's Trace Context."""
    return {
        name.decode("latin-1"): value.decode("latin-1")
        for name, value in scope["headers"]
        if name in (b"traceparent", b"tracestate")
    }


def _trace(
    current: Span, scope: MutableMapping[str, Any], record: Record, status: int, problem: str
) -> None:
    """What the access log has, on the request's span, and the type of the error that nobody expected."""
    if current is None:
        return
    current.update_name(f"{_method(scope)} {_route(scope)}")
    told = {"http.request.method": _method(scope), "http.route": _route(scope)}
    tell(current, told | {"http.response.status_code": status})
    annotate(current, request=record.id, key=record.key.id, outcome=record.outcome)
    if problem or status >= 500:
        failed(current, problem or str(status))
