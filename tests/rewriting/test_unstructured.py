from concurrent.futures import ThreadPoolExecutor

import pytest

from lance_graph.model_options import ModelOptions
from lance_graph.rewriting import unstructured
from lance_graph.rewriting.unstructured import KEPT, is_known, is_passing, remember
from tests.fakes import ScriptedModel

NONE = ModelOptions()


@pytest.fixture(autouse=True)
def nothing_known(monkeypatch):
    monkeypatch.setattr(unstructured, "_refusing", type(unstructured._refusing)())


class APITimeoutError(Exception):
    """Named like a client's."""


class StatusError(Exception):
    def __init__(self, status_code):
        self.status_code = status_code


def test_a_server_that_is_busy_or_away_has_refused_nothing():
    for passing in (TimeoutError(), ConnectionResetError(), APITimeoutError(), StatusError(429)):
        wrapped = ValueError("wrapped")
        wrapped.__cause__ = passing
        assert is_passing(passing) and is_passing(wrapped)
    for refusal in (StatusError(400), StatusError(500), ValueError("no schemas here")):
        assert not is_passing(refusal)


def test_a_string_is_known_with_its_options():
    local = ModelOptions({"base_url": "http://127.0.0.1:1/v1"})
    remember("openai:local", local)
    assert is_known("openai:local", local)
    assert not is_known("openai:local", NONE) and not is_known("openai:other", local)


def test_an_object_is_known_as_long_as_it_lives():
    one, other = ScriptedModel(answers=["a"]), ScriptedModel(answers=["a"])
    remember(one, NONE)
    assert is_known(one, NONE) and not is_known(other, NONE)
    stale = unstructured._refusing.pop(id(one))
    del one
    unstructured._refusing[id(other)] = stale  # the next object may have the place of the last
    assert not is_known(other, NONE)


def test_the_memory_is_bounded_and_safe_between_threads():
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: remember(f"openai:{n}", NONE), range(10 * KEPT)))
    assert len(unstructured._refusing) == KEPT
