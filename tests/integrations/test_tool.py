from lance_graph import risk_score
from lance_graph.categories import KEYS
from tests.fakes import VIOLENCE, WordDetector


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
