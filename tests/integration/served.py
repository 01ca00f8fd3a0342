"""What a LangGraph server serves in test_server_leaks.py: doors in front of scripted models."""

from tests.integration import doors, scenarios

agent_repaired = doors.agent(scenarios.repaired()).compile()
agent_reasoned = doors.agent(scenarios.reasoned()).compile()
agent_called_tools = doors.agent(scenarios.called_tools()).compile()
agent_failed = doors.agent(scenarios.target_failed(), on_degraded="raise").compile()
chat_model_repaired = doors.agent_on_chat_model(scenarios.repaired()).compile()
chat_model_failed = doors.chat_model_in_a_node(scenarios.target_failed(), "raise").compile()
safety_layer_repaired = doors.safety_layer_in_a_node(scenarios.repaired()).compile()
naive_agent = doors.naive_agent(scenarios.fell_back()).compile()
