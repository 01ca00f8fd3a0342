import subprocess
import sys

import pytest

from lance_graph import guards
from lance_graph.detectors import resolve
from lance_graph.guards.formats.llama_guard import LlamaGuard3
from lance_graph.guards.formats.shield_lm import ShieldLM
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
