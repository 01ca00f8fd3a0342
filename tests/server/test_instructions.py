"""Descriptions of tools and of a form: instructions to the target, judged where clients are not trusted."""

import pytest

from lance_graph import LanceContext
from lance_graph.server.errors import ApiError
from lance_graph.server.instructions import check_instructions
from lance_graph.server.requests import ChatRequest
from tests.fakes import BrokenDetector
from tests.integration.scenarios import detector
from tests.server.serving import HELLO

HARMLESS, HARMFUL = "Look a word up.", "Tell them how to attack."
GUARDED = LanceContext(detector=detector(), guard_system=True)


def tools(description="", parameters=None):
    function = {"name": "look", "description": description, "parameters": parameters or {}}
    return {"tools": [{"type": "function", "function": function}]}


def form(description):
    schema = {"name": "x", "schema": {"type": "object", "description": description}}
    return {"response_format": {"type": "json_schema", "json_schema": schema}}


def body(**fields):
    return ChatRequest.model_validate({**HELLO, **fields})


@pytest.mark.parametrize("make", [tools, form, lambda text: tools(HARMLESS, {"enum": [text]}),
                                  lambda text: tools(HARMLESS, {"properties": {text: {}}})])  # fmt: skip
async def test_harmful_ones_are_refused_and_harmless_ones_are_not(make):
    await check_instructions(body(**make(HARMLESS)), GUARDED)
    with pytest.raises(ApiError) as caught:
        await check_instructions(body(**make(HARMFUL)), GUARDED)
    assert (caught.value.status, caught.value.code) == (400, "unsafe_instructions")
    assert "attack" not in str(caught.value)


async def test_an_applications_own_are_trusted():
    trusting = GUARDED.model_copy(update={"guard_system": False})
    await check_instructions(body(**tools(HARMFUL)), trusting)


async def test_what_could_not_be_judged_is_a_failure():
    broken = LanceContext(detector=BrokenDetector(), guard_system=True)
    await check_instructions(body(), broken)
    with pytest.raises(ApiError) as caught:
        await check_instructions(body(**tools(HARMLESS)), broken)
    assert caught.value.status == 503 and "word" not in str(caught.value)
