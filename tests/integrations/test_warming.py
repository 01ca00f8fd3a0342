"""What a first request would wait for, done beforehand."""

import pytest

from lance_graph import LanceContext, SafetyLayer
from lance_graph.integrations.running import DegradedError
from lance_graph.integrations.warming import warm_up
from lance_graph.scores import Degrees
from tests.fakes import answer_with


class Counting:
    """A detector that keeps what it was asked."""

    def __init__(self):
        self.asked = []

    def score(self, pairs):
        self.asked += pairs
        return [Degrees(dict.fromkeys(self.categories, 0.1)) for _ in pairs]

    categories = ("self_harm",)


def test_detectors_are_used_and_the_target_is_not_asked():
    asked, detector = [], Counting()
    target = answer_with(lambda text: asked.append(text) or "Fine.")
    SafetyLayer(target, refiner=target, detector=detector).warm_up()
    assert detector.asked and asked == []


def test_what_waits_for_a_person_does_not_here():
    warm_up(LanceContext(detector=Counting(), review="always", out_of_language="review"))


def test_what_is_not_ready_says_so():
    class Broken(Counting):
        def score(self, pairs):
            raise ConnectionError("no route")

    with pytest.raises(DegradedError, match="risk detector failed"):
        warm_up(LanceContext(detector=Broken()))


def test_a_model_that_cannot_be_had_is_named():
    with pytest.raises(ValueError, match="no:such"):
        warm_up(LanceContext(detector=Counting(), target="no:such"))
