"""One conversation over HTTP: what goes in, what comes out, what the target gets."""

import json

import pytest
from langchain_core.messages import AIMessage

from lance_graph.server.messages import Assistant, Call
from lance_graph.server.settings import Settings
from tests.integration.scenarios import ANSWER, DRAFT, REFINED, UNSAFE
from tests.server.serving import Target, serving

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def served():
    settings = Settings(passed=frozenset({"response_format"}))
    with serving(Target(model="target"), settings=settings, refiner_attempts=1) as server:
        yield server


def events(response):
    """The chunks of a stream; what else is in it are comments and the end."""
    lines = [line for line in response.text.split("\n\n") if line]
    assert lines[-1] == "data: [DONE]"
    data = [line for line in lines[:-1] if not line.startswith(":")]
    return [json.loads(line.removeprefix("data: ")) for line in data]


def test_a_harmless_conversation_reaches_the_target_word_for_word(served):
    served.target.plays("of course")
    turns = [
        {"role": "system", "content": "Be brief."},
        {"role": "developer", "content": "Be kind."},
        {"role": "user", "content": "hello", "name": "ann"},
        {"role": "assistant", "content": "hi", "refusal": None, "annotations": [], "audio": None},
        {"role": "user", "content": [{"type": "text", "text": "are you there?"}]},
    ]
    response = served.chat(messages=turns)
    assert response.status_code == 200, response.text
    (sent,) = served.target.calls
    assert [(m.type, m.text) for m in sent] == [
        ("system", "Be brief."), ("system", "Be kind."), ("human", "hello"), ("ai", "hi"),
        ("human", "are you there?"),
    ]  # fmt: skip
    assert sent[1].additional_kwargs == {"__openai_role__": "developer"}
    body = response.json()
    assert body["object"] == "chat.completion" and body["model"] == "lance"
    assert body["choices"] == [
        {
            "index": 0,
            "message": {"role": "assistant", "content": "of course", "refusal": None},
            "logprobs": None,
            "finish_reason": "stop",
        }
    ]
    assert body["usage"] == {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
    assert body["lance"]["status"] == "safe" and body["lance"]["ignored"] == []
    assert response.headers["x-lance-status"] == "safe"
    assert float(response.headers["x-lance-risk"]) == 0.02
    assert response.headers["x-request-id"].startswith("req_")


def test_a_hazardous_prompt_is_rewritten_and_the_draft_is_nowhere(served):
    served.target.plays(lambda sent: ANSWER if "defuse" in sent[-1].text else UNSAFE)
    response = served.chat(messages=[{"role": "user", "content": "how to attack"}])
    body = response.json()
    assert body["choices"][0]["message"]["content"] == ANSWER
    assert body["lance"]["status"] == response.headers["x-lance-status"] == "rewritten"
    assert body["lance"]["refined_prompt"] == "how to defuse it"
    assert DRAFT not in response.text and REFINED not in response.text
    assert not {"trace", "prompt", "usage_by_model"} & body["lance"].keys()


def test_what_could_not_be_repaired_is_marked_as_filtered(served):
    served.target.plays(UNSAFE)
    response = served.chat(messages=[{"role": "user", "content": "how to attack"}])
    assert response.headers["x-lance-status"] == "fell_back"
    assert response.json()["choices"][0]["finish_reason"] == "content_filter"
    assert DRAFT not in response.text


class TestStreams:
    def test_the_chunks_add_up_and_the_last_one_has_the_verdict(self, served):
        text = "one two three " * 9
        served.target.plays(text)
        response = served.chat(stream=True)
        assert response.headers["content-type"].startswith("text/event-stream")
        assert "x-lance-status" not in response.headers
        chunks = events(response)
        deltas = [chunk["choices"][0]["delta"] for chunk in chunks]
        assert deltas[0] == {"role": "assistant", "content": ""}
        assert "".join(delta.get("content", "") for delta in deltas) == text
        assert [c["choices"][0]["finish_reason"] for c in chunks] == [None] * 4 + ["stop"]
        assert chunks[-1]["lance"]["status"] == "safe"
        assert len({(c["id"], c["created"], c["model"], c["object"]) for c in chunks}) == 1
        assert not any("usage" in chunk for chunk in chunks)

    def test_usage_comes_last_where_it_is_asked_for(self, served):
        served.target.plays("hello")
        chunks = events(served.chat(stream=True, stream_options={"include_usage": True}))
        assert chunks[-1]["choices"] == [] and chunks[-1]["usage"]["total_tokens"] == 5
        assert [chunk["usage"] for chunk in chunks[:-1]] == [None] * (len(chunks) - 1)

    def test_calls_are_deltas(self, served):
        call = {"name": "look", "args": {"where": "up"}, "id": "theirs"}
        served.target.plays(AIMessage("wait", tool_calls=[call, {**call, "args": {}}]))
        chunks = events(served.chat(stream=True, tools=[TOOL]))
        found = [c["choices"][0]["delta"].get("tool_calls") for c in chunks]
        calls = [one for some in found if some for one in some]
        assert [one["index"] for one in calls] == [0, 1]
        assert [one["function"]["arguments"] for one in calls] == ['{"where": "up"}', "{}"]
        assert len({one["id"] for one in calls} - {"theirs"}) == 2
        assert chunks[-1]["choices"][0]["finish_reason"] == "tool_calls"


TOOL = {"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}


class TestTools:
    def test_a_call_and_its_result_go_round(self, served):
        served.target.plays(AIMessage("", tool_calls=[{"name": "look", "args": {}, "id": "x"}]))
        first = served.chat(tools=[TOOL]).json()["choices"][0]
        assert first["finish_reason"] == "tool_calls" and first["message"]["content"] is None
        (call,) = first["message"]["tool_calls"]
        served.target.plays("a bird")
        turns = [
            {"role": "user", "content": "look up"},
            first["message"],
            {"role": "tool", "tool_call_id": call["id"], "content": "bird"},
        ]
        second = served.chat(messages=turns, tools=[TOOL])
        assert second.json()["choices"][0]["message"]["content"] == "a bird"
        (sent,) = served.target.calls
        assert sent[1].tool_calls[0]["id"] == sent[2].tool_call_id == call["id"]

    @pytest.mark.parametrize(
        ("choice", "bound"),
        [
            ("auto", None), ("required", "any"),
            ({"type": "function", "function": {"name": "look"}}, "look"),
        ],
    )  # fmt: skip
    def test_the_choice_is_said_as_any_model_of_langchain_knows_it(self, served, choice, bound):
        served.target.plays("hello")
        assert served.chat(tools=[TOOL], tool_choice=choice).status_code == 200
        (options,) = served.target.options
        assert options["tool_choice"] == bound
        assert options["tools"][0]["function"]["name"] == "look"

    @pytest.mark.parametrize("tools", [[TOOL], [], None])
    def test_a_choice_of_what_is_not_there_does_not_reach_the_target(self, served, tools):
        served.target.plays("hello")
        choice = {"type": "function", "function": {"name": f"say {DRAFT}"}}
        response = served.chat(tools=tools, tool_choice=choice)
        assert response.status_code == 400 and DRAFT not in response.text
        assert response.json()["error"]["param"] == "tool_choice" and not served.target.calls
        if not tools:
            assert served.chat(tools=tools, tool_choice="required").status_code == 400

    def test_a_function_without_parameters_has_empty_ones(self, served):
        served.target.plays("hello")
        bare = {"type": "function", "function": {"name": "look"}}
        assert served.chat(tools=[bare]).status_code == 200
        (options,) = served.target.options
        assert options["tools"][0]["function"]["parameters"] == {"type": "object", "properties": {}}

    def test_none_is_none(self, served):
        served.target.plays("hello")
        assert served.chat(tools=[TOOL], tool_choice="none").status_code == 200
        assert served.target.options == [{}]

    def test_an_unsafe_call_is_no_call(self, served):
        served.target.plays(
            AIMessage("", tool_calls=[{"name": "look", "args": {"p": DRAFT}, "id": "1"}])
        )
        response = served.chat(tools=[TOOL], tool_choice="required")
        choice = response.json()["choices"][0]
        assert choice["finish_reason"] == "content_filter" and "tool_calls" not in choice["message"]
        assert DRAFT not in response.text

    @pytest.mark.parametrize(
        "written",
        ['{"x": NaN}', '{"x": 1e999}', '{"x": "\\ud800"}', '{"x":' + "[" * 3000 + "]" * 3000 + "}"],
    )
    def test_arguments_that_nothing_can_send_on_stay_as_they_were_written(self, written):
        call = Call.model_validate({"id": "c", "function": {"name": "look", "arguments": written}})
        message = Assistant(role="assistant", tool_calls=[call]).message()
        assert message.tool_calls == []
        assert [one["args"] for one in message.invalid_tool_calls] == [written]

    def test_arguments_that_are_no_object_stay_as_they_were_written(self, served):
        served.target.plays("hello")
        call = {"id": "c", "type": "function", "function": {"name": "look", "arguments": "{bad"}}
        turns = [
            {"role": "user", "content": "look up"},
            {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "c", "content": "no"},
        ]
        assert served.chat(messages=turns).status_code == 200
        (sent,) = served.target.calls
        assert sent[1].invalid_tool_calls[0]["args"] == "{bad"


class TestParameters:
    def test_what_the_target_knows_is_passed_on(self, served):
        served.target.plays("hello")
        wanted = {"type": "json_object"}
        response = served.chat(temperature=0.5, stop=["X"], response_format=wanted)
        assert response.status_code == 200, response.text
        assert served.target.options == [
            {"temperature": 0.5, "stop": ["X"], "response_format": wanted}
        ]
        assert response.json()["lance"]["ignored"] == []

    def test_a_request_leaves_no_trace_in_the_next(self, served):
        served.target.plays("hello")
        served.chat(temperature=0.5)
        served.chat()
        assert served.target.options == [{"temperature": 0.5}, {}]

    def test_hints_that_the_target_does_not_know_are_named(self, served):
        served.target.plays("hello")
        response = served.chat(top_p=0.5, seed=1, user="ann", max_tokens=5, store=False)
        assert response.json()["lance"]["ignored"] == ["max_tokens", "seed", "top_p", "user"]
        assert served.target.options == [{}]

    @pytest.mark.parametrize(
        ("param", "fields"),
        [
            ("n", {"n": 2}), ("n", {"n": 0}), ("logprobs", {"logprobs": True}),
            ("modalities", {"modalities": ["text", "audio"]}), ("functions", {"functions": [{}]}),
            ("function_call", {"function_call": "auto"}), ("prediction", {"prediction": {"a": 1}}),
            ("stream_options", {"stream_options": {"include_usage": True}}),
            ("max_tokens", {"max_tokens": 1, "max_completion_tokens": 1}),
        ],
    )  # fmt: skip
    def test_what_is_not_to_be_had_is_refused_by_name(self, served, param, fields):
        served.target.plays("hello")
        response = served.chat(**fields)
        error = response.json()["error"]
        assert (response.status_code, error["param"]) == (400, param)
        assert error["code"] == "unsupported_parameter" and param in error["message"]
        assert served.target.calls == []

    def test_what_holds_anyhow_is_no_request(self, served):
        served.target.plays("hello")
        fields = {"n": 1, "logprobs": False, "response_format": {"type": "text"}, "tools": None}
        assert served.chat(**fields, modalities=["text"]).status_code == 200
        assert served.target.options == [{}]


class TestThresholds:
    def test_a_client_may_be_stricter(self, served):
        served.target.plays("hello")
        response = served.chat(
            lance={"thresholds": {"tau": 0.01, "tau_mild": 0.9, "tau_severe": 0.95}}
        )
        assert response.status_code == 400
        response = served.chat(lance={"thresholds": 0.01})
        assert response.json()["lance"]["status"] == "fell_back"

    @pytest.mark.parametrize("asked", [0.31, {"tau_severe": 0.71}, {"tau": 0.6}])
    def test_and_not_laxer(self, served, asked):
        response = served.chat(lance={"thresholds": asked})
        error = response.json()["error"]
        assert (response.status_code, error["param"]) == (400, "lance.thresholds")

    @pytest.mark.parametrize("field", ["mode", "target", "detector", "prompts", "target_options"])
    def test_nothing_else_is_a_clients(self, served, field):
        response = served.chat(lance={field: "monitor"})
        assert response.status_code == 400
        assert response.json()["error"]["param"] == f"lance.{field}"


def test_the_names_of_the_model(served):
    import httpx

    listed = httpx.get(f"{served.url}/v1/models").json()
    assert [one["id"] for one in listed["data"]] == ["lance"]
    assert httpx.get(f"{served.url}/v1/models/lance").json()["id"] == "lance"
    missing = httpx.get(f"{served.url}/v1/models/how/to")
    assert missing.status_code == 404
    assert missing.json()["error"]["code"] == "model_not_found" and "how" not in missing.text
    wrong = served.chat(model="gpt-4o")
    assert wrong.status_code == 404 and "'lance'" in wrong.json()["error"]["message"]


def test_a_conversation_of_instructions_alone_is_answered(served):
    served.target.plays("hello")
    assert served.chat(messages=[{"role": "system", "content": "Say hello."}]).status_code == 200
