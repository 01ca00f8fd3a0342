"""Bodies that are no request: each a typed error, and none of their words in it."""

import json
from contextlib import suppress

import httpx
import pytest

from lance_graph.server.requests import MOST_MESSAGES
from lance_graph.server.settings import Settings
from tests.server.serving import HELLO, Target, serving

pytestmark = pytest.mark.server
SECRET = "CANARYSECRET"
MOST = 20_000
JSON = {"content-type": "application/json"}


@pytest.fixture(scope="module")
def served():
    with serving(Target(model="target"), settings=Settings(max_body=MOST)) as server:
        server.target.plays("hello")
        yield server


def error_of(response, status):
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/json"
    error = response.json()["error"]
    assert error.keys() == {"message", "type", "param", "code"} and error["message"]
    assert SECRET not in response.text
    return error


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"{", b"[]", b'"' + SECRET.encode() + b'"', b'{"model": ' + SECRET.encode() + b"}",
        b'{"a": "\xff"}', b"[" * 9_000, b'{"temperature": ' + b"9" * 9_000 + b"}", b"\x1f\x8b\x08",
    ],
)  # fmt: skip
def test_what_is_no_json_object(served, raw):
    error = error_of(served.post(content=raw, headers=JSON), 400)
    assert error["code"] == "invalid_json"


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_numbers_that_are_none(served, number):
    raw = json.dumps(HELLO)[:-1] + f', "temperature": {number}}}'
    assert error_of(served.post(content=raw, headers=JSON), 400)["param"] == "temperature"


@pytest.mark.parametrize("kind", [None, "text/plain", "application/x-www-form-urlencoded"])
def test_what_does_not_call_itself_json_is_not_read(served, kind):
    """A page of another site can send nothing else without being asked first."""
    headers = {"content-type": kind} if kind else {}
    error_of(served.post(content=json.dumps(HELLO).encode(), headers=headers), 415)


def test_a_body_that_is_too_large_is_refused_by_its_length(served):
    error = error_of(served.chat(user="x" * MOST), 413)
    assert error["code"] == "request_too_large" and "20,000 bytes" in error["message"]


def test_and_while_it_comes_where_no_length_is_given(served):
    sent = []

    def parts():
        for _ in range(10_000):
            sent.append(1)
            yield b" " * 1_000

    with suppress(httpx.WriteError):  # the connection may be closed while this still writes
        error_of(served.post(content=parts(), headers=JSON), 413)
    assert len(sent) < 10_000
    assert served.chat().status_code == 200


@pytest.mark.parametrize(
    ("param", "fields"),
    [
        ("messages", {"messages": []}),
        ("messages", {"messages": SECRET}),
        ("messages[0]", {"messages": [{"role": SECRET, "content": ""}]}),
        ("messages[0].content", {"messages": [{"role": "user"}]}),
        ("messages[0].content", {"messages": [{"role": "user", "content": 5}]}),
        ("messages[0].content[0]", {"messages": [{"role": "user", "content": [{"type": SECRET}]}]}),
        ("messages[1].*", {"messages": [HELLO["messages"][0], {"role": "user", "content": "", SECRET: 1}]}),
        ("temperature", {"temperature": SECRET}),
        ("temperature", {"temperature": True}),
        ("temperature", {"temperature": 2.5}),
        ("stop", {"stop": [SECRET] * 5}),
        ("tool_choice", {"tool_choice": SECRET}),
        ("tools[0].type", {"tools": [{"type": "custom", "custom": {"name": SECRET}}]}),
        ("tools[0].function.name", {"tools": [{"type": "function", "function": {"name": f"{SECRET} x"}}]}),
        ("response_format.type", {"response_format": {"type": SECRET}}),
        ("logit_bias.*", {"logit_bias": {SECRET: SECRET}}),
        ("lance.thresholds", {"lance": {"thresholds": {SECRET: 0.1}}}),
        ("lance.thresholds.tau", {"lance": {"thresholds": {"tau": SECRET}}}),
        ("lance.thresholds", {"lance": {"thresholds": 0}}),
        ("lance.thresholds", {"lance": {"thresholds": {"tau": 0.29, "tau_mild": 0.1}}}),
        ("mode", {"mode": SECRET}),
        ("*", {SECRET: 1}),
    ],
)  # fmt: skip
def test_a_field_that_is_wrong_is_named_and_not_quoted(served, param, fields):
    error = error_of(served.chat(**fields), 400)
    assert error["param"] == param and error["type"] == "invalid_request_error"


@pytest.mark.parametrize("levels", [150, 900])
def test_what_is_nested_too_deep(served, levels):
    deep = '{"a":' * levels + '"half \\ud83d"' + "}" * levels
    raw = json.dumps(HELLO)[:-1] + f', "prediction": {deep}}}'
    assert error_of(served.post(content=raw, headers=JSON), 400)["code"] == "invalid_json"


@pytest.mark.parametrize(
    "fields",
    [
        {"functions": [[]] * 6_000},
        {"metadata": {str(n): 0 for n in range(500)}, "functions": [0] * 4_600},
    ],
)
def test_many_small_values_hold_up_nobody(served, fields, monkeypatch):
    monkeypatch.setattr("lance_graph.server.bodies.MOST_VALUES", 5_000)
    raw = json.dumps({**HELLO, **fields}, separators=(",", ":"))
    error = error_of(served.post(content=raw, headers=JSON), 400)
    assert error["code"] == "invalid_json" and "5,000 values" in error["message"]


def test_no_more_messages_than_openai_takes():
    with serving(Target(model="target")) as server:
        server.target.plays("hello")
        error = error_of(server.chat(messages=HELLO["messages"] * (MOST_MESSAGES + 1)), 400)
        assert error["param"] == "messages" and not server.target.calls
        assert server.chat().status_code == 200


def test_half_a_character_is_made_whole(served):
    served.target.plays("hello")
    raw = json.dumps({**HELLO, "messages": [{"role": "user", "content": "half \ud83d"}]})
    assert served.post(content=raw, headers=JSON).status_code == 200
    assert served.target.calls[0][-1].text == "half \N{REPLACEMENT CHARACTER}"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/chat/completions", 405), ("POST", "/v1/models", 405), ("GET", f"/{SECRET}", 404),
        ("POST", "/v1/completions", 404), ("GET", f"/v1/models/{SECRET}", 404), ("GET", "/docs", 404),
        ("PATCH", "/v1/models", 405),
    ],
)  # fmt: skip
def test_other_addresses_and_methods(served, method, path, status):
    error_of(httpx.request(method, served.url + path), status)


def test_what_nobody_foresaw_is_a_bare_error(served, monkeypatch, caplog):
    def fail(*_):
        raise KeyError(SECRET)

    monkeypatch.setattr("lance_graph.server.chat.check_offered", fail)
    error = error_of(served.chat(), 500)
    assert error["message"] == "internal error"
    assert SECRET not in caplog.text and "KeyError" in caplog.text
    monkeypatch.undo()
    monkeypatch.setattr("lance_graph.server.completions.Completion.chunks", fail)
    response = served.chat(stream=True)
    assert "internal error" in response.text and SECRET not in response.text + caplog.text
