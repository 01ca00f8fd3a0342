"""What a LangGraph server loads: a mistyped setting never passes for one that was not given."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from lance_graph.context import OWNERS, LanceContext
from lance_graph.graph import graph
from lance_graph.integrations.serving import serve


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
