"""What is written down: who, when, how it ended; no word of what was said."""

import hashlib
import io
import json
import logging
import os

import pytest

from lance_graph.server.logs import Audit, JsonLines
from lance_graph.server.settings import Settings
from tests.integration.scenarios import ANSWER, DRAFT, REFINED, UNSAFE
from tests.server.serving import Target, serving

SECRET = "CANARYSECRET"


def sha(text):
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.fixture(scope="module")
def audit(tmp_path_factory):
    return tmp_path_factory.mktemp("audit") / "audit.jsonl"


@pytest.fixture(scope="module")
def served(audit):
    settings = Settings(timeout=3.0)
    with serving(Target(model="target"), settings=settings, more={"audit": audit}) as server:
        yield server


@pytest.fixture
def lines(audit):
    before = audit.stat().st_size
    return lambda: [json.loads(line) for line in audit.read_bytes()[before:].splitlines()]


@pytest.mark.server
class TestOverHttp:
    def test_a_run_is_audited_in_numbers(self, served, lines):
        served.target.plays(lambda sent: ANSWER if "defuse" in sent[-1].text else UNSAFE)
        text = f"how to attack {SECRET}"
        response = served.chat(messages=[{"role": "user", "content": text}])
        (line,) = lines()
        assert line["status"] == "rewritten" and line["key"] == "-"
        assert line["request"] == response.headers["x-request-id"]
        assert line["categories"] == ["violence,aiding_and_abetting,incitement"]
        assert line["initial_degrees"]["violence,aiding_and_abetting,incitement"] == 0.9
        assert line["prompt_sha256"] == sha(text) and line["answer_sha256"] == sha(ANSWER)
        assert not any(word in json.dumps(line) for word in (SECRET, DRAFT, REFINED, "stay calm"))

    def test_so_is_one_that_failed_and_what_was_moderated(self, served, lines):
        served.target.plays(RuntimeError(SECRET))
        assert served.chat().status_code == 503
        served.post("/v1/moderations", json={"input": ["how to attack", "hello"]})
        served.post("/v1/moderations", json={"input": ["hello", ""]})
        assert [line["status"] for line in lines()] == [
            "degraded", "flagged", "not_flagged", "unreadable_input",
        ]  # fmt: skip
        assert lines()[2]["prompt_sha256"] == sha("hello")

    def test_the_access_log_has_no_content(self, served, caplog):
        served.target.plays("hello")
        with caplog.at_level(logging.INFO, "lance_graph.server.access"):
            served.chat(messages=[{"role": "user", "content": SECRET}])
            served.post(f"/v1/{SECRET}?q={SECRET}")
            assert served.idle()  # a line is written when all has been sent
        first, second = [r.lance for r in caplog.records if r.name == "lance_graph.server.access"]
        assert first["route"] == "/v1/chat/completions" and first["status"] == 200
        assert first["outcome"] == "safe" and first["seconds"] >= 0
        assert second["route"] == "unmatched" and second["status"] == 404
        formatter = JsonLines()
        assert SECRET not in "".join(formatter.format(record) for record in caplog.records)

    def test_the_metrics_have_none_either(self, served):
        served.target.plays(lambda sent: ANSWER if "defuse" in sent[-1].text else UNSAFE)
        rewrites = served.metric("lance_rewrites_total")
        tokens = served.metric("lance_tokens_total", kind="input")
        served.chat(messages=[{"role": "user", "content": f"how to attack {SECRET}"}])
        assert served.idle()
        assert served.metric("lance_rewrites_total") > rewrites
        assert served.metric("lance_tokens_total", kind="input") > tokens
        assert served.metric("lance_run_seconds_count", outcome="rewritten") >= 1
        text = served.app.state.lance.metrics.text().decode()
        assert 'lance_requests_total{route="/v1/chat/completions",status="200"}' in text
        assert SECRET not in text

    def test_what_cannot_be_audited_is_not_delivered(self, served, monkeypatch):
        served.target.plays("hello")

        def full(*_):
            raise OSError(28, "No space left on device")

        handler = served.app.state.lance.audit._handler
        monkeypatch.setattr(handler, "shouldRollover", full)
        response = served.chat()
        assert response.status_code == 500
        assert response.json()["error"]["code"] == "audit_failed"
        assert served.metric("lance_audit_failures_total") == 1
        monkeypatch.undo()
        assert served.chat().status_code == 200


def test_it_rotates(tmp_path):
    audit = Audit(tmp_path / "a.jsonl", most=200, files=2)
    for number in range(20):
        audit.write(number=number)
    audit.close()
    assert sorted(os.listdir(tmp_path)) == ["a.jsonl", "a.jsonl.1", "a.jsonl.2"]
    assert json.loads((tmp_path / "a.jsonl").read_text().splitlines()[-1])["number"] == 19


def test_a_record_without_fields_is_a_message():
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    record = logging.LogRecord("a", logging.INFO, "", 0, "started %s", ("well",), None)
    handler.handle(record)
    line = json.loads(stream.getvalue())
    assert line["message"] == "started well" and line["level"] == "INFO"
