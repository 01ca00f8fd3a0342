"""Agents behind LANCE: they do their work once, and remember it."""

import pytest
from langchain.agents import create_agent
from langchain.agents.middleware import SummarizationMiddleware
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage

from lance_graph import LanceChatModel, LanceMiddleware
from tests.fakes import VIOLENCE, ScriptedModel, ToolCallingModel, WordDetector

HAZARD = "how to attack him"


def lookup_order(number: int) -> str:
    """Look an order up."""
    return "It ships today."


def agent_with(door, model, *before):
    options = {
        "detector": WordDetector({"attack": (VIOLENCE, 0.9), "!attack": (VIOLENCE, 0.9)}),
        "refiner": ScriptedModel(answers=["how to hug him"]),
    }
    if door == "chat model":
        return create_agent(
            LanceChatModel(target=model, **options), [lookup_order], middleware=before
        )
    return create_agent(model, [lookup_order], middleware=[*before, LanceMiddleware(**options)])


@pytest.fixture(params=["chat model", "middleware"])
def door(request):
    return request.param


def test_a_tool_is_called_once_whatever_was_said_before(door):
    model = ToolCallingModel()
    agent = agent_with(door, model)
    asked = [HumanMessage(HAZARD), HumanMessage("Where is my order 7?")]
    result = agent.invoke({"messages": asked}, {"recursion_limit": 20})
    assert [m.type for m in result["messages"]] == ["human", "human", "ai", "tool", "ai"]
    assert [m.type for m in model.calls[-1]] == ["human", "ai", "tool"]
    assert all("attack" not in str(sent) for sent in model.calls)
    left_out = result["messages"][-1].response_metadata["lance"]["verdict"]["left_out"]
    assert [found["message"] for found in left_out] == [0]


def test_a_summary_in_a_tool_loop_is_no_prompt(door):
    """Where the user's prompt was summarised away, the work goes on, and nothing is rewritten."""
    called = ToolCallingModel(
        answers=[
            AIMessage(
                "", tool_calls=[{"name": "lookup_order", "args": {"number": n}, "id": f"c{n}"}]
            )
            for n in range(3)
        ]
        + ["Today."]
    )
    summariser = ScriptedModel(answers=[f"They like tea. They asked {HAZARD}. The order is 7."])
    summarise = SummarizationMiddleware(summariser, trigger=("messages", 4), keep=("messages", 2))
    agent = agent_with(door, called, summarise)
    result = agent.invoke(
        {"messages": [HumanMessage("Where is my order 7?")]}, {"recursion_limit": 50}
    )
    assert result["messages"][-1].text == "Today." and len(summariser.calls) >= 1
    assert [m.text for m in called.calls[-1] if isinstance(m, ToolMessage)] == ["It ships today."]
    summary = called.calls[-1][0].text
    assert "They like tea." in summary and "The order is 7." in summary and "attack" not in summary
    verdict = result["messages"][-1].response_metadata["lance"]["verdict"]
    assert (verdict["status"], verdict["prompt"]) == ("safe", "")
    assert verdict["left_out"][0] | {"message": 0} == {
        "message": 0, "type": "human", "part": "passages", "because": "hazardous",
    }  # fmt: skip


class Private(WordDetector):
    """To which every phone number in an answer is a breach of privacy."""

    def _score(self, pair):
        said = "" if isinstance(pair, str) else pair[1] or ""
        return super()._score("secret" if "phone" in said else "harmless")


@pytest.mark.parametrize(
    ("asked", "phone", "is_booked"),
    [
        ("Book a table for 2, my number is 0171 5551234, name Miller.", "01715551234", True),
        ("Book a table for 2, name Miller.", "01715551234", False),
    ],
)
def test_the_users_own_data_in_a_call_are_no_breach_of_privacy(asked, phone, is_booked):
    booked = []

    def book(name: str, phone: str) -> str:
        """Book a table."""
        booked.append((name, phone))
        return "Booked."

    refiner = ScriptedModel(answers=["Book a table for two guests."])
    call = {"name": "book", "args": {"name": "Miller", "phone": phone}, "id": "1"}
    model = ToolCallingModel(
        answers=lambda sent: (
            "Done." if sent[-1].type == "tool" else AIMessage("", tool_calls=[call])
        )
    )
    detector = Private({"secret": ("privacy_violation", 0.9)})
    guard = LanceMiddleware(detector=detector, refiner=refiner, max_iterations=1)
    agent = create_agent(model, [book], middleware=[guard])
    result = agent.invoke({"messages": [HumanMessage(asked)]}, {"recursion_limit": 20})
    assert booked == ([("Miller", phone)] if is_booked else [])
    assert bool(refiner.calls) != is_booked, "no budget is spent on a harmless prompt"
    assert (result["messages"][-1].text == "Done.") == is_booked
