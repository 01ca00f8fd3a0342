"""The graph as a LangGraph server loads it: a context with an unknown field is an error there, too.

The server drops the fields of a run's context that the graph's schema does not have, without a word:
``{"revew": "always"}`` would run unreviewed. It shows them to a factory before it does so.

Where the server's environment names a context file (`FILE`), every run has that context, and none
brings its own. Without, clients choose models and thresholds, but no files of the server
(`lance_graph.named_files`).
"""

import os
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from langgraph.graph.state import CompiledStateGraph

from lance_graph.context import OWNERS, LanceContext, check_client
from lance_graph.context_file import unknown_field
from lance_graph.graph import build_graph, graph
from lance_graph.model_options import spoken
from lance_graph.runtime.forking import ForkSafeLock

if TYPE_CHECKING:
    from langgraph_sdk.runtime import ServerRuntime

FILE = "LANCE_CONTEXT"
"""The variable of the environment that names the file of the server's one context."""
PLUMBING = ("__", "langgraph_", "checkpoint_", "x-")
"""How names begin that a client's ``configurable`` may hold beside the context, which are no settings."""
IDS = frozenset({"thread_id", "run_id", "graph_id", "assistant_id", "user_id", "cron_id", "lance"})


_Graph = CompiledStateGraph[Any, Any, Any, Any]
_reading = ForkSafeLock()


def serve(runtime: "ServerRuntime[Any]") -> _Graph:
    """The graph for one use of it by a server; ValueError for a context with unknown fields.

    With `FILE` in the environment its context is that of the file, read once; ValueError where it cannot
    be, and for a run that brings its own. The server resolves the annotations, and by that of
    ``runtime`` tells what to call this with.
    """
    context, path = getattr(runtime, "context", None), os.environ.get(FILE)
    if path is None:
        check_fields(context)
        return graph
    check_none(context)
    with _reading:
        return _with_file(path)


@lru_cache(maxsize=1)
def _with_file(path: str) -> _Graph:
    """The graph with the context of a file."""
    if not path.strip():
        raise ValueError(f"{FILE} is empty: name a context file in it, or unset it")
    try:
        context = LanceContext.from_file(path)
    except OSError as error:
        raise ValueError(f"{FILE}: '{path}' cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise ValueError(f"{FILE}: {error}") from None
    return build_graph(context).compile(name="lance")


def check_none(context: object) -> None:
    """ValueError names the first setting in a context, for the server's is fixed."""
    for name in context if isinstance(context, Mapping) else ():
        if not _is_plumbing(name):
            raise ValueError(
                f"context: this server's context is fixed ({FILE}); run it without {spoken(name)}"
            )


def _is_plumbing(name: object) -> bool:
    return name in IDS or str(name).startswith(PLUMBING)


def check_fields(context: object) -> None:
    """ValueError names the first field that `LanceContext` does not have, and one that is alike.

    Also what no client may set: with an address of its own a client would be sent the server's key, with a
    path of its own it would have the server read a file.
    """
    if not isinstance(context, Mapping):
        return
    known = [name for name in LanceContext.model_fields if name not in OWNERS]
    check_client(context)
    for name in context:
        if name in known or name in OWNERS or _is_plumbing(name):
            continue
        raise ValueError(f"context: {unknown_field(str(name), known)}")
