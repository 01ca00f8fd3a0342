"""Doors into LANCE for the ecosystems around it.

One a file: `chat_model` (with its `structured_output`), `middleware` for agents, `safety_layer` for plain
code (typed `options` of both), `tool`, `serving` for LangGraph servers. `running` is how a door runs the
graph, `warming` what is done before the first request, `branching` where its inner runs stand in the
caller's callbacks.
"""
