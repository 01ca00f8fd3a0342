"""The words on the graph's conditional edges: when a router takes which."""

from langchain_core.runnables.graph import Graph

WORDS = {
    ("score_risk", "generate_response"): "safe prompt",
    ("score_risk", "ask_again"): "only the answer",
    ("score_risk", "rewrite_mild"): "minor, mild",
    ("score_risk", "rewrite_severe"): "severe",
    ("score_risk", "fall_back"): "budget spent, or failure",
    ("score_risk", "deliver"): "safe pair",
    ("score_risk", "review"): "a person decides",
    ("score_risk", "open_turn"): "resumed after a crash",
    ("review", "fall_back"): "reject",
    ("review", "open_turn"): "approve, edit, retry",
}
"""By box and branch; a test holds that every conditional edge has its words."""


def with_words(graph: Graph) -> Graph:
    """The same drawing with `WORDS` on its conditional edges, in the order in which boxes were added."""
    places = {name: place for place, name in enumerate(graph.nodes)}
    edges = [edge._replace(data=WORDS.get((edge.source, edge.target))) for edge in graph.edges]
    edges.sort(key=lambda edge: (places[edge.source], places[edge.target]))
    return Graph(nodes=graph.nodes, edges=edges)
