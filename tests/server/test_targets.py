"""What of a request the target is given: a real client of OpenAI's protocol, and models of other kinds."""

import pytest
from langchain_core.language_models import BaseChatModel
from langchain_core.runnables import RunnableLambda

from lance_graph import LanceContext
from lance_graph.server.errors import ApiError
from lance_graph.server.requests import ChatRequest
from lance_graph.server.settings import Settings
from lance_graph.server.targets import bound_to
from tests.fakes import ScriptedModel
from tests.integration.openai_server import OpenAIServer
from tests.server.serving import HELLO, serving

TOOL = {"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}


@pytest.mark.server
def test_a_target_of_openais_protocol_gets_all_of_it(monkeypatch):
    pytest.importorskip("langchain_openai")
    schema = {"name": "x", "schema": {"type": "object", "properties": {}}, "strict": True}
    given = {
        "temperature": 0.5, "top_p": 0.9, "seed": 7, "frequency_penalty": 0.1, "presence_penalty": 0.2,
        "logit_bias": {"50256": -100.0}, "reasoning_effort": "low", "parallel_tool_calls": False,
        "stop": ["END"], "tools": [TOOL],
        "response_format": {"type": "json_schema", "json_schema": schema},
    }  # fmt: skip
    with OpenAIServer() as upstream:
        options = {"base_url": upstream.url, "api_key": "sk-CANARYSECRET", "max_retries": 0}
        context = LanceContext(
            target="openai:gpt-4o-mini", target_options=options, detector=_detector()
        )
        with serving(context=context, settings=Settings(names=("gpt-4o-mini",))) as served:
            response = served.chat(
                model="gpt-4o-mini",
                **given,
                max_completion_tokens=9,
                tool_choice="required",
                user="ann",
            )
            assert response.status_code == 200, response.text
            (sent,) = upstream.requests
            upstream.reply = lambda _: 500
            failed = served.chat(model="gpt-4o-mini")
            upstream.reply = lambda _: 401
            refused = served.chat(model="gpt-4o-mini")
    assert {name: sent.get(name) for name in given if name != "tools"} == {
        name: value for name, value in given.items() if name != "tools"
    }
    assert sent["tools"][0]["function"]["name"] == "look" and sent["tool_choice"] == "required"
    assert sent["max_completion_tokens"] == 9 and sent["model"] == "gpt-4o-mini"
    assert "user" not in sent and response.json()["lance"]["ignored"] == ["user"]
    assert failed.status_code == refused.status_code == 503
    assert "CANARYSECRET" not in failed.text + refused.text + response.text


def _detector():
    from tests.integration.scenarios import detector

    return detector()


def request(**fields):
    return ChatRequest.model_validate({**HELLO, **fields})


def bound(target, passed=frozenset(), **fields):
    return bound_to(request(**fields), LanceContext(target=target), passed)


class Ollamalike(ScriptedModel):
    """A model that calls things by names of its own, and heeds its fields alone."""

    temperature: float | None = None
    top_p: float | None = None
    num_predict: int | None = None


def test_fields_are_set_on_a_copy():
    model = Ollamalike(answers=["hello"])
    found = bound(model, temperature=0.1, max_tokens=5, seed=3)
    assert (found.context.target.temperature, found.context.target.num_predict) == (0.1, 5)
    assert found.ignored == ("seed",)
    assert (model.temperature, model.num_predict) == (None, None)


def test_what_the_operator_vouches_for_goes_along():
    found = bound(Ollamalike(answers=["hello"]), frozenset({"seed"}), seed=3)
    assert found.context.target.kwargs == {"seed": 3} and found.ignored == ()


def test_a_target_without_anything_is_given_as_it_is():
    model = RunnableLambda(lambda _: "hello")
    found = bound(model, temperature=0.1, stop="x")
    assert found.context.target is model and found.ignored == ("stop", "temperature")


@pytest.mark.parametrize("target", ["offline", RunnableLambda(lambda _: "hello")])
@pytest.mark.parametrize(
    "fields", [{"tools": [TOOL]}, {"response_format": {"type": "json_object"}}, {"logprobs": True}]
)
def test_a_form_that_a_target_does_not_know_is_refused(target, fields):
    with pytest.raises(ApiError) as caught:
        bound(target, **fields)
    assert caught.value.param == next(iter(fields)) and caught.value.status == 400
    assert "offline" not in str(caught.value)  # what the model is, is the operator's to say


def test_offline_names_whatever_it_leaves_out():
    found = bound("offline", temperature=1, stop="x", max_tokens=3)
    assert found.ignored == ("max_tokens", "stop", "temperature")


def test_no_parameter_is_a_client_option():
    """Fields of a model's class beside the protocol's parameters are not to be reached."""
    names = {
        "base_url",
        "openai_api_base",
        "api_key",
        "model_name",
        "callbacks",
        "cache",
        "verbose",
    }
    assert not names & ChatRequest.model_fields.keys()
    assert ChatRequest.model_fields.keys() & BaseChatModel.model_fields.keys() == {"metadata"}
    found = bound(Ollamalike(answers=["hello"]), metadata={"a": "b"})
    assert "a" not in (found.context.target.metadata or {}) and found.ignored == ("metadata",)
