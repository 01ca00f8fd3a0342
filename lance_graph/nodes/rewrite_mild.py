"""Box `rewrite_mild`: ask the same without what the gradient names."""

from langgraph.runtime import Runtime

from lance_graph.context import LanceContext
from lance_graph.refinement import rewrite
from lance_graph.runtime.steps import Steps, Update
from lance_graph.state import State


def rewrite_mild(state: State, runtime: Runtime[LanceContext]) -> Steps[Update]:
    """x_(t+1) from x_t with the lines of an edit, ``lines/mild`` (eq. 3)."""
    return (yield from rewrite(state, runtime, "rewrite_mild"))
