"""Fixtures of the integration tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.langgraph_server import Server, serve
from tests.integration.openai_server import OpenAIServer


@pytest.fixture
def openai_server() -> Iterator[OpenAIServer]:
    with OpenAIServer() as server:
        yield server


@pytest.fixture(scope="session")
def running(tiny_checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One `langgraph dev` for all tests that need it."""
    with serve(tmp_path_factory.mktemp("server"), str(tiny_checkpoint)) as server:
        yield server


@pytest.fixture
def server(running: Server) -> Iterator[Server]:
    """The server; what it prints during a test is part of that test's output if the test fails."""
    running.models.requests.clear()
    running.models.script("hello")
    before = running.log.stat().st_size
    yield running
    print(f"--- langgraph dev ---\n{running.log.read_bytes()[before:].decode(errors='replace')}")


@pytest.fixture
def cut_off_anywhere(monkeypatch):
    """A recursion limit cuts a run off wherever it is, as a crash would: the loop does not heed it."""
    monkeypatch.setattr("lance_graph.nodes.score_risk.STEPS_OF_A_REWRITE", 0)
