"""The application: its routes, and what stands around them."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Depends, FastAPI
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from lance_graph import __version__
from lance_graph.context import LanceContext
from lance_graph.server.chat import chat_completions
from lance_graph.server.edge import Edge, record_of
from lance_graph.server.errors import FAILS, INVALID, ApiError
from lance_graph.server.gate import Gate
from lance_graph.server.keys import Key
from lance_graph.server.logs import Audit
from lance_graph.server.moderations import moderations
from lance_graph.server.page.routes import page_of
from lance_graph.server.requests import ChatRequest, ModerationRequest
from lance_graph.server.service import Service, service_of
from lance_graph.server.settings import Settings

_NO_TELEMETRY: Any = {"tracing": False, "metrics": False, "logs": False, "auto_configure": False}
"""FastAPI's own may export messages of exceptions, and tells of each request what `Edge` does."""


def create_app(
    context: LanceContext | None = None,
    settings: Settings | None = None,
    *,
    keys: Sequence[Key] = (),
    contexts: Mapping[str, LanceContext] | None = None,
    audit: Path | None = None,
) -> FastAPI:
    """The server as an ASGI application, for uvicorn or any other.

    With ``keys`` each request needs one; without, only this machine is answered. The context files that keys
    name are read here, unless ``contexts`` has a context for the key's id. ``audit`` is a file of JSON
    Lines. ValueError for a context that waits for a person, or a context file that is wrong; OSError for a
    file that cannot be opened.
    """
    given = dict(contexts or {})
    for key in keys:
        if key.context and key.id not in given:
            given[key.id] = LanceContext.from_file(key.context)
    service = Service(
        context or LanceContext(),
        settings or Settings(),
        Gate(tuple(keys)),
        given,
        Audit(audit) if audit else None,
    )
    app = FastAPI(
        title="LANCE", version=__version__, lifespan=_lifespan, docs_url=None, redoc_url=None,
        telemetry=_NO_TELEMETRY,
    )  # fmt: skip
    app.state.lance = service
    app.add_middleware(Edge, metrics=service.metrics)
    app.add_exception_handler(ApiError, _api_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.include_router(_open())
    app.include_router(_guarded())
    if service.settings.page:
        app.include_router(page_of(admit))
    _describe(app)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """The warm-up goes on beside the first requests, so that the server is seen to be alive."""
    service: Service = app.state.lance
    warming = asyncio.create_task(service.keep_warming())
    try:
        yield
    finally:
        warming.cancel()
        await asyncio.wait({warming})
        if service.audit:
            service.audit.close()


def _open() -> APIRouter:
    router = APIRouter()
    router.add_api_route("/health", health, methods=["GET"])
    router.add_api_route("/ready", ready, methods=["GET"], responses={503: FAILS})
    return router


def _guarded() -> APIRouter:
    router = APIRouter(dependencies=[Depends(admit)], responses={"4XX": FAILS, "5XX": FAILS})
    streamed: dict[str, Any] = {"content": {"application/json": {}, "text/event-stream": {}}}
    router.add_api_route(
        "/v1/chat/completions", chat_completions, methods=["POST"], responses={200: streamed},
        openapi_extra=_body(ChatRequest),
    )  # fmt: skip
    router.add_api_route(
        "/v1/moderations", moderations, methods=["POST"], openapi_extra=_body(ModerationRequest)
    )
    router.add_api_route("/v1/models", models, methods=["GET"])
    router.add_api_route("/v1/models/{name:path}", model, methods=["GET"])
    router.add_api_route("/metrics", metrics, methods=["GET"], response_class=PlainTextResponse)
    return router


def _schema(kind: type[BaseModel]) -> dict[str, Any]:
    return kind.model_json_schema(ref_template="#/components/schemas/{model}")


def _body(kind: type[BaseModel]) -> dict[str, Any]:
    schema = {name: part for name, part in _schema(kind).items() if name != "$defs"}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def _describe(app: FastAPI) -> None:
    """Put the parts of bodies where their references look for them: FastAPI does not read bodies here."""
    without = app.openapi

    def openapi() -> dict[str, Any]:
        described = without()
        schemas = described.setdefault("components", {}).setdefault("schemas", {})
        for kind in (ChatRequest, ModerationRequest):
            schemas.update(_schema(kind).get("$defs", {}))
        return described

    app.openapi = openapi  # type: ignore[method-assign]


async def admit(request: Request) -> None:
    """Let a request in that may come in, and count it."""
    service = service_of(request)
    key = record_of(request).key = service.gate.known(request)
    service.gate.count(key)


async def health() -> dict[str, str]:
    """Alive."""
    return {"status": "ok"}


async def ready(request: Request) -> dict[str, str]:
    """Ready: models are loaded, and the detector has scored a text."""
    service_of(request).check_ready()
    return {"status": "ready"}


async def models(request: Request) -> dict[str, Any]:
    """The names of the one model."""
    service = service_of(request)
    listed = [_model(name, service) for name in service.settings.names]
    return {"object": "list", "data": listed}


async def model(name: str, request: Request) -> dict[str, Any]:
    """One of the names."""
    service = service_of(request)
    service.check_name(name)
    return _model(name, service)


def _model(name: str, service: Service) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": service.created, "owned_by": "lance"}


async def metrics(request: Request) -> Response:
    """Numbers for Prometheus."""
    text = service_of(request).metrics.text()
    return Response(text, media_type="text/plain; version=0.0.4; charset=utf-8")


async def _api_error(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ApiError)
    return error.response()


async def _http_error(_: Request, error: Exception) -> JSONResponse:
    """What the framework has to say, in the protocol's form."""
    assert isinstance(error, HTTPException)
    said = {404: "there is nothing at this address", 405: "this address takes another method"}
    message = said.get(error.status_code, "the request cannot be read")
    return ApiError(error.status_code, message, kind=INVALID, headers=error.headers).response()
