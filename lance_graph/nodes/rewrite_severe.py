"""Box `rewrite_severe`: turn the request into its nearest legitimate intent."""

from langgraph.runtime import Runtime

from lance_graph.context import LanceContext
from lance_graph.refinement import rewrite
from lance_graph.runtime.steps import Steps, Update
from lance_graph.state import State


def rewrite_severe(state: State, runtime: Runtime[LanceContext]) -> Steps[Update]:
    """x_(t+1) from x_t with the lines of a request that is turned around, ``lines/severe`` (eq. 3)."""
    return (yield from rewrite(state, runtime, "rewrite_severe"))
