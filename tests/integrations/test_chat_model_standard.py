"""langchain-tests' suites for chat models, on LANCE around a fake target."""

import base64
from typing import Any

import httpx
import pytest
from langchain_tests.integration_tests import ChatModelIntegrationTests
from langchain_tests.unit_tests import ChatModelUnitTests

from lance_graph import LanceChatModel
from tests.fakes import ToolCallingModel, WordDetector

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII="
)


class Capabilities:
    """What LANCE passes on when its target can do it."""

    chat_model_class = LanceChatModel
    detector: Any = WordDetector({})
    has_tool_calling = has_tool_choice = has_structured_output = True
    supports_json_mode = returns_usage_metadata = True
    supports_image_inputs = supports_image_urls = supports_image_tool_message = True
    supports_pdf_inputs = supports_pdf_tool_message = supports_audio_inputs = True
    supports_anthropic_inputs = supports_model_override = True
    model_override_value = "another-model"

    @property
    def chat_model_params(self) -> dict[str, Any]:
        return {
            "target": ToolCallingModel(),
            "refiner": ToolCallingModel(),
            "detector": self.detector,
            # the suite wants one model call in its callbacks; LANCE shows the inner ones as well
            "redact_callbacks": True,
        }

    @property
    def standard_chat_model_params(self) -> dict[str, Any]:
        # the suite's key and client options belong to the target, which is given as an object
        return {"temperature": 0}


class TestUnit(Capabilities, ChatModelUnitTests):
    pass


class TestIntegration(Capabilities, ChatModelIntegrationTests):
    @pytest.fixture(autouse=True)
    def downloads(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The suite's image, document and sound come from the network; any bytes will do."""
        monkeypatch.setenv("LANGCHAIN_TESTS_USER_AGENT", "tests")
        monkeypatch.setattr(httpx, "get", lambda *_, **__: httpx.Response(200, content=PIXEL))


class TestIntegrationWithTheEmbeddedDetector(TestIntegration):
    detector = "embedded"
