"""The server does what its OpenAPI description says, whatever is sent: schemathesis makes the requests.

It is in no dependency group, for its jsonschema-rs is newer than langgraph-cli allows: it runs in an
environment with schemathesis and without the LangGraph server.
"""

from hashlib import sha256

import pytest
from hypothesis import HealthCheck, Phase, settings

from lance_graph import LanceContext
from lance_graph.server.app import create_app
from lance_graph.server.keys import Key
from tests.integration.scenarios import detector, refiner
from tests.server.serving import Target

schemathesis = pytest.importorskip(
    "schemathesis", reason="schemathesis is not installed: see above"
)
checks = pytest.importorskip("schemathesis.specs.openapi.checks")
KEY = "lance-of-a-test"
DIGEST = sha256(KEY.encode()).hexdigest()


def described():
    """The description of a server that is ready."""
    context = LanceContext(
        target=Target(), detector=detector(), refiner=refiner(), max_iterations=1
    )
    app = create_app(context, keys=[Key("tester", DIGEST)])
    app.state.lance.ready = True
    return schemathesis.openapi.from_asgi("/openapi.json", app)


schema = described()


@schema.parametrize()
@settings(
    max_examples=15, derandomize=True, phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
def test_answers_are_as_described(case):
    no_schema_says = [
        checks.positive_data_acceptance
    ]  # that a text has words, or that roles take turns
    case.call_and_validate(
        headers={"Authorization": f"Bearer {KEY}"}, excluded_checks=no_schema_says
    )
