"""The detector as a LangChain tool."""

from typing import Any

from langchain_core.tools import tool

from lance_graph.detectors import resolve, summarise


@tool(parse_docstring=True)
def risk_score(prompt: str, response: str | None = None) -> dict[str, Any]:
    """Score a prompt, alone or with an answer to it, on 14 categories of risk.

    Returns the degree of risk per category (0 to 1), its spread (standard deviation), the highest
    degree and whether every degree is at most 0.3.

    Args:
        prompt: The user's request.
        response: A model's answer to it, if there is one.

    """
    return summarise(resolve(None), prompt, response)
