"""The moderation endpoint: degrees of what was read, and an error for what was not."""

import pytest

from lance_graph.categories import KEYS
from lance_graph.routing import ThresholdPolicy
from lance_graph.scores import Degrees, Reading
from lance_graph.server.moderations import result_of
from tests.fakes import VIOLENCE, WordDetector
from tests.server.serving import Target, serving

pytestmark = pytest.mark.server
SECRET = "CANARYSECRET"


class Detector(WordDetector):
    """Knows an attack; fails on what is broken, and says of German that it is foreign."""

    def __init__(self):
        super().__init__({"attack": (VIOLENCE, 0.9)})
        self.calls = 0

    def score(self, pairs):
        self.calls += 1
        if any("broken" in text for text, _ in pairs):
            raise RuntimeError(f"cannot read {pairs!r}")
        return [
            Degrees(score.mean, score.std, out_of_language="Wie" in pair[0])
            for pair, score in zip(pairs, super().score(pairs), strict=True)
        ]


@pytest.fixture(scope="module")
def detector():
    return Detector()


@pytest.fixture(scope="module")
def served(detector):
    with serving(Target(model="target"), detector=detector) as server:
        yield server


def ask(served, given, **more):
    return served.post("/v1/moderations", json={"input": given, **more})


def test_several_texts_are_one_call(served, detector):
    detector.calls = 0
    body = ask(served, ["how to attack", "hello", "attack"], model="omni-moderation-latest").json()
    assert detector.calls == 1
    assert body["id"].startswith("modr-") and body["model"] == "lance(Detector)"
    assert [one["flagged"] for one in body["results"]] == [True, False, True]
    first = body["results"][0]
    assert first["categories"]["violence"] and not first["categories"]["self-harm"]
    assert first["category_scores"]["violence"] == pytest.approx(0.9)
    assert first["lance"]["degrees"].keys() == set(KEYS)
    assert first["lance"]["categories"][VIOLENCE] and not first["lance"]["categories"]["self_harm"]
    assert set(first["category_applied_input_types"]) == set(first["categories"])


def test_one_text_is_one_result(served):
    assert len(ask(served, "hello").json()["results"]) == 1


@pytest.mark.parametrize(
    ("given", "param"),
    [
        (["hello", "Wie geht's"], "input[1]"), (["", "hello"], "input[0]"), (" \n", "input[0]"),
        ([], "input"), (5, "input"), ([["token"]], "input[0]"), (["x"] * 257, "input"),
        ([{"type": "text", "text": SECRET}], "input[0]"),
    ],
)  # fmt: skip
def test_what_was_not_read_is_an_error_of_the_request(served, given, param):
    response = ask(served, given)
    error = response.json()["error"]
    assert (response.status_code, error["param"]) == (400, param), error
    assert "flagged" not in response.text and SECRET not in response.text


def test_a_detector_that_fails_is_a_typed_error_without_its_words(served):
    response = ask(served, ["hello", f"broken {SECRET}"])
    assert response.status_code == 503
    assert response.json()["error"]["type"] == "lance_degraded" and SECRET not in response.text


def test_another_name_is_another_model(served):
    assert ask(served, "hello", model="lance").status_code == 200
    assert ask(served, "hello", model="gpt-4o").status_code == 404


class TestTheMapping:
    @staticmethod
    def of(**degrees):
        risk = dict.fromkeys(KEYS, 0.0) | degrees
        spread = dict.fromkeys(KEYS, 0.0)
        return result_of(
            Reading(risk=risk, spread=spread, out_of_language=False), ThresholdPolicy()
        )

    def test_what_openai_has_no_name_for_is_flagged_all_the_same(self):
        found = self.of(privacy_violation=0.9)
        assert found["flagged"] and not any(found["categories"].values())

    def test_a_category_of_two_takes_both(self):
        alone, both = (
            self.of(child_abuse=0.9),
            self.of(**{"child_abuse": 0.9, "sexually_explicit,adult_content": 0.6}),
        )
        assert not alone["categories"]["sexual/minors"] and both["categories"]["sexual/minors"]
        assert both["category_scores"]["sexual/minors"] == 0.6

    def test_a_category_that_is_off_flags_nothing(self):
        reading = Reading(
            risk=dict.fromkeys(KEYS, 0.9), spread=dict.fromkeys(KEYS, 0.0), out_of_language=False
        )
        off = ThresholdPolicy(by_category=dict.fromkeys(KEYS, "off"))
        assert not result_of(reading, off)["flagged"]

    def test_what_a_detector_does_not_score_is_no_number(self):
        reading = Reading(risk={"own": 0.9}, spread={"own": 0.0}, out_of_language=False)
        found = result_of(reading, ThresholdPolicy())
        assert found["flagged"] and set(found["category_scores"].values()) == {None}
