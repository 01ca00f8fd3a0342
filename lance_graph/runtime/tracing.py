"""Spans for OpenTelemetry: names, counts, degrees and types of errors; no prompt, draft, answer or message.

A tracer provider is set by somebody who imported `opentelemetry.trace`. Where nobody did, nothing is
imported here and nothing happens; where no provider is set, OpenTelemetry's own no-op spans take its
place. An error is told by its type, for `record_exception` would quote it. Names are those of the GenAI
semantic conventions 1.41 (in development), and ``lance.…`` beside them.
"""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from typing import Any, Literal

from langgraph.errors import GraphBubbleUp

from lance_graph.runtime.failures import type_name

SCOPE = "lance_graph"
OTHER = "_OTHER"
"""The provider of a model that was given without one."""
Kind = Literal["INTERNAL", "SERVER", "CLIENT"]
Span = Any
"""A span of OpenTelemetry's; None where nobody has imported it."""


def _api() -> Any:
    """`opentelemetry.trace`, whole, where somebody has imported it: an import under way is waited for."""
    name = "opentelemetry.trace"
    return import_module(name) if name in sys.modules else None


@contextmanager
def span(
    name: str,
    *,
    kind: Kind = "INTERNAL",
    headers: Mapping[str, str] | None = None,
    **fields: Any,
) -> Iterator[Span]:
    """What is done inside, as a span with ``fields`` (see `annotate`); ``headers`` may name its parent."""
    api = _api()
    if api is None:
        yield None
        return
    parent = import_module("opentelemetry.propagate").extract(headers) if headers else None
    with api.get_tracer(SCOPE).start_as_current_span(
        name, parent, api.SpanKind[kind], record_exception=False, set_status_on_exception=False
    ) as current:
        annotate(current, **fields)
        try:
            yield current
        except GraphBubbleUp:  # a pause, and no error
            raise
        except Exception as error:
            failed(current, type_name(error))
            raise


@contextmanager
def workflow(**fields: Any) -> Iterator[Span]:
    """One run of the graph behind a door."""
    with span("invoke_workflow lance", **fields) as current:
        tell(current, {"gen_ai.operation.name": "invoke_workflow", "gen_ai.workflow.name": "lance"})
        yield current


def annotate(current: Span = None, /, **fields: Any) -> None:
    """Put ``lance.FIELD`` on a span, the current one unless told; what is None is left out.

    For names, numbers and lists of names: what a text says is no field of a span.
    """
    if current is None and (api := _api()):
        current = api.get_current_span()
    tell(current, {f"lance.{name}": value for name, value in fields.items()})


def tell(current: Span, named: Mapping[str, Any]) -> None:
    """Put attributes on a span; what is None is left out."""
    if current is not None:
        current.set_attributes({name: value for name, value in named.items() if value is not None})


def failed(current: Span, error_type: str) -> None:
    """Say that what a span stands for has failed, and with what type of error."""
    if current is not None:
        current.set_attribute("error.type", error_type)
        current.set_status(_api().StatusCode.ERROR)


def begin_call(model: str) -> Span:
    """A span for one call of a chat model, by the name that the caller configured; `end_call` ends it."""
    api = _api()
    if api is None:
        return None
    provider, given, name = model.partition(":")
    if not given:
        provider, name = OTHER, model
    told = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": provider,
        "gen_ai.request.model": name,
    }
    kind = api.SpanKind.CLIENT
    return api.get_tracer(SCOPE).start_span(f"chat {name}", kind=kind, attributes=told)


def end_call(
    current: Span, used: Mapping[str, Any] | None = None, error: BaseException | None = None
) -> None:
    """End a call's span with the tokens that were used, or with the type of the error."""
    if current is None:
        return
    if used is not None:
        tell(
            current,
            {f"gen_ai.usage.{kind}": used[kind] for kind in ("input_tokens", "output_tokens")},
        )
    if error is not None:
        failed(current, type_name(error))
    current.end()
