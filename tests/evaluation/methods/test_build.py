import subprocess
import sys

import pytest

from lance_graph.evaluation.methods import NAMES, build
from lance_graph.evaluation.methods.base import Setting
from lance_graph.evaluation.sample import Method
from tests.fakes import ScriptedModel

MODEL = ScriptedModel(answers=["hello"])
FULL = {"target": MODEL, "refiner": MODEL, "instruct": MODEL, "guard": "openai-moderation"}


@pytest.mark.parametrize("name", NAMES)
def test_every_method_is_built_under_its_name_and_keeps_the_protocol(name):
    setting = FULL | ({"target": "huggingface:some/model"} if name == "rep-e" else {})
    method = build(name, Setting(**setting))
    assert isinstance(method, Method)
    assert method.name == name
    assert method.title
    assert isinstance(method.model, str)
    assert isinstance(method.max_calls, int)


def test_titles_differ():
    setting = Setting(**FULL | {"target": "huggingface:some/model"})
    assert len({build(name, setting).title for name in NAMES}) == len(NAMES)


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(ValueError, match=r"'lance-xl'; known are vanilla, .*detector"):
        build("lance-xl", Setting())


def test_options_go_to_the_method_that_they_are_for():
    options = {"self-refine": {"iterations": 2}, "rep-e": {"strength": 1.0}}
    setting = Setting(**FULL, method_options=options)
    assert build("self-refine", setting).max_calls == 5
    assert build("vanilla", setting).max_calls == 1


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("self-refine", {"rounds": 2}, "no option rounds; it takes iterations"),
        ("self-refine", {"iterations": 0}, "iterations=0"),
        ("self-refine", {"iterations": "4"}, "iterations='4'"),
        ("vanilla", {"strength": 2}, "it takes none"),
        ("rep-e", {"strength": -2}, "strength=-2"),
        ("rep-e", {"strength": "high"}, "strength='high'"),
        ("rep-e", {"sign": "+"}, "sign='\\+'"),
        ("rep-e", {"layers": "all"}, "layers='all'"),
        ("rep-e", {"layers": [1, "2"]}, "layers="),
        ("rep-e", {"direction": "median"}, "direction='median': known are mean-diff"),
    ],
)
def test_a_wrong_option_is_named(name, options, message):
    target = "huggingface:some/model" if name == "rep-e" else MODEL
    with pytest.raises(ValueError, match=message):
        build(name, Setting(target=target, method_options={name: options}))


@pytest.mark.parametrize("name", ["vanilla", "lance", "lance-nr", "hard-block", "detector"])
def test_these_methods_need_no_language_model(name):
    assert build(name, Setting()).max_calls == 0


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("sys-prompt", "as target"),
        ("self-refine", "as target"),
        ("rep-e", "target='huggingface:PATH'"),
        ("instruct", "the aligned model"),
        ("lance-nf", "as refiner"),
        ("guard", "a guard model"),
    ],
)
def test_these_methods_say_which_model_they_need(name, role):
    with pytest.raises(ValueError, match=f"{name}.*{role}"):
        build(name, Setting())


@pytest.mark.parametrize("name", ["vanilla", "lance", "hard-block", "detector"])
def test_a_wrong_setting_is_named_before_the_first_call(name):
    with pytest.raises(ValueError, match="gpt-4:"):
        build(name, Setting(target="gpt-4:"))
    with pytest.raises(ValueError, match="max_iterations"):
        build(name, Setting(options={"max_iterations": -1}))


def test_naming_and_building_methods_loads_no_torch():
    build = (
        "from lance_graph.evaluation.methods import NAMES, build\n"
        "import sys\n"
        "assert not {'torch', 'langchain_core'} & set(sys.modules)\n"
        "from lance_graph.evaluation.methods.base import Setting\n"
        "for name in ('vanilla', 'lance', 'lance-nr', 'hard-block', 'detector'):\n"
        "    build(name, Setting())\n"
        "assert 'torch' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", build], check=True, timeout=120)


@pytest.mark.parametrize(
    ("name", "target", "model"),
    [
        ("vanilla", "offline", "offline"),
        ("lance", "openai:gpt-4o", "openai:gpt-4o"),
        ("lance", "offline", "ollama:qwen2.5:1.5b"),
        ("lance-nf", "offline", "ollama:qwen2.5:1.5b"),
        ("lance-nr", "offline", "offline"),
        ("hard-block", "openai:gpt-4o", "openai:gpt-4o"),
        ("hard-block", "offline", "embedded"),
        ("guard", "offline", "llama-guard:ollama:llama-guard3"),
        ("detector", "openai:gpt-4o", "embedded"),
    ],
)
def test_a_method_names_the_model_that_it_waits_for(name, target, model):
    guard = "llama-guard:ollama:llama-guard3"
    setting = Setting(target=target, refiner="ollama:qwen2.5:1.5b", guard=guard)
    assert build(name, setting).model == model
