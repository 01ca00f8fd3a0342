"""What makes a run this one holds no key, and an option tells it from another."""

from lance_graph.evaluation.assembly import Request, _facts, _shown, load_models
from lance_graph.evaluation.methods.base import Setting
from lance_graph.evaluation.methods.detector import DetectorAlone
from lance_graph.evaluation.methods.guard import Guard
from lance_graph.evaluation.methods.hard_block import HardBlock
from lance_graph.evaluation.scorers import build
from lance_graph.files import dumps
from lance_graph.model_options import HIDDEN, ModelOptions, WithOptions

KEY = "sk-SECRET-123"


def facts(**options):
    return _facts(Request("pipeline", [], Setting("openai:m", options=options)), [])


def test_the_facts_show_options_of_models_without_a_key():
    found = facts(target_options={"api_key": KEY, "max_tokens": 9}, max_iterations=1)
    assert found["options"] == {
        "max_iterations": 1,
        "target_options": {"api_key": HIDDEN, "max_tokens": 9},
    }
    assert KEY not in dumps(found) + repr(found)
    assert found != facts(target_options={"api_key": KEY, "max_tokens": 8}, max_iterations=1)


def test_a_run_is_another_once_a_file_that_it_names_is(tmp_path):
    words = tmp_path / "words.toml"

    def with_words(text, **more):
        words.write_text(text, encoding="utf-8")
        setting = Setting("openai:m", options={"out_of_language": f"guard:words:{words}"}, **more)
        return _facts(Request("pipeline", [], setting), [])

    before = with_words("one")
    assert before["files"].keys() == {f"words:{words}"}
    assert with_words("one") == before != with_words("two")
    found = with_words("one", guard=f"classifier:{words}", encoder=str(words))
    assert found["files"].keys() == {f"words:{words}", f"classifier:{words}", str(words)}
    assert "files" not in _shown(before, 1)


def test_a_guard_as_detector_has_its_options_wherever_it_judges():
    name = "llama-guard:openai:llama-guard3"
    own = ModelOptions({"base_url": "http://localhost:9/v1", "api_key": KEY})
    setting = Setting(detector=name, options={"guard_options": own})
    judged_by = WithOptions(name, own)
    judges = [DetectorAlone(setting), HardBlock(setting), build(["risk"], setting)[0]]
    assert [one._detector for one in judges] == [judged_by] * 3
    assert [one.max_calls for one in judges] == [1, 2, 2]
    assert Guard(Setting(guard="shield-lm:openai:x"))._detector == "shield-lm:openai:x"
    load_models(Request("pipeline", [], setting))
