"""A detector, or several, as a LangChain tool."""

from typing import Any

from langchain_core.tools import BaseTool, tool

from lance_graph.detectors import One, resolve, summarise


def risk_score_by(*detectors: One) -> BaseTool:
    """The tool `risk_score` with other detectors; of several the highest degree of a category counts.

    They are given like `LanceContext.detectors`, and loaded at the first call.
    """

    @tool(parse_docstring=True)
    def risk_score(prompt: str, response: str | None = None) -> dict[str, Any]:
        """Score a prompt, alone or with an answer to it, on categories of risk, 14 unless told.

        Returns the degree of risk per category (0 to 1), its spread (standard deviation), the highest
        degree and whether no degree is above its threshold (0.3 unless told). Text in a language that
        the detector was not made for is out_of_language, and never safe.

        Args:
            prompt: The user's request.
            response: A model's answer to it, if there is one.

        """
        return summarise(resolve(detectors or None), prompt, response)

    return risk_score


risk_score = risk_score_by()
