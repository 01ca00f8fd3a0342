"""The one door to detectors: what the context names, or the object that it holds."""

from lance_graph.detector.score import Detector

EMBEDDED = "embedded"


def resolve(detector: "str | Detector | None") -> Detector:
    """A detector from a checkpoint folder, a hub id, ``"embedded"`` (also None), or as given."""
    if detector is None or isinstance(detector, str):
        from lance_graph.detector.detector import load_detector

        return load_detector(None if detector in (None, EMBEDDED) else detector)
    return detector
