"""What makes a run this one holds no key, and an option tells it from another."""

import pytest

from lance_graph.evaluation.assembly import FILE, Request, _facts, _shown, load_models
from lance_graph.evaluation.methods.base import Setting
from lance_graph.evaluation.methods.detector import DetectorAlone
from lance_graph.evaluation.methods.guard import Guard
from lance_graph.evaluation.methods.hard_block import HardBlock
from lance_graph.evaluation.scorers import build
from lance_graph.evaluation.store import Store, StoreError
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
    assert files_of(before) == {f"words:{words}"}
    assert with_words("one") == before != with_words("two")
    found = with_words("one", guard=f"classifier:{words}", encoder=str(words))
    assert files_of(found) == {f"words:{words}", f"classifier:{words}", str(words)}
    assert not files_of(_shown(before, 1))


def files_of(facts):
    return {name.removeprefix(FILE) for name in facts if name.startswith(FILE)}


def test_a_run_goes_on_with_a_guard_or_a_judge_that_is_named_later(tmp_path):
    local = tmp_path / "model.gguf"
    local.write_text("one", encoding="utf-8")
    name = f"huggingface:{local}"
    later = [
        {"setting": Setting("openai:m", guard=f"classifier:{local}")},
        {"setting": Setting("openai:m", encoder=str(local), vectors=local)},
        {"setting": Setting("openai:m", instruct=name)},
        {"setting": Setting("openai:m"), "judge": name},
        {"setting": Setting("openai:m"), "models": [name]},
    ]
    for more in ({"setting": Setting("openai:m")}, *later, {"setting": Setting("openai:m")}):
        Store(tmp_path / "run", _facts(Request("pipeline", [], **more), [])).close()
    local.write_text("two", encoding="utf-8")
    for more in later:
        with pytest.raises(StoreError, match="holds another run"):
            Store(tmp_path / "run", _facts(Request("pipeline", [], **more), []))


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
