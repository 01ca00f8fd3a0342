"""The state machine. It reads like its drawing: every box is a function in a file of its name."""

from collections.abc import Awaitable, Callable
from typing import Any

from langchain_core.runnables import RunnableLambda
from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime, get_runtime

from lance_graph.context import LanceContext
from lance_graph.nodes.deliver import deliver
from lance_graph.nodes.fall_back import fall_back
from lance_graph.nodes.generate_response import agenerate_response, generate_response
from lance_graph.nodes.rewrite_mild import arewrite_mild, rewrite_mild
from lance_graph.nodes.rewrite_severe import arewrite_severe, rewrite_severe
from lance_graph.nodes.score_risk import score_risk
from lance_graph.routing import Branch
from lance_graph.state import InputState, OutputState, State

Node = Callable[[State, Runtime[LanceContext]], dict[str, Any]]
AsyncNode = Callable[[State, Runtime[LanceContext]], Awaitable[dict[str, Any]]]
Builder = StateGraph[State, LanceContext, InputState, OutputState]


def build_graph() -> Builder:
    """LANCE as an uncompiled graph: compile it with the checkpointer, store and cache you want."""
    graph: Builder = StateGraph(
        State, LanceContext, input_schema=InputState, output_schema=OutputState
    )
    graph.add_node(score_risk)
    graph.add_node("generate_response", both(generate_response, agenerate_response))
    graph.add_node("rewrite_mild", both(rewrite_mild, arewrite_mild))
    graph.add_node("rewrite_severe", both(rewrite_severe, arewrite_severe))
    graph.add_node(fall_back)
    graph.add_node(deliver)

    graph.add_edge(START, "score_risk")
    graph.add_conditional_edges("score_risk", route_risk)
    graph.add_edge("generate_response", "score_risk")
    graph.add_edge("rewrite_mild", "score_risk")
    graph.add_edge("rewrite_severe", "score_risk")
    graph.add_edge("fall_back", END)
    graph.add_edge("deliver", END)
    return graph


def route_risk(state: State) -> Branch:
    """The branch that `score_risk` chose (eq. 1; see `lance_graph.routing.choose_branch`)."""
    return state["branch"]


def both(node: Node, anode: AsyncNode) -> RunnableLambda[State, dict[str, Any]]:
    """One box with a sync and an async function: nodes that wait for a model have both."""

    def run(state: State) -> dict[str, Any]:
        return node(state, get_runtime(LanceContext))

    async def arun(state: State) -> dict[str, Any]:
        return await anode(state, get_runtime(LanceContext))

    return RunnableLambda(run, arun, name=node.__name__)


graph = build_graph().compile(name="lance")
