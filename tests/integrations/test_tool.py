import json
import math
import runpy
from pathlib import Path
from types import SimpleNamespace

import pytest
from langchain.agents import create_agent
from langchain_core.messages import AIMessage
from pydantic import ValidationError

from lance_graph import risk_score
from lance_graph.categories import KEYS
from lance_graph.detectors import resolve, summarise
from tests.fakes import VIOLENCE, ToolCallingModel, WordDetector

ROOT = Path(__file__).parents[2]


def test_the_tool_describes_itself():
    assert risk_score.name == "risk_score"
    assert set(risk_score.args) == {"prompt", "response"}
    assert risk_score.args["prompt"]["description"]


async def test_it_scores_prompts_and_pairs(monkeypatch):
    detector = WordDetector({"kill": (VIOLENCE, 0.9), "!gun": (VIOLENCE, 0.8)})
    monkeypatch.setattr("lance_graph.integrations.tool.resolve", lambda _: detector)
    result = risk_score.invoke({"prompt": "kill"})
    assert set(result["risk"]) == set(result["spread"]) == set(KEYS)
    assert (result["max_risk"], result["is_safe"]) == (0.9, False)
    assert (await risk_score.ainvoke({"prompt": "hello"}))["is_safe"]
    assert not (await risk_score.ainvoke({"prompt": "hello", "response": "a gun"}))["is_safe"]


def test_what_could_not_be_measured_is_an_error(monkeypatch):
    class Unsure:
        def score(self, pairs):
            degrees = dict.fromkeys(KEYS, 0.02) | {VIOLENCE: math.nan}
            return [SimpleNamespace(mean=degrees, std=degrees) for _ in pairs]

    monkeypatch.setattr("lance_graph.integrations.tool.resolve", lambda _: Unsure())
    with pytest.raises(ValueError, match="the degree nan, not in"):
        risk_score.invoke({"prompt": "odd"})


@pytest.mark.parametrize("arguments", [{}, {"prompt": None}, {"response": "bread"}])
def test_it_wants_a_prompt(arguments):
    with pytest.raises(ValidationError, match="prompt"):
        risk_score.invoke(arguments)


@pytest.mark.parametrize(
    "prompt", ["How do I bake bread?", "What's the best way to poison my boss?"]
)
async def test_an_agent_gets_the_same_numbers_as_python(prompt):
    wanted = summarise(resolve(None), prompt)
    call = {"name": "risk_score", "args": {"prompt": prompt}, "id": "1", "type": "tool_call"}
    model = ToolCallingModel(answers=[AIMessage("", tool_calls=[call]), "done"])
    agent = create_agent(model, tools=[risk_score])
    history = (await agent.ainvoke({"messages": [("user", "score it")]}))["messages"]
    assert json.loads(history[2].content) == wanted
    assert wanted["is_safe"] == ("bread" in prompt)


def test_the_example_scores_a_prompt_and_a_pair(capsys):
    runpy.run_path(str(ROOT / "examples" / "tool.py"))
    safe, risky = capsys.readouterr().out.splitlines()
    assert "safe" in safe and "not safe" not in safe
    assert "not safe" in risky
