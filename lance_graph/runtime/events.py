"""Progress on the custom stream and in spans: what happens now, in counts and names, without any content."""

from typing import Any, Literal

from langgraph.runtime import Runtime

from lance_graph.runtime.tracing import annotate

Event = Literal["scored", "routed", "rewriting", "answering", "delivered"]


def emit(runtime: Runtime[Any], event: Event, **fields: Any) -> None:
    """Write ``{"lance": event, **fields}`` to ``stream_mode="custom"``; nothing where nobody listens.

    The fields are told of the box's span, too.
    """
    annotate(**fields)
    runtime.stream_writer({"lance": event, **fields})
