import pytest
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage

from lance_graph.conversation import last_turn, user_text, with_prompt

HISTORY = [SystemMessage("be brief"), HumanMessage("first"), AIMessage("one")]


def test_the_last_human_turn_is_the_prompt():
    assert user_text([*HISTORY, HumanMessage("second")]) == "second"


@pytest.mark.parametrize(
    ("messages", "message"),
    [
        ([], "no human message"),
        ([AIMessage("hi")], "no human message"),
        ([HumanMessage(" ")], "no text"),
    ],
)
def test_nothing_to_repair_is_an_error(messages, message):
    with pytest.raises(ValueError, match=message):
        user_text(messages)


def test_an_unchanged_prompt_leaves_the_turn_as_it_is():
    messages = [*HISTORY, HumanMessage("second")]
    assert with_prompt(last_turn(messages), "second") == messages[-1:]


def test_a_rewritten_prompt_replaces_the_words():
    (replaced,) = with_prompt(last_turn([*HISTORY, HumanMessage("second", id="7")]), "better")
    assert replaced.text == "better"


def test_images_stay_when_the_words_change():
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}
    typed = HumanMessage([{"type": "text", "text": "second"}, image])
    assert user_text([typed]) == "second"
    (replaced,) = with_prompt(last_turn([typed]), "better")
    assert replaced.content == [{"type": "text", "text": "better"}, image]
