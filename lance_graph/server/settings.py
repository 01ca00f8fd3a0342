"""What whoever runs the server decides beside the context: names, limits, and what clients may set."""

from dataclasses import dataclass
from math import isfinite

from lance_graph.integrations.running import OnDegraded, check_on_degraded
from lance_graph.routing import Thresholds
from lance_graph.server.requests import PASSABLE


@dataclass(frozen=True)
class Settings:
    """Limits of a server; ValueError names one that cannot be.

    ``names`` are those under which clients ask for the one model that there is. ``max_body`` is in bytes,
    ``timeout`` the seconds from a request's body to its judged answer, ``keep_alive`` the seconds
    between two comments on a stream that waits. ``loosest`` is how far a client may raise thresholds;
    without it a client may only lower them. ``passed`` are parameters that the target knows though its class
    does not tell. ``page`` says whether there is the page at ``/``.
    """

    names: tuple[str, ...] = ("lance",)
    max_body: int = 4_000_000
    max_concurrent: int = 64
    timeout: float = 120.0
    keep_alive: float = 5.0
    on_degraded: OnDegraded = "raise"
    loosest: Thresholds | None = None
    passed: frozenset[str] = frozenset()
    page: bool = True

    def __post_init__(self) -> None:
        check_on_degraded(self.on_degraded)
        if not self.names or not all(self.names):
            raise ValueError("a model needs a name, such as names=('lance',)")
        for limit in ("max_body", "max_concurrent", "timeout", "keep_alive"):
            value = getattr(self, limit)
            if not isfinite(value) or value <= 0:
                raise ValueError(f"{limit} is {value}; it is a number above 0")
        if unknown := self.passed - PASSABLE:
            raise ValueError(
                f"passed: {min(unknown)!r} cannot be passed on; there are {', '.join(sorted(PASSABLE))}"
            )
