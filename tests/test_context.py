from dataclasses import dataclass

import pytest
from langgraph.runtime import Runtime
from pydantic import ValidationError

from lance_graph.context import OWNERS, LanceContext
from lance_graph.graph import build_graph
from lance_graph.routing import Thresholds
from tests.fakes import ScriptedModel, WordDetector


def test_the_defaults_need_nothing():
    context = LanceContext()
    assert (context.target, context.refiner, context.detector) == ("offline", "offline", "embedded")
    assert context.screening == "prompt"
    assert context.max_iterations == 3
    assert context.thresholds == Thresholds(tau=0.3, tau_mild=0.5, tau_severe=0.7)


def test_it_is_frozen():
    with pytest.raises(ValidationError):
        LanceContext().target = "openai:gpt-4o-mini"


def test_every_field_is_described_in_the_schema_and_has_its_default():
    properties = LanceContext.model_json_schema()["properties"]
    assert set(properties) == set(LanceContext.model_fields) - OWNERS
    for name, schema in properties.items():
        assert len(schema["description"]) > 20, name
    assert properties["max_iterations"]["default"] == 3
    assert properties["target"]["type"] == "string"


@pytest.mark.parametrize(
    "model",
    ["offline", "gpt-4o", "openai:gpt-4o", "huggingface:Qwen/Qwen2.5-1.5B-Instruct", "ollama:a:7b"],
)
def test_model_strings(model):
    assert LanceContext(target=model, refiner=model).target == model


def test_objects_pass_as_they_are():
    model, detector = ScriptedModel(answers=["hi"]), WordDetector({})
    context = LanceContext(target=model, detector=detector)
    assert context.target is model and context.detector is detector


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("target", "offlin", "'offlin' names no model"),
        ("target", "my model", "'my model' names no model"),
        ("target", ":gpt-4o", "':gpt-4o' names no model"),
        ("refiner", "openai:", "'openai:' names no model"),
        ("target", 7, "not 7"),
        ("detector", 7, "not 7"),
        ("max_iterations", -1, "max_iterations"),
        ("max_seconds", 0, "max_seconds"),
        ("target_timeout", 0, "target_timeout"),
        ("detector_timeout", float("inf"), "detector_timeout"),
        ("retries", 11, "retries"),
        ("screening", "both", "screening"),
        ("refiner_attempts", 0, "refiner_attempts"),
        ("category_thresholds", {"selfharm": {}}, "'selfharm' is not a rejection category"),
        ("prompts", {"nothing": "x"}, "'nothing'"),
        ("temperature", 1, "temperature"),
        ("abstain", -1, "abstain"),
        ("abstain", float("nan"), "abstain"),
        ("abstain", float("inf"), "abstain"),
        ("when_uncertain", "ask", "'soften' or 'review'"),
        ("when_uncertain", "review", "set abstain to a number of spreads, such as 1"),
    ],
)
def test_wrong_values_are_named(field, value, message):
    with pytest.raises(ValidationError, match=message):
        LanceContext(**{field: value})


@pytest.mark.parametrize("field", ["target", "refiner", "detector", "detectors"])
def test_no_key_in_a_value_that_is_none_of_a_field_is_told(field):
    given = {"model": "openai:gpt-4o", "api_key": "sk-SECRET"}
    with pytest.raises(ValidationError, match="dict") as caught:
        LanceContext(**{field: [given] if field == "detectors" else given})
    assert "sk-SECRET" not in str(caught.value)


def test_category_thresholds_make_the_policy():
    context = LanceContext(category_thresholds={"self_harm": {"tau": 0.1}})
    assert context.policy.of("self_harm").tau == 0.1
    assert context.policy.of("animal_abuse").tau == 0.3


@dataclass
class Outer:
    lance: LanceContext | dict | None = None
    other: int = 1


@pytest.mark.parametrize(
    ("context", "iterations"),
    [
        (None, 3),
        (LanceContext(max_iterations=7), 7),
        (Outer(), 3),
        (Outer(lance=LanceContext(max_iterations=7)), 7),
        (Outer(lance={"max_iterations": 7}), 7),
        ({"lance": {"max_iterations": 7}}, 7),
        ({"other": 1}, 3),
    ],
)
def test_the_context_of_a_run_also_inside_a_larger_graph(context, iterations):
    assert LanceContext.of(Runtime(context=context)).max_iterations == iterations


def test_a_wrong_field_of_a_larger_graphs_context_is_named():
    with pytest.raises(ValidationError, match="max_iteration"):
        LanceContext.of(Runtime(context={"lance": {"max_iteration": 7}}))


def test_one_number_is_a_threshold():
    context = LanceContext(thresholds=0.5, category_thresholds={"privacy": 0.9})
    assert context.thresholds.tau == 0.5
    assert context.policy.of("privacy_violation").tau == 0.9


@pytest.mark.parametrize("name", ["drugs_weapons", "drug_abuse,weapons,banned_substance"])
def test_a_category_is_named_by_slug_or_key(name):
    context = LanceContext(category_thresholds={name: {"tau": 0.1}})
    assert list(context.category_thresholds) == ["drug_abuse,weapons,banned_substance"]
    assert LanceContext(**context.model_dump()) == context


def test_a_category_is_named_once():
    twice = {"privacy": 0.5, "privacy_violation": 0.6}
    with pytest.raises(ValidationError, match="'privacy_violation' a second time"):
        LanceContext(category_thresholds=twice)


def test_a_category_is_switched_off_with_a_warning_and_in_the_verdict():
    with pytest.warns(UserWarning, match="switched off: privacy_violation"):
        context = LanceContext(
            category_thresholds={"privacy": "off"},
            detector=WordDetector({"address": ("privacy_violation", 0.9)}),
            target=ScriptedModel(answers=["Here."]),
        )
    found = build_graph().compile().invoke({"messages": [("user", "an address")]}, context=context)
    verdict = found["verdict"]
    assert (verdict["status"], verdict["iterations"]) == ("safe", 0)
    assert verdict["initial_risk"]["privacy_violation"] == 0.9
    assert verdict["reason"].endswith("Not judged, for switched off: Privacy violation.")
    with pytest.raises(ValidationError, match="category_thresholds"):
        LanceContext(category_thresholds={"privacy": "of"})


@pytest.mark.parametrize(
    ("options", "pausing"),
    [
        ({"review": "severe"}, "review='severe'"),
        ({"out_of_language": "review"}, "out_of_language='review'"),
        ({"abstain": 1, "when_uncertain": "review"}, "when_uncertain='review'"),
    ],
)
def test_a_run_that_may_wait_names_the_setting(options, pausing):
    context = LanceContext(**options)
    assert context.may_pause and context.pausing == pausing


def test_a_softened_run_waits_for_nobody():
    assert not LanceContext(abstain=1).may_pause
