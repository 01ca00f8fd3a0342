"""The OpenAPI description can be read: what it refers to is in it."""

import json
import re

from lance_graph.server.app import create_app


def test_every_reference_leads_to_a_part_of_the_description():
    described = create_app().openapi()
    text = json.dumps(described)
    named = set(re.findall(r'"#/([^"]*)"', text))
    assert {name.rpartition("/")[0] for name in named} == {"components/schemas"}
    assert {name.rpartition("/")[2] for name in named} <= described["components"]["schemas"].keys()
    assert len(named) > 15 and "$defs" not in text


def test_errors_and_streams_are_described():
    paths = create_app().openapi()["paths"]
    asked = paths["/v1/chat/completions"]["post"]["responses"]
    assert asked.keys() == {"200", "4XX", "5XX"}
    assert asked["200"]["content"].keys() == {"application/json", "text/event-stream"}
    assert paths["/metrics"]["get"]["responses"]["200"]["content"].keys() == {"text/plain"}
    assert "503" in paths["/ready"]["get"]["responses"]
    assert not [path for path, one in paths.items() if "422" in json.dumps(one)]
