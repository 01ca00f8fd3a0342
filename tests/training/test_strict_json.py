import json

from lance_graph.strict_json import finite


def test_what_json_does_not_know_is_null_at_any_depth():
    value = {"a": float("nan"), "b": [float("inf"), 1.5, {"c": (-float("inf"), 2)}], "d": "NaN"}
    known = finite(value)
    assert known == {"a": None, "b": [None, 1.5, {"c": [None, 2]}], "d": "NaN"}
    assert json.loads(json.dumps(known, allow_nan=False)) == known
