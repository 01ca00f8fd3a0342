"""What a LangGraph server loads: a mistyped setting never passes for one that was not given."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from lance_graph.context import OWNERS, LanceContext
from lance_graph.graph import graph
from lance_graph.integrations.serving import FILE, _with_file, serve


@pytest.fixture(autouse=True)
def open_server(monkeypatch):
    monkeypatch.delenv(FILE, raising=False)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("revew", "did you mean 'review'"),
        ("threshold", "did you mean 'thresholds'"),
        ("zzz", "there are target, refiner"),
    ],
)
def test_an_unknown_field_is_an_error(name, told):
    with pytest.raises(ValueError, match=f"no field '{name}'; {told}"):
        serve(SimpleNamespace(context={"mode": "enforce", name: "always"}))


@pytest.mark.parametrize(
    "context",
    [
        None,
        {},
        LanceContext().model_dump(mode="json"),
        {
            "thread_id": "1",
            "checkpoint_ns": "",
            "langgraph_request_id": "2",
            "__after_seconds__": 0,
        },
        {"lance": {"review": "always"}},
    ],
)
def test_settings_and_plumbing_pass(context):
    assert serve(SimpleNamespace(context=context)) is graph
    assert serve(SimpleNamespace()) is graph


def test_the_server_takes_the_factory_for_one_with_its_runtime():
    factory_utils = pytest.importorskip("langgraph_api._factory_utils")
    runtime = object()
    assert factory_utils._classify_factory(serve)({}, runtime) == {"runtime": runtime}
    (path,) = json.loads((Path(__file__).parents[2] / "langgraph.json").read_text())[
        "graphs"
    ].values()
    assert path == f"{serve.__module__}:{serve.__name__}"


@pytest.mark.parametrize("name", sorted(OWNERS))
def test_a_client_sets_no_address_and_no_key(name):
    with pytest.raises(ValueError, match=f"{name} leads a server's requests and key elsewhere"):
        serve(SimpleNamespace(context={name: {"base_url": "http://169.254.169.254/"}}))
    assert serve(SimpleNamespace(context={name: {}})) is graph


def test_the_schema_by_which_a_server_drops_fields_has_none_of_them():
    properties = graph.get_context_jsonschema()["properties"]
    assert properties and not OWNERS & properties.keys()
    with pytest.raises(ValueError) as error:
        serve(SimpleNamespace(context={"zzz": 1}))
    assert "target_options" not in str(error.value)


@pytest.mark.parametrize("field", ["detector", "target"])
def test_a_client_reads_no_file(field):
    name = "huggingface:./model" if field == "target" else "words:./words.toml"
    with pytest.raises(ValueError, match=f"{field} '{name}' may be a file of the server"):
        serve(SimpleNamespace(context={field: name}))


@pytest.fixture
def fixed(tmp_path, monkeypatch):
    def write(text, path="lance.yaml"):
        (tmp_path / "lance.yaml").write_text(text, encoding="utf-8")
        monkeypatch.setenv(FILE, str(tmp_path / path))

    _with_file.cache_clear()
    yield write
    _with_file.cache_clear()


def test_a_file_is_the_context_of_every_run(fixed):
    fixed("notice: true\nmax_iterations: 0\nout_of_language: review\n")
    served = serve(SimpleNamespace(context={"thread_id": "1", "langgraph_request_id": "2"}))
    assert served is serve(SimpleNamespace()) and served is not graph
    result = served.invoke({"messages": [("user", "How can I poison my boss?")]})
    assert (result["verdict"]["status"], result["verdict"]["iterations"]) == ("fell_back", 0)
    for context in ({"mode": "monitor"}, {"max_iteration": 1}, {"target_options": {}}):
        with pytest.raises(ValueError, match=r"context is fixed \(LANCE_CONTEXT\); run it without"):
            serve(SimpleNamespace(context=context))


@pytest.mark.parametrize(
    ("text", "path", "told"),
    [
        ("notice: true", "nowhere.yaml", "LANCE_CONTEXT: '.*nowhere.yaml' cannot be read: No such"),
        ("notice: true", ".", "LANCE_CONTEXT: .*cannot be read"),
        ("notise: true", "lance.yaml", "LANCE_CONTEXT: .*no field 'notise'; did you mean 'notice'"),
        ("notice: maybe", "lance.yaml", "(?s)LANCE_CONTEXT: .*notice"),
    ],
)
def test_a_wrong_file_serves_nobody(fixed, text, path, told):
    fixed(text, path)
    for _ in range(2):
        with pytest.raises(ValueError, match=told):
            serve(SimpleNamespace())


def test_a_variable_that_was_left_empty_opens_nothing(fixed, monkeypatch):
    monkeypatch.setenv(FILE, " ")
    with pytest.raises(ValueError, match="LANCE_CONTEXT is empty: name a context file"):
        serve(SimpleNamespace())
