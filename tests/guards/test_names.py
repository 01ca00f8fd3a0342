import json
import subprocess
import sys

import pytest
from pydantic import ValidationError

from lance_graph import LanceContext, guards
from lance_graph.cli.prepare import build_context
from lance_graph.detectors import configured_name, resolve
from lance_graph.guards.formats.llama_guard import LlamaGuard3
from lance_graph.guards.formats.shield_lm import ShieldLM
from lance_graph.guards.known import GUARDS
from lance_graph.model_options import ModelOptions, WithOptions
from tests.fakes import ScriptedModel
from tests.guards.conftest import classifier


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    guards._load.cache_clear()
    yield
    guards._load.cache_clear()


@pytest.mark.parametrize("name", ["embedded", "./checkpoint", "org/detector", "openai:gpt-4o", ""])
def test_other_names_are_none_of_ours(name):
    assert guards.from_string(name) is None


def test_a_name_stands_for_one_guard_per_process():
    llama = guards.from_string("llama-guard:openai:llama-guard3:8b")
    assert isinstance(llama.format, LlamaGuard3)
    assert (llama.model.model_name, llama.model.temperature) == ("llama-guard3:8b", 0)
    assert guards.from_string("llama-guard:openai:llama-guard3:8b") is llama
    assert resolve("llama-guard:openai:llama-guard3:8b") is llama
    assert isinstance(guards.from_string("shield-lm:openai:shield").format, ShieldLM)
    assert guards.from_string("openai-moderation").model == "omni-moderation-latest"
    assert (
        guards.from_string("openai-moderation:text-moderation-007").model == "text-moderation-007"
    )


def test_a_classifier_is_named_by_id_or_folder(tmp_path):
    classifier(tmp_path, ["safe", "unsafe"])
    detector = guards.from_string(f"classifier:{tmp_path}")
    assert detector.targets == {"safe": ("safe",), "unsafe": ("unsafe_content",)}


@pytest.mark.parametrize(
    "name",
    [
        "llama-guard",
        "llama-guard:",
        "llama-guard:ollama",
        "llama-guard:ollama:",
        "llama-guard::llama-guard3",
        "shield-lm:openai",
        "openai-moderation:",
        "classifier",
        "classifier:",
    ],
)
def test_a_name_that_lacks_something_is_an_error_with_an_example(name):
    kind = name.partition(":")[0]
    with pytest.raises(ValueError, match=f"'{name}' names no guard: write it like '{kind}:"):
        guards.from_string(name)


def test_importing_the_guards_loads_nothing_heavy():
    code = (
        "import sys, lance_graph.guards as guards; assert guards.from_string('embedded') is None; "
        "heavy = {'torch', 'transformers', 'langchain_core', 'openai'} & set(sys.modules); "
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_every_exported_name_is_there():
    assert sorted(guards.__all__) == list(guards.__all__)
    for name in guards.__all__:
        assert getattr(guards, name) is not None and name in dir(guards)
    assert not hasattr(guards, "guard")


LLAMA = "llama-guard:openai:llama-guard3"
OWN = {"base_url": "http://localhost:9/v1", "api_key": "sk-SECRET-123", "timeout": 7}


@pytest.mark.parametrize(
    "fields",
    [
        {"detector": LLAMA},
        {"detectors": ["embedded", LLAMA]},
        {"out_of_language": f"guard:{LLAMA}"},
        {"detector": LLAMA, "out_of_language": f"guard:{LLAMA}"},
    ],
)
def test_the_client_of_a_guard_s_model_has_options(fields):
    context = LanceContext(**fields, guard_options=OWN)
    (named,) = {one for judge in context.judges for one in parts(judge) if one != "embedded"}
    guard = resolve(named)
    assert (guard.model.openai_api_base, guard.model.request_timeout) == (OWN["base_url"], 7)
    assert resolve(named) is guard and resolve(LLAMA) is not guard
    assert configured_name(named) == LLAMA and LLAMA in configured_name(context.judges)
    assert "SECRET" not in repr(named) + repr(context) + context.model_dump_json()
    assert LanceContext(**fields).judges[-1] in (LLAMA, ("embedded", LLAMA))


def parts(judge):
    return judge if isinstance(judge, tuple) else (judge,)


@pytest.mark.parametrize("name", [guard.example for guard in GUARDS.values()])
def test_only_guards_that_ask_a_model_take_options(name):
    asks = GUARDS[name.partition(":")[0]].format is not None
    if asks:
        assert LanceContext(detector=name, guard_options=OWN).judged_by.name == name
        return
    with pytest.raises(ValidationError, match="guard_options are those of one guard model"):
        LanceContext(detector=name, guard_options=OWN)
    with pytest.raises(ValueError, match="no guard that asks a model"):
        resolve(WithOptions(name, ModelOptions(OWN)))


def test_options_go_to_one_guard_and_no_other():
    with pytest.raises(ValidationError, match="would all be sent them") as error:
        LanceContext(detector=LLAMA, out_of_language="guard:shield-lm:openai:x", guard_options=OWN)
    assert "SECRET" not in str(error.value)
    with pytest.raises(ValueError, match="keeps its own options"):
        guards.GuardModelDetector(ScriptedModel(answers=["safe"]), options=OWN)


def test_another_guard_than_the_file_s_has_none_of_its_options(tmp_path):
    file = tmp_path / "lance.json"
    file.write_text(json.dumps({"detector": LLAMA, "guard_options": OWN}), encoding="utf-8")
    assert LanceContext.from_file(file).guard_options.values() == OWN
    assert LanceContext.from_file(file, detector=LLAMA).guard_options
    other = "shield-lm:openai:other"
    assert not LanceContext.from_file(file, detector=other).guard_options
    assert not LanceContext.from_file(file, detectors=[other]).guard_options
    assert build_context(file, detector=other).judged_by == other
    typed = build_context(file, detector=other, guard_options=["timeout=3"])
    assert typed.judged_by == WithOptions(other, ModelOptions({"timeout": 3}))


@pytest.mark.parametrize(
    ("fields", "changes"),
    [
        ({"out_of_language": f"guard:{LLAMA}"}, {"detector": "words:words.toml"}),
        ({"out_of_language": f"guard:{LLAMA}"}, {"detectors": ("embedded", "words:words.toml")}),
        ({"detector": LLAMA}, {"out_of_language": "fail"}),
        ({"detectors": ["embedded", LLAMA]}, {"detectors": ("words:words.toml", LLAMA)}),
    ],
)
def test_a_guard_that_is_still_named_keeps_its_options(tmp_path, fields, changes):
    """Without them it would be asked at its provider's own address, with the server's key."""
    file = tmp_path / "lance.json"
    file.write_text(json.dumps({**fields, "guard_options": OWN}), encoding="utf-8")
    assert LanceContext.from_file(file, **changes).guard_options.values() == OWN
    told = {**changes, "detectors": ()} if "detector" in changes else changes
    assert build_context(file, **told).guard_options.values() == OWN
