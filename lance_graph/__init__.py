"""LANCE for LangGraph: a safety layer that repairs a risky request instead of refusing it.

Importing this package is free: every public name is loaded when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lance_graph.categories import CATEGORIES as CATEGORIES
    from lance_graph.categories import Category as Category
    from lance_graph.context import LanceContext as LanceContext
    from lance_graph.detector.detector import RiskDetector as RiskDetector
    from lance_graph.graph import build_graph as build_graph
    from lance_graph.integrations.chat_model import LanceChatModel as LanceChatModel
    from lance_graph.integrations.middleware import LanceMiddleware as LanceMiddleware
    from lance_graph.integrations.running import DegradedError as DegradedError
    from lance_graph.integrations.running import SafeAnswer as SafeAnswer
    from lance_graph.integrations.safety_layer import SafetyLayer as SafetyLayer
    from lance_graph.integrations.tool import risk_score as risk_score
    from lance_graph.review import ReviewDecision as ReviewDecision
    from lance_graph.routing import Thresholds as Thresholds
    from lance_graph.scores import Detector as Detector
    from lance_graph.scores import RiskScore as RiskScore
    from lance_graph.state import Verdict as Verdict

_HOME = {
    "CATEGORIES": "categories",
    "Category": "categories",
    "DegradedError": "integrations.running",
    "Detector": "scores",
    "LanceChatModel": "integrations.chat_model",
    "LanceContext": "context",
    "LanceMiddleware": "integrations.middleware",
    "ReviewDecision": "review",
    "RiskDetector": "detector.detector",
    "RiskScore": "scores",
    "SafeAnswer": "integrations.running",
    "SafetyLayer": "integrations.safety_layer",
    "Thresholds": "routing",
    "Verdict": "state",
    "build_graph": "graph",
    "risk_score": "integrations.tool",
}

__version__ = "0.1.0"
__all__ = [  # noqa: PLE0604 - the names are strings, and this keeps one list of them
    *_HOME
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'lance_graph' has no attribute {name!r}")
    return getattr(import_module(f"lance_graph.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return [*globals(), *__all__]
