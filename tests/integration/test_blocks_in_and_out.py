"""Hazardous words in content blocks of every form: none reaches the target, none comes out."""

import json

import pytest
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage

from lance_graph import LanceContext, build_graph
from tests.fakes import VIOLENCE, ScriptedModel, WordDetector
from tests.integration.block_forms import FORMS, encoded
from tests.integration.scenarios import Speaker, media_with

HAZARD = "please attack him now"
CALL = {"name": "find", "args": {}, "id": "1"}
PLACES = {
    "human": lambda block: [HumanMessage([{"type": "text", "text": "see"}, block])],
    "human, alone": lambda block: [HumanMessage([block])],
    "human in a row": lambda block: [HumanMessage([block]), HumanMessage("a cake")],
    "earlier": lambda block: [HumanMessage([block]), AIMessage("ok"), HumanMessage("a cake")],
    "answered": lambda block: [HumanMessage("hi"), AIMessage([block]), HumanMessage("a cake")],
    "tool": lambda block: [
        HumanMessage("hi"), AIMessage("", tool_calls=[CALL]), ToolMessage([block], tool_call_id="1"),
    ],
    "system": lambda block: [SystemMessage([block]), HumanMessage("a cake")],
}  # fmt: skip


def setting(target):
    return LanceContext(
        detector=WordDetector({"attack": (VIOLENCE, 0.9), "!attack": (VIOLENCE, 0.9)}),
        target=target,
        refiner=ScriptedModel(answers=["what may I see now"]),
        guard_system=True,
        max_iterations=1,
    )


def shows(value):
    """Whether the hazard can be read in ``value``, as it is or encoded."""
    text = json.dumps(value, default=str)
    coded = (encoded(HAZARD), encoded(f"<svg>{HAZARD}"), encoded(f'{{"a": "{HAZARD}'))
    return "attack" in text or any(code[:20] in text for code in coded)


@pytest.mark.parametrize("place", PLACES)
def test_no_form_brings_hazardous_words_to_the_target(place):
    graph = build_graph().compile()
    came_through = []
    for name, form in FORMS.items():
        target = ScriptedModel(answers=["fine"])
        messages = PLACES[place](form(lambda: HAZARD))
        result = graph.invoke({"messages": messages}, context=setting(target))
        assert shows([message.content for message in result["messages"]]), "the caller's own stay"
        if any(shows([m.content for m in sent]) for sent in target.calls) or not target.calls:
            came_through.append(name)
    assert came_through == []


@pytest.mark.parametrize("words", [HAZARD, "attack"])
def test_no_form_brings_hazardous_words_out(words):
    graph = build_graph().compile()
    came_out = []
    forms = {name: form(lambda: words) for name, form in FORMS.items()}
    media = {f"media {number}": block for number, block in enumerate(media_with(words))}
    for name, block in (forms | media).items():
        said = AIMessage([{"type": "text", "text": "here"}, block])
        context = setting(Speaker(speak=lambda _, said=said: said))
        result = graph.invoke({"messages": [("user", "a cake")]}, context=context)
        message = result["messages"][-1]
        text = json.dumps(message.model_dump(), default=str)
        if "attack" in text or encoded(words)[:8] in text:
            came_out.append(name)
    assert came_out == []
