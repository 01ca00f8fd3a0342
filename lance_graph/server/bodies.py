"""The body of a request: read within limits, as strict JSON, and checked; no error quotes any of it."""

import asyncio
import re
from collections.abc import Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from lance_graph.files import parsed
from lance_graph.server.errors import ApiError
from lance_graph.server.settings import Settings

Body = TypeVar("Body", bound=BaseModel)
CLOSE = {"Connection": "close"}
"""Sent where nobody knows how much of a body is still to come."""
_HALF = b"\\ud"
"""How half a character is escaped, and some whole ones."""
_SURROGATE = re.compile("[\ud800-\udfff]")
_NAME = re.compile("[a-z][a-z_]{0,40}")
"""Names of fields that may be said; a prompt or a key is not written so."""
UNSPOKEN = "*"
MOST_LEVELS = 100
MOST_VALUES = 20_000
"""Values of a body, for each costs time in which nobody else is served: thousands of messages have fewer."""
_BRANCH = re.compile(r"\[|^(?:str|float|int|bool|Choice)$")


async def body_of(request: Request, kind: type[Body], settings: Settings) -> Body:
    """The body of a request as ``kind``, within the limits of the server.

    `ApiError` 415 for a body that does not call itself JSON (so that no page of another site can send
    one unasked), 413 for one that is too long, 408 for one that does not end, 400 for what is wrong in it.
    """
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media != "application/json":
        raise ApiError(415, "send JSON, with the header Content-Type: application/json")
    try:
        async with asyncio.timeout(settings.timeout):
            raw = await _read(request, settings.max_body)
    except TimeoutError:
        raise ApiError(
            408, "the body did not end in time", code="request_timeout", headers=CLOSE
        ) from None
    try:
        value = parsed(raw)
    except ValueError as error:
        raise ApiError(400, f"the body is {error}", code="invalid_json") from None
    _check_shape(value)
    if not isinstance(value, dict):
        raise ApiError(400, "the body is not a JSON object", code="invalid_json")
    if _HALF in raw.lower():
        value = _whole(value)
    try:
        return kind.model_validate(value)
    except ValidationError as error:
        raise _wrong(error) from None


async def _read(request: Request, most: int) -> bytes:
    said = f"the body is larger than {most:,} bytes, the most that this server takes"
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and (len(declared) > 18 or int(declared) > most):
        raise ApiError(413, said, code="request_too_large")
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > most:
            raise ApiError(413, said, code="request_too_large", headers=CLOSE)
        parts.append(part)
    return b"".join(parts)


def _check_shape(value: Any) -> None:
    """`ApiError` 400 for more levels than what reads ``value`` later can go down, or for too many values."""
    level, left = [value], MOST_VALUES
    for _ in range(MOST_LEVELS):
        left -= len(level)
        inner = [list(one.values()) if isinstance(one, dict) else one for one in level]
        lists = [one for one in inner if isinstance(one, list)]
        if sum(map(len, lists)) > left:
            said = f"the body holds more than {MOST_VALUES:,} values; send fewer"
            raise ApiError(400, said, code="invalid_json")
        level = [item for one in lists for item in one]
        if not level:
            return
    said = f"the body is nested more than {MOST_LEVELS} levels deep"
    raise ApiError(400, said, code="invalid_json")


def _whole(value: Any) -> Any:
    """``value`` with U+FFFD for each lone surrogate: half a character, which nothing can encode."""
    if isinstance(value, str):
        return _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", value)
    if isinstance(value, dict):
        return {_whole(key): _whole(item) for key, item in value.items()}
    return [_whole(item) for item in value] if isinstance(value, list) else value


def _wrong(error: ValidationError) -> ApiError:
    """What is wrong, by its place; of values nothing is said."""
    found = error.errors(include_url=False, include_input=False)
    first = max(found, key=_depth)
    place = _place(first["loc"])
    param = _written(place) or None
    if first["type"] == "extra_forbidden":
        where = f" in {_written(place[:-1])}" if place[:-1] else ""
        named = f"no field {place[-1]!r}" if place[-1] != UNSPOKEN else "no such field"
        said = f"there is {named}{where}"
        return ApiError(400, said, code="unknown_parameter", param=param)
    if first["type"] == "missing":
        return ApiError(400, f"{param} is missing", code="missing_required_parameter", param=param)
    return ApiError(400, f"{param}: {_said(first)}", code="invalid_value", param=param)


def _depth(error: Any) -> tuple[int, bool]:
    """Of the branches of a union the one that went furthest tells what was meant."""
    return len(error["loc"]), error["type"] != "string_type"


def _said(error: Any) -> str:
    """What pydantic says, unless it would quote a value."""
    if error["type"] == "union_tag_invalid":
        return f"{error['ctx']['discriminator']} is none of {error['ctx']['expected_tags']}"
    return str(error["msg"][0].lower() + error["msg"][1:])


def _place(loc: Sequence[int | str]) -> list[int | str]:
    """The steps to a value without the names of a union's branches, which pydantic puts in between."""
    place: list[int | str] = []
    for before, step in zip((None, *loc), loc, strict=False):
        is_branch = isinstance(before, int) and place[-2:-1] in (["messages"], ["content"])
        if is_branch or (isinstance(step, str) and _BRANCH.search(step)):
            continue
        place.append(step if isinstance(step, int) or _NAME.fullmatch(step) else UNSPOKEN)
    return place


def _written(place: Sequence[int | str]) -> str:
    """``messages[0].content``."""
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in place)
    return "".join(steps).removeprefix(".")
