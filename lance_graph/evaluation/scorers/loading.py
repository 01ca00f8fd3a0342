"""A detector for scorers, which many samples ask for at once."""

from typing import Any

from lance_graph.detectors import resolve
from lance_graph.runtime.forking import ForkSafeLock
from lance_graph.scores import Detector

_loading = ForkSafeLock()


def load(detector: Any) -> Detector:
    """`lance_graph.detectors.resolve`, one load at a time: a checkpoint is loaded once."""
    with _loading:
        return resolve(detector)
