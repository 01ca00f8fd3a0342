"""Where a component failed: the prepared answer if the operator wants it, never a clean look."""

import pytest

from lance_graph.models import ModelError
from lance_graph.server.settings import Settings
from tests.integration.scenarios import DRAFT, UNSAFE
from tests.server.serving import Target, serving

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def lenient():
    with serving(Target(model="target"), settings=Settings(on_degraded="answer")) as server:
        yield server


@pytest.fixture(scope="module")
def watching():
    with serving(Target(model="target"), mode="monitor") as server:
        yield server


def test_the_prepared_answer_says_that_it_is_one(lenient):
    lenient.target.plays(RuntimeError(DRAFT))
    response = lenient.chat()
    choice = response.json()["choices"][0]
    assert response.status_code == 200 and response.headers["x-lance-status"] == "degraded"
    assert choice["finish_reason"] == "content_filter" and choice["message"]["content"]
    assert response.json()["lance"]["status"] == "degraded"
    assert DRAFT not in response.text
    streamed = lenient.chat(stream=True).text
    assert '"finish_reason": "content_filter"' in streamed and '"status": "degraded"' in streamed


def test_a_target_that_cannot_be_had_is_an_error_all_the_same(lenient, monkeypatch):
    def fail(*_):
        raise ModelError(f"no such model, said {DRAFT}")

    monkeypatch.setattr("lance_graph.server.chat.bound_to", fail)
    before = lenient.metric("lance_run_seconds_count", outcome="degraded")
    response = lenient.chat()
    assert response.status_code == 503 and DRAFT not in response.text
    assert lenient.metric("lance_run_seconds_count", outcome="degraded") == before + 1


def test_monitoring_passes_everything_on_and_a_targets_own_error_without_its_words(watching):
    watching.target.plays(UNSAFE)
    response = watching.chat(messages=[{"role": "user", "content": "how to attack"}])
    assert response.headers["x-lance-status"] == "monitored"
    assert response.json()["choices"][0]["message"]["content"] == UNSAFE
    assert response.json()["lance"]["would_have"] == "rewrite_severe"
    watching.target.plays(RuntimeError(DRAFT))
    failed = watching.chat()
    assert failed.status_code == 503 and DRAFT not in failed.text
    assert failed.json()["error"]["type"] == "lance_degraded"


@pytest.mark.parametrize(
    "fields",
    [
        {"names": ()}, {"names": ("",)}, {"max_body": 0}, {"timeout": float("nan")}, {"keep_alive": -1},
        {"max_concurrent": 0}, {"on_degraded": "pass"}, {"passed": frozenset({"api_key"})},
    ],
)  # fmt: skip
def test_settings_that_cannot_be(fields):
    with pytest.raises(ValueError, match=next(iter(fields)) if "names" not in fields else "name"):
        Settings(**fields)
