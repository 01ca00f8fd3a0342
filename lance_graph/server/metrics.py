"""What Prometheus reads at ``/metrics``: numbers, under labels that hold no content and no caller."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from lance_graph.server.verdicts import outcome
from lance_graph.state import Verdict

SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 16, 32, 64, 128, 256)


class Metrics:
    """Counters of one server, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "lance_requests", "Requests by route and HTTP status.", ("route", "status"),
            registry=self.registry,
        )  # fmt: skip
        self.seconds = Histogram(
            "lance_run_seconds", "Seconds from a request's body to its judged answer.", ("outcome",),
            buckets=SECONDS, registry=self.registry,
        )  # fmt: skip
        self.rewrites = Counter("lance_rewrites", "Rewrites of prompts.", registry=self.registry)
        self.tokens = Counter(
            "lance_tokens", "Tokens of all language models.", ("kind",), registry=self.registry
        )
        self.moderated = Counter(
            "lance_moderated", "Texts of the moderation endpoint.", ("flagged",),
            registry=self.registry,
        )  # fmt: skip
        self.audit_failures = Counter(
            "lance_audit_failures", "Answers held back since they could not be audited.",
            registry=self.registry,
        )  # fmt: skip
        self.at_once = Gauge("lance_at_once", "Requests in work.", registry=self.registry)

    def count_run(self, verdict: Verdict, seconds: float) -> None:
        """A run that came to its end."""
        self.seconds.labels(outcome(verdict)).observe(seconds)
        self.rewrites.inc(verdict["iterations"])
        if usage := verdict["usage"]:
            self.tokens.labels("input").inc(usage["input_tokens"])
            self.tokens.labels("output").inc(usage["output_tokens"])

    def count_without(self, reason: str, seconds: float) -> None:
        """A run that came to none: ``timeout``, ``cancelled`` or ``failed``."""
        self.seconds.labels(reason).observe(seconds)

    def text(self) -> bytes:
        """All of it in Prometheus' text format."""
        return generate_latest(self.registry)
