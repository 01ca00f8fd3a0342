"""Box `rewrite_mild`: edit what the gradient names, keep the rest word for word."""

from typing import Any

from langgraph.runtime import Runtime

from lance_graph.context import LanceContext
from lance_graph.refinement import arewrite, rewrite
from lance_graph.state import State


def rewrite_mild(state: State, runtime: Runtime[LanceContext]) -> dict[str, Any]:
    """x_(t+1) from x_t with the prompt file ``rewrite_mild`` (eq. 3)."""
    return rewrite(state, LanceContext.of(runtime), "rewrite_mild")


async def arewrite_mild(state: State, runtime: Runtime[LanceContext]) -> dict[str, Any]:
    """`rewrite_mild` for async runs."""
    return await arewrite(state, LanceContext.of(runtime), "rewrite_mild")
