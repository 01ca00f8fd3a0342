"""Progress on the custom stream: what happens now, in counts and names, without any content."""

from typing import Any, Literal

from langgraph.runtime import Runtime

Event = Literal["scored", "routed", "rewriting", "answering", "delivered"]


def emit(runtime: Runtime[Any], event: Event, **fields: Any) -> None:
    """Write ``{"lance": event, **fields}`` to ``stream_mode="custom"``; nothing where nobody listens."""
    runtime.stream_writer({"lance": event, **fields})
