"""The state machine. It reads like its drawing: every box is a function in a file of its name."""

from langgraph.graph import END, START, StateGraph

from lance_graph.context import LanceContext
from lance_graph.nodes.deliver import deliver
from lance_graph.nodes.fall_back import fall_back
from lance_graph.nodes.generate_response import generate_response
from lance_graph.nodes.review import review
from lance_graph.nodes.rewrite_mild import rewrite_mild
from lance_graph.nodes.rewrite_severe import rewrite_severe
from lance_graph.nodes.score_risk import score_risk
from lance_graph.routing import AfterReview, Branch
from lance_graph.runtime.steps import node
from lance_graph.state import InputState, OutputState, State

Builder = StateGraph[State, LanceContext, InputState, OutputState]


def build_graph(context: LanceContext | None = None) -> Builder:
    """LANCE as an uncompiled graph: compile it with the checkpointer, store and cache you want.

    With a ``context`` every run has that one, and a run that brings its own is an error: for servers
    whose clients must not choose models, thresholds or modes.
    """
    graph: Builder = StateGraph(
        State,
        None if context else LanceContext,
        input_schema=InputState,
        output_schema=OutputState,
    )
    graph.add_node("score_risk", node(score_risk, context))
    graph.add_node("generate_response", node(generate_response, context))
    graph.add_node("rewrite_mild", node(rewrite_mild, context))
    graph.add_node("rewrite_severe", node(rewrite_severe, context))
    graph.add_node("fall_back", node(fall_back, context))
    graph.add_node("review", node(review, context))
    graph.add_node("deliver", node(deliver, context))

    graph.add_edge(START, "score_risk")
    graph.add_conditional_edges("score_risk", route_risk)
    graph.add_edge("generate_response", "score_risk")
    graph.add_edge("rewrite_mild", "score_risk")
    graph.add_edge("rewrite_severe", "score_risk")
    graph.add_conditional_edges("review", route_review)
    graph.add_edge("fall_back", END)
    graph.add_edge("deliver", END)
    return graph


def route_risk(state: State) -> Branch:
    """The branch that `score_risk` chose (eq. 1; see `lance_graph.routing.choose_branch`)."""
    return state["branch"]


def route_review(state: State) -> AfterReview:
    """Where the person's decision leads (see `lance_graph.review.ReviewDecision`)."""
    return state["branch"]  # type: ignore[return-value]


graph = build_graph().compile(name="lance")
