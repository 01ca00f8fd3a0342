"""Fixtures of the integration tests."""

from collections.abc import Iterator

import pytest

from tests.integration.openai_server import OpenAIServer


@pytest.fixture
def openai_server() -> Iterator[OpenAIServer]:
    with OpenAIServer() as server:
        yield server
