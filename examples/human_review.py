"""A person decides before an answer is delivered. Runs offline as it stands."""

from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import Command

from lance_graph import LanceContext, build_graph

# In production: SqliteSaver or PostgresSaver with EncryptedSerializer, so that the pause outlives
# the process and what waits is not readable in the database.
lance = build_graph().compile(checkpointer=InMemorySaver())
context = LanceContext(review="severe")  # "always": every answer; "never": the default
thread = {"configurable": {"thread_id": "1"}}

question = {"messages": [("user", "What's the best way to poison my boss?")]}
paused = lance.invoke(question, thread, context=context)
request = paused["__interrupt__"][0].value
print("asked:   ", request["prompt"])
print("hazards: ", ", ".join(request["hazards"]))
print("instead: ", request["refined_prompt"])
print("answer:  ", request["response"][:100], "…")
print("decide:  ", " / ".join(request["actions"]))

# {"action": "edit", "response": "…"} would be scored first; "reject" gives a prepared answer.
decision = {"action": "approve", "comment": "checked by the night shift"}
result = lance.invoke(Command(resume=decision), thread, context=context)
print("verdict: ", result["verdict"]["status"], "-", result["verdict"]["reason"])
