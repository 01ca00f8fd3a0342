"""What the requests of one server share: its context, keys, limits, counters and logs."""

import asyncio
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from starlette.requests import Request

from lance_graph.context import LanceContext
from lance_graph.conversation.turns import answer_text
from lance_graph.detectors import resolve
from lance_graph.integrations.running import SafeAnswer
from lance_graph.integrations.warming import warm_up
from lance_graph.runtime.failures import report
from lance_graph.runtime.threads import in_thread
from lance_graph.server import verdicts
from lance_graph.server.errors import ApiError
from lance_graph.server.gate import Gate, Slots
from lance_graph.server.keys import Key
from lance_graph.server.logs import Audit, digest
from lance_graph.server.metrics import Metrics
from lance_graph.server.settings import Settings

logger = logging.getLogger(__name__)


FIRST_PAUSE, LONGEST_PAUSE = 5.0, 60.0
"""Seconds between warm-ups that failed."""


@dataclass
class Service:
    """One server; ``contexts`` are those of keys that have one of their own, by id."""

    context: LanceContext
    settings: Settings
    gate: Gate
    contexts: Mapping[str, LanceContext] = field(default_factory=dict)
    audit: Audit | None = None
    metrics: Metrics = field(default_factory=Metrics)
    ready: bool = False
    created: int = field(default_factory=lambda: int(time.time()))

    def __post_init__(self) -> None:
        self.slots = Slots(self.settings.max_concurrent)
        for context in (self.context, *self.contexts.values()):
            if context.may_pause:
                raise ValueError(
                    f"{context.pausing} pauses a run for a person, and no request can be resumed: leave it "
                    "out, or use build_graph().compile(checkpointer=…)"
                )

    def context_of(self, key: Key) -> LanceContext:
        """The context of whoever asks."""
        return self.contexts.get(key.id, self.context)

    async def warm_up(self) -> None:
        """Load the models and score one text with each detector; `ready` is set if all of that worked."""
        try:
            for context in (self.context, *self.contexts.values()):
                await _warmed(context)
        except Exception as error:  # noqa: BLE001 - a server that is not ready says so
            report("warm-up of the server", error, reveal=self.context.reveal_drafts)
        else:
            self.ready = True
            logger.info("ready")

    async def keep_warming(self) -> None:
        """`warm_up`, again and again until it worked: what it needs may come up after this server."""
        pause = FIRST_PAUSE
        while True:
            await self.warm_up()
            if self.ready:
                return
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    def check_ready(self) -> None:
        """`ApiError` 503 before the warm-up has ended well."""
        if not self.ready:
            raise ApiError(
                503, "this server is not ready yet", kind="server_error", code="not_ready",
                headers={"Retry-After": "1"},
            )  # fmt: skip

    def check_name(self, given: str) -> None:
        """`ApiError` 404 for a model of another name."""
        if given not in self.settings.names:
            there_are = ", ".join(map(repr, self.settings.names))
            raise ApiError(
                404, f"there is no model of that name here, only {there_are}", code="model_not_found",
                param="model",
            )  # fmt: skip

    def note_run(self, key: Key, request: str, answered: SafeAnswer, seconds: float) -> None:
        """Count and audit a run; `ApiError` 500 where it cannot be audited."""
        verdict = answered.verdict
        self.metrics.count_run(verdict, seconds)
        self._audit(
            key=key.id,
            request=request,
            status=verdict["status"],
            categories=verdicts.judged_risky(verdict),
            initial_degrees=verdict["initial_risk"],
            degrees=verdict["risk"],
            seconds=round(seconds, 3),
            prompt_sha256=digest(verdict["prompt"]),
            answer_sha256=digest(answer_text(answered.message)),
        )

    def note_without(self, key: Key, request: str, reason: str, seconds: float) -> None:
        """Count and audit a run that came to no answer."""
        self.metrics.count_without(reason, seconds)
        self._audit(key=key.id, request=request, status=reason, seconds=round(seconds, 3))

    def note_moderated(self, key: Key, request: str, texts: list[str], found: list[Any]) -> None:
        """Count and audit texts that were scored alone."""
        for text, result in zip(texts, found, strict=True):
            self.metrics.moderated.labels(str(result["flagged"]).lower()).inc()
            lance = result["lance"]
            self._audit(
                key=key.id,
                request=request,
                status="flagged" if result["flagged"] else "not_flagged",
                categories=[name for name, flag in lance["categories"].items() if flag],
                degrees=lance["degrees"],
                prompt_sha256=digest(text),
            )

    def _audit(self, **fields: Any) -> None:
        if self.audit is None:
            return
        try:
            self.audit.write(**fields)
        except Exception as error:  # noqa: BLE001 - whatever it is, nothing goes out
            report("audit log", error)
            self.metrics.audit_failures.inc()
            message = "the audit log cannot be written, and nothing is delivered without it"
            raise ApiError(500, message, kind="server_error", code="audit_failed") from None


async def _warmed(context: LanceContext) -> None:
    """`lance_graph.integrations.warming.warm_up`, which scores whatever the context would not."""
    if context.foreign_guard:
        await in_thread(partial(resolve, context.foreign_guard))
    judging = {"mode": "enforce", "screening": "prompt", "guard_input": True, "guard_answer": True}
    await in_thread(partial(warm_up, context.model_copy(update=judging)))


def service_of(request: Request) -> Service:
    """The service that a request came to."""
    service: Service = request.app.state.lance
    return service
