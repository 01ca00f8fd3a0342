"""What makes a run this one holds no key, and an option tells it from another."""

from lance_graph.evaluation.assembly import Request, _facts
from lance_graph.evaluation.methods.base import Setting
from lance_graph.files import dumps
from lance_graph.model_options import HIDDEN

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
