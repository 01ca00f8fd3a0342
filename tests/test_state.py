import copy
import json
import pickle
from dataclasses import asdict, is_dataclass

import pytest

from lance_graph.state import Draft

SECRET = "an unsafe text"


@pytest.fixture
def draft():
    clause = {"category": "self_harm", "intensity": 0.9, "effort": "severe", "words": [SECRET]}
    return Draft(SECRET, SECRET, gradient=[clause])


@pytest.mark.parametrize("show", [repr, str, lambda d: f"{d}", lambda d: repr({"draft": [d]})])
def test_no_way_of_printing_shows_the_text(draft, show):
    assert SECRET not in show(draft)


def test_attributes_hold_no_text(draft):
    assert not hasattr(draft, "__dict__")
    values = [getattr(draft, name) for name in dir(draft) if not name.startswith("__")]
    assert SECRET not in repr(values)
    assert SECRET not in values


@pytest.mark.parametrize("dump", [pickle.dumps, json.dumps])
def test_it_is_not_serialised(draft, dump):
    with pytest.raises(TypeError):
        dump(draft)


def test_a_deep_copy_is_the_same_draft(draft):
    assert copy.deepcopy(draft) is draft
    assert not is_dataclass(draft)
    with pytest.raises(TypeError):
        asdict(draft)
