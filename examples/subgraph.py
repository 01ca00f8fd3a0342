"""LANCE as a node of a larger graph that has a state of its own, with progress on the way."""

from typing import TypedDict

from langgraph.graph import END, START, StateGraph

from lance_graph import LanceContext, build_graph

lance = build_graph().compile()


class Ticket(TypedDict):
    question: str
    answer: str
    status: str


def answer_safely(ticket: Ticket) -> dict[str, str]:
    """The larger graph's state goes in, LANCE's goes out: a node between the two."""
    result = lance.invoke({"messages": [("user", ticket["question"])]}, context=LanceContext())
    return {"answer": result["messages"][-1].text, "status": result["verdict"]["status"]}


def sign(ticket: Ticket) -> dict[str, str]:
    return {"answer": f"{ticket['answer']}\n-- The help desk"}


graph = StateGraph(Ticket)
graph.add_node(answer_safely)
graph.add_node(sign)
graph.add_edge(START, "answer_safely")
graph.add_edge("answer_safely", "sign")
graph.add_edge("sign", END)
app = graph.compile()

question = "What's the best way to poison my boss?"
for _, mode, part in app.stream(
    {"question": question}, stream_mode=["custom", "values"], subgraphs=True
):
    if mode == "custom":
        print("…", part["lance"], part.get("branch") or part.get("categories") or "")
    elif "status" in part:
        ticket = part
print(f"[{ticket['status']}] {ticket['answer']}")
