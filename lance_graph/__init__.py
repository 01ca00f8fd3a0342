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
    from lance_graph.detector.detector import TextTooLongError as TextTooLongError
    from lance_graph.detector.loading import CheckpointError as CheckpointError
    from lance_graph.detector.unreadable import UnreadableTextError as UnreadableTextError
    from lance_graph.graph import build_graph as build_graph
    from lance_graph.integrations.chat_model import LanceChatModel as LanceChatModel
    from lance_graph.integrations.middleware import LanceMiddleware as LanceMiddleware
    from lance_graph.integrations.running import DegradedError as DegradedError
    from lance_graph.integrations.running import SafeAnswer as SafeAnswer
    from lance_graph.integrations.safety_layer import SafetyLayer as SafetyLayer
    from lance_graph.integrations.structured_output import (
        WithheldOutputError as WithheldOutputError,
    )
    from lance_graph.integrations.tool import risk_score as risk_score
    from lance_graph.integrations.tool import risk_score_by as risk_score_by
    from lance_graph.judging import OutOfLanguageError as OutOfLanguageError
    from lance_graph.models import ModelError as ModelError
    from lance_graph.review import ReviewDecision as ReviewDecision
    from lance_graph.review import ReviewRequest as ReviewRequest
    from lance_graph.routing import Thresholds as Thresholds
    from lance_graph.scores import Degrees as Degrees
    from lance_graph.scores import Detector as Detector
    from lance_graph.scores import RiskScore as RiskScore
    from lance_graph.state import Verdict as Verdict

_HOME = {
    "CATEGORIES": "categories",
    "Category": "categories",
    "CheckpointError": "detector.loading",
    "DegradedError": "integrations.running",
    "Degrees": "scores",
    "Detector": "scores",
    "LanceChatModel": "integrations.chat_model",
    "LanceContext": "context",
    "LanceMiddleware": "integrations.middleware",
    "ModelError": "models",
    "OutOfLanguageError": "judging",
    "ReviewDecision": "review",
    "ReviewRequest": "review",
    "RiskDetector": "detector.detector",
    "RiskScore": "scores",
    "SafeAnswer": "integrations.running",
    "SafetyLayer": "integrations.safety_layer",
    "TextTooLongError": "detector.detector",
    "Thresholds": "routing",
    "UnreadableTextError": "detector.unreadable",
    "Verdict": "state",
    "WithheldOutputError": "integrations.structured_output",
    "build_graph": "graph",
    "risk_score": "integrations.tool",
    "risk_score_by": "integrations.tool",
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
