"""Errors as OpenAI's protocol has them; no message quotes a prompt, a draft or a secret."""

from collections.abc import Mapping
from math import ceil
from typing import Any

from starlette.responses import JSONResponse

INVALID = "invalid_request_error"
DEGRADED = "lance_degraded"
"""Type of the error where a component failed, so that nothing was judged and nothing is delivered."""

_TEXT_OR_NULL = {"anyOf": [{"type": "string"}, {"type": "null"}]}
_ERROR = {
    "type": "object",
    "required": ["message", "type", "param", "code"],
    "additionalProperties": False,
    "properties": {
        "message": {"type": "string"},
        "type": {"type": "string"},
        "param": _TEXT_OR_NULL,
        "code": _TEXT_OR_NULL,
    },
}
_BODY = {"type": "object", "required": ["error"], "properties": {"error": _ERROR}}
FAILS: dict[str, Any] = {
    "description": "The protocol's error object.",
    "content": {"application/json": {"schema": _BODY}},
}
"""`ApiError.body` for the OpenAPI description."""


class ApiError(Exception):
    """What a client is told instead of an answer: HTTP status, and the protocol's error object.

    ``param`` is the field that is to blame, ``code`` what a program can decide by.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        kind: str = INVALID,
        code: str | None = None,
        param: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.kind = kind
        self.code = code
        self.param = param
        self.headers = dict(headers or {})

    def body(self) -> dict[str, Any]:
        """The protocol's error object."""
        error = {"message": str(self), "type": self.kind, "param": self.param, "code": self.code}
        return {"error": error}

    def response(self) -> JSONResponse:
        """The error as an answer of its own."""
        return JSONResponse(self.body(), self.status, self.headers)


def unsupported(param: str, what: str) -> ApiError:
    """400: a parameter that is known, and not to be had here."""
    return ApiError(400, what, code="unsupported_parameter", param=param)


def too_many(message: str, seconds: float, code: str) -> ApiError:
    """429: come again after so many seconds."""
    headers = {"Retry-After": str(max(1, ceil(seconds)))}
    return ApiError(429, message, kind="rate_limit_error", code=code, headers=headers)


def degraded(message: str) -> ApiError:
    """503: a component failed, which ``message`` says without quoting anything."""
    headers = {"x-lance-status": "degraded"}
    return ApiError(503, message, kind=DEGRADED, code=DEGRADED, headers=headers)


def took_too_long(seconds: float) -> ApiError:
    """504: the run was ended; official clients are told not to start it again by themselves."""
    return ApiError(
        504,
        f"no judged answer within {seconds:g} s, the time that this server allows a request",
        kind="timeout_error",
        code="timeout",
        headers={"x-should-retry": "false"},
    )


def internal() -> ApiError:
    """500, of which nothing is said."""
    return ApiError(500, "internal error", kind="server_error", code="internal_error")
