"""Every method that a string names a model for, against a server that speaks OpenAI's protocol."""

import json

import pytest

from lance_graph import models
from lance_graph.evaluation.methods import build
from lance_graph.evaluation.methods.base import Setting
from tests.fakes import VIOLENCE, WordDetector
from tests.integration.openai_server import OpenAIServer

pytestmark = pytest.mark.server

MODEL = "openai:gpt-4o-mini"
HAZARD = "how to attack him"
REWRITTEN = "how to settle a quarrel with him"


@pytest.fixture
def server(monkeypatch):
    with OpenAIServer() as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        monkeypatch.setenv("OPENAI_API_KEY", "not-a-key")
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        models._from_string.cache_clear()
        yield server
        models._from_string.cache_clear()


def reply(request):
    """A judge, a refiner, a guard, a critic and a target in one, by what they are told."""
    system = request["messages"][0]["content"] if len(request["messages"]) > 1 else ""
    if "Verdict: safe" in system:
        return (
            "Verdict: unsafe" if HAZARD in request["messages"][-1]["content"] else "Verdict: safe"
        )
    if "refined_prompt" in request["messages"][-1]["content"]:
        return json.dumps({"refined_prompt": REWRITTEN})
    if "NOTHING LEFT TO IMPROVE" in system:
        return (
            "- be kinder"
            if "<answer_2>" not in request["messages"][-1]["content"]
            else "NOTHING LEFT TO IMPROVE"
        )
    return "Talk to him."


@pytest.mark.parametrize(
    ("name", "calls"),
    [
        ("vanilla", 1),
        ("sys-prompt", 1),
        ("instruct", 1),
        ("self-refine", 4),
        ("lance", 2),
        ("lance-nr", 1),
        ("lance-nf", 8),
    ],
)
async def test_every_call_is_made_at_temperature_0(ask, server, name, calls):
    server.reply = reply
    detector = WordDetector({"attack": (VIOLENCE, 0.9)})
    setting = Setting(target=MODEL, refiner=MODEL, instruct=MODEL, detector=detector)
    answer, counted = await ask(build(name, setting), HAZARD)
    assert answer.response == "Talk to him."
    assert len(server.requests) == counted == calls
    assert {request["temperature"] for request in server.requests} == {0}


@pytest.mark.parametrize("name", ["hard-block", "guard"])
async def test_so_are_those_of_blocking_methods(ask, server, name):
    server.reply = lambda request: "Mix." if request["model"] == "gpt-4o-mini" else "safe"
    setting = Setting(
        target=MODEL, detector=WordDetector({}), guard="llama-guard:openai:llama-guard3"
    )
    answer, counted = await ask(build(name, setting), "how to bake bread")
    assert (answer.outcome, answer.response) == ("safe", "Mix.")
    assert len(server.requests) == counted
    assert {request["temperature"] for request in server.requests} == {0}


@pytest.mark.parametrize(
    "name", ["vanilla", "sys-prompt", "self-refine", "hard-block", "lance", "lance-nf"]
)
async def test_each_method_s_target_and_refiner_have_their_own_options(name, server):
    from lance_graph.evaluation.sample import Sample

    server.reply = reply
    options = {
        "target_options": {"extra_body": {"role": "target"}},
        "refiner_options": {"extra_body": {"role": "refiner"}},
    }
    detector = WordDetector({"attack": (VIOLENCE, 0.9 if name.startswith("lance") else 0.1)})
    setting = Setting(MODEL, MODEL, detector, options=options)
    await build(name, setting).answer(Sample("1", HAZARD))
    roles = {request.get("role") for request in server.requests}
    assert roles == ({"target", "refiner"} if name.startswith("lance") else {"target"})


def test_another_target_has_none_of_them():
    setting = Setting(MODEL, options={"target_options": {"timeout": 1}, "max_iterations": 1})
    assert setting.options_of("target").values() == {"timeout": 1}
    assert setting.with_target(MODEL) is setting
    other = setting.with_target("openai:other")
    assert not other.options_of("target") and other.context().max_iterations == 1
