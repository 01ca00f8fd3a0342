"""The canary matrix at this door: every run in which a draft comes up, with all that it leaves behind."""

import hashlib
import json
import logging

import pytest

from lance_graph.server.keys import Key
from lance_graph.server.logs import JsonLines
from lance_graph.server.settings import Settings
from tests.integration.scenarios import DRAFT, QUESTION, REFINED, STATUS, always, made_of
from tests.server.serving import Target, serving

pytestmark = pytest.mark.server
NAIVE = "naive"
ASKED = [{"role": role, "content": text} for role, text in QUESTION["messages"]]


@pytest.fixture(scope="module")
def audit(tmp_path_factory):
    return tmp_path_factory.mktemp("audit") / "audit.jsonl"


@pytest.fixture(scope="module")
def served(audit):
    """One server for all of them: the key of a request says which run it is."""
    contexts = {scenario.__name__: scenario() for scenario in STATUS}
    contexts[NAIVE] = made_of(always(), mode="monitor")
    keys = [Key(name, hashlib.sha256(name.encode()).hexdigest()) for name in contexts]
    more = {"keys": keys, "contexts": contexts, "audit": audit}
    settings = Settings(timeout=60.0, keep_alive=30.0)
    with serving(Target(model="target"), settings=settings, more=more) as server:
        yield server


def ask(served, name, *, stream):
    tool = {"type": "function", "function": {"name": "note", "parameters": {"type": "object"}}}
    body = {"model": "lance", "messages": ASKED, "stream": stream}
    if name.startswith("called"):
        body["tools"] = [tool]
    return served.post(json=body, headers={"Authorization": f"Bearer {name}"})


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("scenario", STATUS, ids=lambda scenario: scenario.__name__)
def test_no_byte_of_a_draft_goes_out(served, audit, caplog, scenario, stream):
    caplog.set_level(logging.DEBUG)
    before = audit.stat().st_size
    response = ask(served, scenario.__name__, stream=stream)
    written = audit.read_bytes()[before:].decode()
    assert json.loads(written)["status"] == STATUS[scenario]
    assert response.status_code == (503 if STATUS[scenario] == "degraded" else 200), response.text
    logged = "".join(JsonLines().format(record) + record.getMessage() for record in caplog.records)
    metrics = served.app.state.lance.metrics.text().decode()
    said = said_in(response.text) if stream else ""
    for place in (response.text, said, repr(response.headers), written, logged, metrics):
        assert DRAFT not in place and REFINED not in place


def said_in(events):
    """The words of a stream's chunks, put together again."""
    data = [
        line.removeprefix("data: ") for line in events.splitlines() if line.startswith("data: {")
    ]
    deltas = [choice["delta"] for line in data for choice in json.loads(line).get("choices", ())]
    return "".join(delta.get("content") or "" for delta in deltas)


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_the_test_finds_what_leaks(served, stream):
    response = ask(served, NAIVE, stream=stream)
    assert DRAFT in (said_in(response.text) if stream else response.text)
    assert served.metric("lance_run_seconds_count", outcome="would_rewrite") >= 1
