"""A detector for scorers, which many samples ask for at once."""

from threading import Lock
from typing import Any

from lance_graph.detector.score import Detector
from lance_graph.detectors import resolve

_loading = Lock()


def load(detector: Any) -> Detector:
    """`lance_graph.detectors.resolve`, one load at a time: a checkpoint is loaded once."""
    with _loading:
        return resolve(detector)
