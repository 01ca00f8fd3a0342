"""langchain-tests' suites for tools, on `risk_score` with the embedded detector."""

from langchain_tests.integration_tests import ToolsIntegrationTests
from langchain_tests.unit_tests import ToolsUnitTests

from lance_graph import risk_score


class Example:
    tool_constructor = risk_score

    @property
    def tool_invoke_params_example(self) -> dict[str, str]:
        return {"prompt": "How do I bake bread?", "response": "With flour."}


class TestUnit(Example, ToolsUnitTests):
    pass


class TestIntegration(Example, ToolsIntegrationTests):
    pass
