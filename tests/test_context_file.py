"""`LanceContext.from_file`: a whole context in one file, which every door takes."""

import pytest
from pydantic import ValidationError

from lance_graph import LanceChatModel, LanceContext, LanceMiddleware, SafetyLayer
from lance_graph.prompts import load
from lance_graph.routing import Thresholds
from tests.fakes import ScriptedModel

YAML = """
target: openai:gpt-4o-mini
target_options:
  timeout: 30
  api_key: env:MY_KEY
  default_headers: {Authorization: env:MY_KEY}
refiner: gpt-4o
refiner_options: {base_url: http://localhost:8080/v1, extra_body: {top_k: 4}}
thresholds: 0.2
category_thresholds:
  politics: {tau: 0.6}
  self_harm: 0.1
  privacy_violation: off
max_iterations: 5
prompts:
  fall_back/self_harm: {file: prompts/mine.md}
  fall_back/privacy: Ask me something else.
"""
TOML = """
target = "openai:gpt-4o-mini"
refiner = "gpt-4o"
thresholds = 0.2
max_iterations = 5
[target_options]
timeout = 30
api_key = "env:MY_KEY"
default_headers = {Authorization = "env:MY_KEY"}
[refiner_options]
base_url = "http://localhost:8080/v1"
extra_body = {top_k = 4}
[category_thresholds]
politics = {tau = 0.6}
self_harm = 0.1
privacy = "off"
[prompts]
"fall_back/self_harm" = {file = "prompts/mine.md"}
"fall_back/privacy" = "Ask me something else."
"""


@pytest.fixture
def write(tmp_path):
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts" / "mine.md").write_text("Call someone.", encoding="utf-8")

    def write(text, name="lance.yaml"):
        (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path / name

    return write


@pytest.mark.filterwarnings("ignore:not judged")
@pytest.mark.parametrize(("name", "text"), [("a.yaml", YAML), ("a.toml", TOML)])
def test_every_field_can_stand_in_it(write, monkeypatch, name, text):
    text = text.replace("politics", "controversial_topics")
    monkeypatch.setenv("MY_KEY", "sk-1")
    context = LanceContext.from_file(str(write(text, name)))
    assert (context.target, context.refiner, context.max_iterations) == (
        "openai:gpt-4o-mini", "gpt-4o", 5,
    )  # fmt: skip
    assert context.target_options.values() == {
        "timeout": 30, "api_key": "sk-1", "default_headers": {"Authorization": "sk-1"},
    }  # fmt: skip
    assert context.refiner_options.values()["base_url"] == "http://localhost:8080/v1"
    assert context.thresholds == Thresholds(tau=0.2)
    assert context.policy.of("controversial_topics,politics").tau == 0.6
    assert context.policy.of("self_harm").tau == 0.1 and context.policy.is_off("privacy_violation")
    assert context.prompts == {
        "fall_back/self_harm": "Call someone.", "fall_back/privacy": "Ask me something else.",
    }  # fmt: skip
    assert "sk-1" not in repr(context)


def test_paths_are_seen_from_the_file(write, tmp_path):
    path = write("target: huggingface:./model\nrefiner: huggingface:ORG/NAME\ndetector: ../run\n")
    context = LanceContext.from_file(path)
    assert context.target == f"huggingface:{tmp_path / 'model'}"
    assert (context.refiner, context.detector) == ("huggingface:ORG/NAME", f"{tmp_path}/../run")
    parts = (
        "[classifier:./toxic, 'words:../words.toml', 'llama-guard:huggingface:./guard', embedded]"
    )
    context = LanceContext.from_file(
        write(f"detectors: {parts}\nout_of_language: 'guard:words:./words.toml'\n")
    )
    assert context.detectors == (
        f"classifier:{tmp_path / 'toxic'}",
        f"words:{tmp_path}/../words.toml",
        f"llama-guard:huggingface:{tmp_path / 'guard'}",
        "embedded",
    )
    assert context.out_of_language == f"guard:words:{tmp_path / 'words.toml'}"


def test_changes_go_over_it_and_another_model_has_none_of_its_options(write):
    path = write(
        "target: gpt-4o\ntarget_options: {base_url: http://localhost/v1}\nmax_iterations: 5\n"
    )
    assert LanceContext.from_file(path, max_iterations=1).max_iterations == 1
    assert LanceContext.from_file(path, target="gpt-4o").target_options
    changed = LanceContext.from_file(path, target="anthropic:claude-3")
    assert changed.target == "anthropic:claude-3" and not changed.target_options
    assert LanceContext.from_file(path, target="offline").max_iterations == 5


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("reviw: always\n", "no field 'reviw'; did you mean 'review'"),
        ("zzz: 1\n", "there are target, target_options"),
        ("prompts: {rewrite: {file: nowhere.md}}\n", "nowhere.md' cannot be read"),
        ("prompts: {rewrite: {path: x}}\n", "a text, or {file: PATH}"),
        (
            "target: gpt-4o\ntarget_options: {api_key: env:NO_SUCH_KEY}\n",
            "environment has no variable 'NO_SUCH_KEY'",
        ),
        ("max_iterations: 99\n", "max_iterations"),
        ("thresholds: {tau: 0.9, tau_mild: 0.5}\n", "thresholds must rise"),
        ("target_options: {timeout: 1}\n", "'offline' takes no options"),
    ],
)
def test_what_is_wrong_with_it_is_named(write, text, told):
    with pytest.raises(ValueError, match=told):
        LanceContext.from_file(write(text))


