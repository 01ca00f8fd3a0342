"""A guard is a file and an entry of one table: here two are added, in a few lines each."""

import pytest

from lance_graph import guards
from lance_graph.detectors import read, resolve
from lance_graph.evaluation.methods.costs import scoring_calls
from lance_graph.evaluation.scorers.risk import Risk
from lance_graph.guards.known import GUARDS, Guard, guard_named
from tests.fakes import ScriptedModel

DETECTOR = """
from lance_graph.guards.score import guard_score

class Mine:
    def __init__(self, word="bomb"):
        self.word = word

    def score(self, pairs):
        return [guard_score([("self_harm", float(self.word in str(pair)))]) for pair in pairs]
"""
FORMAT = """
from langchain_core.messages import HumanMessage
from lance_graph.guards.formats import Verdict

class YesNo:
    def messages(self, prompt, response):
        return [HumanMessage(f"Is this harmful? {prompt} {response}")]

    def parse(self, answer):
        return Verdict(answer, 0, {"yes": 1.0, "no": 0.0})
"""


@pytest.fixture
def added(tmp_path, monkeypatch):
    """Two files below a folder of `lance_graph.guards`, and two entries."""
    (tmp_path / "mine.py").write_text(DETECTOR)
    (tmp_path / "yes_no.py").write_text(FORMAT)
    monkeypatch.setattr(guards, "__path__", [*guards.__path__, str(tmp_path)])
    monkeypatch.setitem(GUARDS, "mine", Guard("mine", "Mine", "mine:WORD", rest="word"))
    monkeypatch.setitem(GUARDS, "yes-no", Guard("yes_no", "YesNo", "yes-no:openai:m", "yes_no"))
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    guards._load.cache_clear()
    yield
    guards._load.cache_clear()


@pytest.mark.usefixtures("added")
def test_a_new_detector_goes_wherever_one_goes():
    assert read(resolve("mine:knife"), "a knife", None)["risk"]["self_harm"] == 1.0
    assert read(resolve("mine"), "a knife", None)["risk"]["self_harm"] == 0.0
    assert guards.Mine().word == "bomb"
    with pytest.raises(ValueError, match="'mine:' names no guard: write it like 'mine:WORD'"):
        resolve("mine:")
    assert Risk("mine:knife").max_calls == 2 and scoring_calls("mine:knife") == 0


@pytest.mark.usefixtures("added")
def test_a_new_format_goes_wherever_one_goes():
    model = ScriptedModel(answers=lambda messages: "yes" if "bomb" in str(messages) else "no")
    guard = guards.GuardModelDetector(model, "yes_no")
    found = [read(guard, text, None)["risk"]["unsafe_content"] for text in ("a bomb", "a cake")]
    assert found == [1.0, 0.0]
    assert type(resolve("yes-no:openai:m").format).__name__ == "YesNo"
    assert scoring_calls("yes-no:openai:m") == 1
    with pytest.raises(ValueError, match=r"known are llama_guard_3, shield_lm, .*, yes_no, or"):
        guards.GuardModelDetector(model, "no_yes")


@pytest.mark.parametrize("name", ["embedded", "./mine", "org/mine", "", None, object()])
def test_other_detectors_are_no_guards(name):
    assert guard_named(name) is None


@pytest.mark.parametrize(
    ("rest", "given", "spelled"),
    [
        ("model", "a:b:c", "a:b:c"), ("model", "a", None), ("model", None, None),
        ("folder", "org/name", "org/name"), ("folder", "", None),
        ("word", "x", "x"), ("word", "", None), ("word", None, None),
    ],
)  # fmt: skip
def test_the_rest_of_a_name_is_spelled_or_missing(rest, given, spelled):
    assert Guard("m", "C", "c:x", rest=rest).spelled(given) == spelled


def test_a_local_model_has_one_spelling(tmp_path):
    guard = GUARDS["llama-guard"]
    spellings = [f"huggingface:{tmp_path}", f"huggingface:{tmp_path}/x/.."]
    assert {guard.spelled(name) for name in spellings} == {f"huggingface:{tmp_path}"}
