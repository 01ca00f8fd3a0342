"""Box `rewrite_severe`: turn the request into its nearest legitimate intent."""

from typing import Any

from langgraph.runtime import Runtime

from lance_graph.context import LanceContext
from lance_graph.refinement import arewrite, rewrite
from lance_graph.state import State


def rewrite_severe(state: State, runtime: Runtime[LanceContext]) -> dict[str, Any]:
    """x_(t+1) from x_t with the prompt file ``rewrite_severe`` (eq. 3)."""
    return rewrite(state, LanceContext.of(runtime), "rewrite_severe")


async def arewrite_severe(state: State, runtime: Runtime[LanceContext]) -> dict[str, Any]:
    """`rewrite_severe` for async runs."""
    return await arewrite(state, LanceContext.of(runtime), "rewrite_severe")
