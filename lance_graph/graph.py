"""The state machine. It reads like its drawing: every box is a function in a file of its name."""

from langgraph.graph import END, START, StateGraph

from lance_graph.context import LanceContext
from lance_graph.nodes.ask_again import ask_again
from lance_graph.nodes.deliver import deliver
from lance_graph.nodes.fall_back import fall_back
from lance_graph.nodes.generate_response import generate_response
from lance_graph.nodes.open_turn import open_turn
from lance_graph.nodes.review import review
from lance_graph.nodes.rewrite_mild import rewrite_mild
from lance_graph.nodes.rewrite_severe import rewrite_severe
from lance_graph.nodes.score_risk import score_risk
from lance_graph.routing import AfterReview, AfterScoring, next_branch
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
    graph.add_node("open_turn", node(open_turn, context, without_draft="run"))
    graph.add_node("score_risk", node(score_risk, context))
    graph.add_node("generate_response", node(generate_response, context))
    graph.add_node("ask_again", node(ask_again, context))
    graph.add_node("rewrite_mild", node(rewrite_mild, context))
    graph.add_node("rewrite_severe", node(rewrite_severe, context))
    graph.add_node("fall_back", node(fall_back, context, without_draft="run"))
    graph.add_node("review", node(review, context, without_draft="run"))
    graph.add_node("deliver", node(deliver, context, without_draft="restart"))

    graph.add_edge(START, "open_turn")
    graph.add_edge("open_turn", "score_risk")
    graph.add_conditional_edges("score_risk", route_risk)
    graph.add_edge("generate_response", "score_risk")
    graph.add_edge("ask_again", "score_risk")
    graph.add_edge("rewrite_mild", "score_risk")
    graph.add_edge("rewrite_severe", "score_risk")
    graph.add_conditional_edges("review", route_review)
    graph.add_edge("fall_back", END)
    graph.add_edge("deliver", END)
    return graph


def route_risk(state: State) -> AfterScoring:
    """Where eq. 1 leads (see `lance_graph.routing.next_branch`); a resumed run begins anew."""
    if not state.get("draft"):
        return "open_turn"
    if state["failure"] or state["declined"]:
        return "fall_back"
    finding = state["finding"]
    if finding is None:
        raise RuntimeError("nothing was scored; only score_risk leads here")
    return next_branch(finding)


def route_review(state: State) -> AfterReview:
    """Where the person's decision leads (see `lance_graph.review.ReviewDecision`)."""
    return "fall_back" if state.get("declined") else "open_turn"


graph = build_graph().compile(name="lance")
