"""Who may come in, how often, and how many at a time."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import ip_address

from starlette.requests import Request

from lance_graph.server.errors import ApiError, too_many
from lance_graph.server.keys import Key, owner

_HOST = re.compile(r"(?:\[([0-9A-Fa-f:.]{2,45})\]|([A-Za-z0-9.\-]{1,253}))(?::\d{1,5})?")
NOBODY = Key("-", "")
"""Whoever comes where no keys are asked for."""


@dataclass
class Gate:
    """The door of a server: with keys for their owners, without for this machine alone."""

    keys: tuple[Key, ...] = ()
    clock: Callable[[], float] = time.monotonic
    _left: dict[str, tuple[float, float]] = field(default_factory=dict)

    def known(self, request: Request) -> Key:
        """Who asks; `ApiError` 401 for a key that is none, 403 without keys for another machine."""
        if not self.keys:
            _check_here(request)
            return NOBODY
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        found = owner(self.keys, given.strip()) if scheme.lower() == "bearer" else None
        if found is None:
            raise ApiError(
                401,
                "no key of this server: send one in the header Authorization, as Bearer KEY",
                code="invalid_api_key",
                headers={"WWW-Authenticate": "Bearer"},
            )
        return found

    def count(self, key: Key) -> None:
        """Count one request; `ApiError` 429 where a key has had its share of this minute.

        A bucket of as many requests as a minute allows, which fills at that rate.
        """
        if key.per_minute is None:
            return
        now = self.clock()
        left, since = self._left.get(key.id, (key.per_minute, now))
        left = min(key.per_minute, left + (now - since) * key.per_minute / 60)
        if left < 1:
            self._left[key.id] = (left, now)
            wait = (1 - left) * 60 / key.per_minute
            raise too_many("too many requests with this key", wait, "rate_limit_exceeded")
        self._left[key.id] = (left - 1, now)


@dataclass
class Slots:
    """How many requests are in work at a time."""

    most: int
    taken: int = 0

    @contextmanager
    def one(self) -> Iterator[None]:
        """A place for one request; `ApiError` 429 where all are taken."""
        if self.taken >= self.most:
            raise too_many("too many requests at once; try again", 1, "too_many_at_once")
        self.taken += 1
        try:
            yield
        finally:
            self.taken -= 1


def is_loopback(host: str) -> bool:
    """Whether a name or an address is that of this machine for itself."""
    if host == "localhost":
        return True
    try:
        return ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False


def _check_here(request: Request) -> None:
    """`ApiError` 403 for another machine, and for a page that reached this one under its own name."""
    client = request.client.host if request.client else ""
    host = _HOST.fullmatch(request.headers.get("host", ""))
    named = (host[1] or host[2]).lower() if host else ""
    if not (is_loopback(client) and is_loopback(named)):
        raise ApiError(
            403,
            "this server has no keys and answers its own machine alone, under localhost or 127.0.0.1",
            code="loopback_only",
        )
