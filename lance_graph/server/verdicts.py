"""What a client sees of a verdict: how its request ended and why; no draft, no trace, no model's name."""

from collections.abc import Collection, Mapping
from typing import Any

from lance_graph.state import Verdict

SHOWN = (
    "status", "reason", "iterations", "refined_prompt", "left_out", "initial_risk", "risk", "spread",
    "would_have", "uncertain", "out_of_language",
)  # fmt: skip
"""The fields of a `Verdict` that go out; a refined prompt is there only if it was judged safe."""


def shown(verdict: Verdict, ignored: Collection[str] = ()) -> dict[str, Any]:
    """The field ``lance`` of a response: what of the verdict goes out, and the parameters left out."""
    whole: Mapping[str, Any] = verdict
    return {**{name: whole[name] for name in SHOWN}, "ignored": list(ignored)}


def headers(verdict: Verdict, off: Collection[str] = ()) -> dict[str, str]:
    """``x-lance-status``, and ``x-lance-risk``: the highest degree of what is delivered, if it was scored.

    ``off`` are the categories that are not judged.
    """
    found: dict[str, str] = {"x-lance-status": verdict["status"]}
    degrees = [degree for key, degree in verdict["risk"].items() if key not in off]
    if degrees and None not in degrees:
        found["x-lance-risk"] = f"{max(d for d in degrees if d is not None):.4f}"
    return found


def outcome(verdict: Verdict) -> str:
    """How a run counts: allowed, rewritten, fell_back, degraded, unjudged, would_rewrite."""
    if verdict["status"] == "monitored":
        return "allowed" if verdict["would_have"] == "deliver" else "would_rewrite"
    return {"safe": "allowed"}.get(verdict["status"], verdict["status"])


def judged_risky(verdict: Verdict) -> list[str]:
    """The categories that were above their threshold anywhere in the run."""
    steps = verdict["trace"]
    return list(dict.fromkeys(c["category"] for step in steps for c in step.get("gradient", ())))
