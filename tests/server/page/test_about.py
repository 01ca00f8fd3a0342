"""What the page knows of the server before a run."""

import json

import pytest

from lance_graph import LanceContext
from lance_graph.categories import KEYS
from lance_graph.server.page.about import about
from tests.fakes import FRAUD, SELF_HARM, VIOLENCE, ScriptedModel
from tests.integration.scenarios import detector


def test_own_parts_thresholds_and_categories_are_named():
    with pytest.warns(UserWarning, match="switched off"):
        context = LanceContext(
            target=ScriptedModel(answers=["hello"]),
            detector=detector(),
            thresholds=0.2,
            category_thresholds={VIOLENCE: {"tau": 0.4}, FRAUD: "off"},
            max_iterations=0,
            abstain=1,
        )
    found = about(context)
    assert found["offline"] == {"target": False, "refiner": True, "detector": False}
    assert found["thresholds"]["tau"] == 0.2 and found["rewrites"] == 0 and found["doubts"]
    categories = {one["key"]: one for one in found["categories"]}
    assert tuple(categories) == KEYS and categories[SELF_HARM]["title"] == "Self-harm"
    assert categories[VIOLENCE]["thresholds"] == {"tau": 0.4, "tau_mild": 0.5, "tau_severe": 0.7}
    assert categories[FRAUD]["off"] and not categories[VIOLENCE]["off"]
    assert categories[SELF_HARM]["thresholds"] is None
    assert "scripted" not in json.dumps(found)
    assert categories[FRAUD].keys() == {"key", "title", "thresholds", "off"}  # what the page shows


def test_the_embedded_default_says_that_it_is_offline(monkeypatch):
    monkeypatch.setattr("lance_graph.detector.detector.load_detector", lambda _: detector())
    found = about(LanceContext())
    assert found["offline"] == {"target": True, "refiner": True, "detector": True}
    assert found["mode"] == "enforce" and not found["doubts"]
