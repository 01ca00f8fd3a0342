"""An editor sees the same options as `LanceContext` has, with their types."""

from typing import get_type_hints

import pytest
from pydantic import TypeAdapter, ValidationError
from typing_extensions import Unpack

from lance_graph import LanceContext, LanceMiddleware, SafetyLayer
from lance_graph.integrations.options import LanceOptions

FIELDS = LanceContext.model_fields


def test_the_options_are_the_fields_but_the_target():
    assert set(LanceOptions.__annotations__) == set(FIELDS) - {"target"}


@pytest.mark.parametrize("door", [SafetyLayer, LanceMiddleware])
def test_a_door_takes_them_typed(door):
    assert get_type_hints(door.__init__)["options"] == Unpack[LanceOptions]


@pytest.mark.parametrize("name", [n for n in LanceOptions.__annotations__ if n != "detector"])
def test_each_default_is_of_the_option_s_type(name):
    hint = get_type_hints(LanceOptions)[name]
    default = getattr(LanceContext(), name)
    adapter = TypeAdapter(hint, config={"arbitrary_types_allowed": True})
    assert adapter.validate_python(default) == default


@pytest.mark.parametrize("door", [SafetyLayer, LanceMiddleware])
def test_a_mistyped_option_is_an_error_and_thresholds_may_be_one_number(door):
    with pytest.raises(ValidationError, match="revew"):
        door(revew="always")
    assert door(thresholds=0.5).context.thresholds.tau == 0.5
