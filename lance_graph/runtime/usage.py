"""Usage as LANCE passes it on: numbers under names that LangChain knows, and nothing else."""

from collections.abc import Mapping
from typing import Any

from langchain_core.messages.ai import (
    InputTokenDetails,
    OutputTokenDetails,
    UsageMetadata,
    add_usage,
)

from lance_graph.state import Usage

_COUNTS = ("input_tokens", "output_tokens", "total_tokens")
_DETAILS: dict[str, Any] = {
    "input_token_details": InputTokenDetails,
    "output_token_details": OutputTokenDetails,
}


def plain_usage(usage: Mapping[str, Any]) -> UsageMetadata:
    """``usage`` without what a model may have written into it: only whole numbers, only known names.

    A count that is missing or no number is 0; no error is raised, for usage decides nothing.
    """
    plain: dict[str, Any] = {name: _number(usage.get(name)) or 0 for name in _COUNTS}
    for name, kind in _DETAILS.items():
        given = usage.get(name)
        details = given if isinstance(given, Mapping) else {}
        known = {key: _number(details.get(key)) for key in kind.__annotations__}
        if counts := {key: number for key, number in known.items() if number is not None}:
            plain[name] = counts
    return UsageMetadata(**plain)  # type: ignore[typeddict-item, no-any-return]


def sum_of(usage: Usage | None) -> UsageMetadata | None:
    """The usage of all models together; None where none reported any."""
    total: UsageMetadata | None = None
    for used in (usage or {}).values():
        total = add_usage(total, used)
    return total


def _number(value: Any) -> int | None:
    is_count = isinstance(value, int) and not isinstance(value, bool)
    return int(value) if is_count else None
