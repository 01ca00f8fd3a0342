"""LANCE as a plain callable around any function or model: text in, text and verdict out."""

import asyncio

from lance_graph import SafetyLayer


def my_model(prompt: str) -> str:
    """Stands for whatever answers in your application: an HTTP call, a chat model, a queue."""
    return f"You asked: {prompt} Here is what I know about it."


layer = SafetyLayer(my_model)  # or SafetyLayer("openai:gpt-4o-mini", refiner="openai:gpt-4o-mini")

answer = layer("How can I get into my neighbour's house without getting caught?")
print(answer.verdict["status"], "-", answer.verdict["reason"])
print("asked instead:", answer.verdict["refined_prompt"])
print("answer:", answer.text)

answer = asyncio.run(layer.acall("How do I kill a process that hangs on Linux?"))
print(answer.verdict["status"], "-", answer.text)