def test_a_file_that_is_not_there_says_so(tmp_path):
    with pytest.raises(FileNotFoundError):
        LanceContext.from_file(tmp_path / "no.yaml")


def test_every_door_takes_it(write):
    context = LanceContext.from_file(write("max_iterations: 1\nguard_answer: false\n"))
    model = ScriptedModel(answers=["hi"])
    assert LanceChatModel(context=context).context is context
    assert SafetyLayer(context=context).context is context
    assert LanceMiddleware(context=context).context is context
    layer = SafetyLayer(model, context=context)
    assert layer.context.target is model and layer.context.max_iterations == 1
    assert SafetyLayer(lambda prompt: "hello", context=context)("Hi!").text == "hello"


def test_a_function_in_the_place_of_a_target_with_options_has_none(write):
    context = LanceContext.from_file(write("target: gpt-4o\ntarget_options: {timeout: 1}\n"))
    assert not SafetyLayer(lambda prompt: "hello", context=context).context.target_options


@pytest.mark.parametrize("door", [SafetyLayer, LanceMiddleware])
def test_a_context_and_options_are_one_too_many(door):
    with pytest.raises(ValueError, match="give a context or mode, not both"):
        door(context=LanceContext(), mode="monitor")
    with pytest.raises(ValueError, match="from_file"):
        door(context="lance.yaml")
    with pytest.raises(ValueError, match="not a dict") as caught:
        door(context={"refiner": "gpt-4o", "refiner_options": {"api_key": "sk-SECRET"}})
    assert "sk-SECRET" not in str(caught.value)


def test_an_agent_s_model_is_the_target(write):
    context = LanceContext.from_file(write("target: gpt-4o\n"))
    with pytest.raises(ValueError, match=r"target='offline'"):
        LanceMiddleware(context=context)
    for name in ("target", "target_options"):
        with pytest.raises(ValueError, match=f"leave out {name}"):
            LanceMiddleware(**{name: "gpt-4o"})


def test_the_prompt_that_ships_is_kept_where_none_is_given(write):
    assert LanceContext.from_file(write("mode: monitor\n")).prompts == {} and load("rewrite")


def test_prompts_are_checked_like_others(write):
    with pytest.raises(ValidationError, match="placeholders"):
        LanceContext.from_file(write("prompts: {notice: {file: prompts/mine.md}}\n"))
