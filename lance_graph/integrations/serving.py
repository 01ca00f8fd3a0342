"""The graph as a LangGraph server loads it: a context with an unknown field is an error there, too.

The server drops the fields of a run's context that the graph's schema does not have, without a word:
``{"revew": "always"}`` would run unreviewed. It shows them to a factory before it does so.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from langgraph.graph.state import CompiledStateGraph

from lance_graph.context import OWNERS, LanceContext, check_owners
from lance_graph.context_file import unknown_field
from lance_graph.graph import graph

if TYPE_CHECKING:
    from langgraph_sdk.runtime import ServerRuntime

PLUMBING = ("__", "langgraph_", "checkpoint_", "x-")
"""How names begin that a client's ``configurable`` may hold beside the context, which are no settings."""
IDS = frozenset({"thread_id", "run_id", "graph_id", "assistant_id", "user_id", "cron_id", "lance"})


def serve(runtime: "ServerRuntime[Any]") -> CompiledStateGraph[Any, Any, Any, Any]:
    """The graph for one use of it by a server; ValueError for a context with unknown fields.

    The server resolves the annotations, and by that of ``runtime`` tells what to call this with.
    """
    check_fields(getattr(runtime, "context", None))
    return graph


def check_fields(context: object) -> None:
    """ValueError names the first field that `LanceContext` does not have, and one that is alike.

    Also one that no client may set: with an address of its own a client would be sent the server's key.
    """
    if not isinstance(context, Mapping):
        return
    known = [name for name in LanceContext.model_fields if name not in OWNERS]
    check_owners(context)
    for name in context:
        if name in known or name in OWNERS or name in IDS or str(name).startswith(PLUMBING):
            continue
        raise ValueError(f"context: {unknown_field(str(name), known)}")
