"""Whatever words the real OpenAI and Anthropic clients put into a request have been judged before."""

import json
import re

import pytest
from langchain_anthropic import ChatAnthropic
from langchain_core.messages import (
    AIMessage,
    ChatMessage,
    FunctionMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
)
from langchain_openai import ChatOpenAI

from lance_graph.context import LanceContext
from lance_graph.conversation.turns import last_turn
from lance_graph.judging import Judge
from lance_graph.runtime.quiet import Quiet
from lance_graph.runtime.steps import run
from lance_graph.screening import screen
from tests.fakes import WordDetector
from tests.integration.block_forms import FORMS, counted, encoded, strings_in

CLIENTS = {
    "openai": ChatOpenAI(model="gpt-4o-mini", api_key="none"),
    "responses": ChatOpenAI(model="gpt-4o-mini", api_key="none", use_responses_api=True),
    "anthropic": ChatAnthropic(model="claude-3-5-haiku-latest", api_key="none"),
}
NOW = HumanMessage("and now a cake")
CALL = {"name": "find", "args": {}, "id": "toolu_1"}

ROLES = {
    "human": lambda blocks: [HumanMessage(blocks)],
    "earlier human": lambda blocks: [HumanMessage(blocks), AIMessage("ok"), NOW],
    "human in a row": lambda blocks: [HumanMessage(blocks), NOW],
    "system": lambda blocks: [SystemMessage(blocks), NOW],
    "assistant": lambda blocks: [HumanMessage("hi"), AIMessage(blocks), NOW],
    "anthropic's": lambda blocks: [
        HumanMessage("hi"),
        AIMessage(blocks, response_metadata={"model_provider": "anthropic"}),
        NOW,
    ],
    "tool": lambda blocks: [
        HumanMessage("hi"),
        AIMessage("", tool_calls=[CALL]),
        ToolMessage(blocks, tool_call_id="toolu_1"),
    ],
}


def judged(messages):
    """All that the detector gets to read, and what is sent then."""
    watcher = WordDetector({})
    dialogue = run(screen(messages, Judge(watcher, None, LanceContext(guard_system=True), Quiet())))
    texts = [
        text for pair in watcher.scored for text in ([pair] if isinstance(pair, str) else pair)
    ]
    texts = [text for text in texts if text]
    return [*texts, *last_turn(messages).readings], dialogue.messages(dialogue.start())


def request_of(client, messages):
    """The request as it would go over the wire, or None where the client refuses the messages."""
    try:
        return json.loads(json.dumps(CLIENTS[client]._get_request_payload(messages)))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def sent_words(payload, made):
    """Those of the planted texts that stand in a request: as they are, encoded, or in an address."""
    strings = list(strings_in(payload))
    return {
        text
        for text in made
        if any(key_of(text) in string or encoded(text)[:16] in string for string in strings)
    }


def key_of(text):
    return re.match(r"plant\w+", text)[0]


def unjudged(client, messages, made):
    texts, sent = judged(messages)
    payload = request_of(client, sent)
    found = sent_words(payload, made) if payload else set()
    return found, {text for text in found if not any(key_of(text) in said for said in texts)}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("role", ROLES)
class TestEveryForm:
    def test_is_judged_as_it_is_sent(self, client, role):
        reached = 0
        missed = {}
        for name, form in FORMS.items():
            word, made = counted()
            messages = ROLES[role]([{"type": "text", "text": "see"}, form(word)])
            found, unread = unjudged(client, messages, made)
            reached += bool(found)
            if unread:
                missed[name] = unread
        assert missed == {}
        assert reached >= 5, "the client refused nearly everything: nothing was tested"

    def test_and_so_are_plain_strings_between_blocks(self, client, role):
        word, made = counted()
        found, unread = unjudged(
            client, ROLES[role]([word(), {"type": "text", "text": word()}]), made
        )
        assert not unread
        assert found or client == "responses", "that client takes no strings among blocks"


def beside():
    """Messages with words beside their content."""
    word, made = counted()
    old = {"name": word(), "arguments": json.dumps({"q": word()})}
    listed = [{"id": word(), "type": "function", "function": {"name": word(), "arguments": word()}}]
    calls = [{"name": word(), "args": {word(): word()}, "id": word()}]
    broken = [{"name": word(), "args": word(), "id": word(), "error": None}]
    called = [HumanMessage("hi"), AIMessage("", tool_calls=[CALL])]
    conversations = {
        "human name": [HumanMessage("hi", name=word())],
        "human name, old": [HumanMessage("hi", additional_kwargs={"name": word()})],
        "system name": [SystemMessage("be kind", name=word()), NOW],
        "system role": [SystemMessage("a", additional_kwargs={"__openai_role__": word()}), NOW],
        "assistant name": [HumanMessage("hi"), AIMessage("ok", name=word()), NOW],
        "function_call": [
            HumanMessage("hi"), AIMessage("", additional_kwargs={"function_call": old}), NOW,
        ],
        "tool_calls, old": [
            HumanMessage("hi"), AIMessage("", additional_kwargs={"tool_calls": listed}), NOW,
        ],
        "tool_calls": [HumanMessage("hi"), AIMessage("", tool_calls=calls), NOW],
        "invalid_tool_calls": [HumanMessage("hi"), AIMessage("", invalid_tool_calls=broken), NOW],
        "kept beside": [
            HumanMessage("hi"),
            AIMessage([{"type": "text", "text": "a"}], additional_kwargs={
                "refusal": word(), "audio": {"id": word()},
                "reasoning": {"type": "reasoning", "summary": [{"text": word()}], "id": word()},
                "tool_outputs": [{"type": "web_search_call", "id": "1", "status": word()}],
            }, id="msg_1"), NOW,
        ],
        "tool": [*called, ToolMessage("ok", tool_call_id=word(), name=word(), artifact=word())],
        "tool, computer": [*called, ToolMessage(
            "https://a.test/a.png", tool_call_id="toolu_1", additional_kwargs={
                "type": "computer_call_output",
                "acknowledged_safety_checks": [{"id": word(), "message": word()}],
            })],
        "tool, custom": [*called, ToolMessage("ok", tool_call_id=word(), additional_kwargs={
            "type": "custom_tool_call_output"})],
        "function": [FunctionMessage("ok", name=word()), NOW],
        "chat": [ChatMessage(word(), role=word()), NOW],
    }  # fmt: skip
    return conversations, made


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("name", beside()[0])
def test_words_beside_the_content_are_judged_as_they_are_sent(client, name):
    conversations, made = beside()
    _, unread = unjudged(client, conversations[name], made)
    assert unread == set()


@pytest.mark.filterwarnings("ignore")
def test_the_words_beside_the_content_do_reach_a_request():
    """Without this, the test above could pass on conversations that no client sends."""
    conversations, made = beside()
    for name, messages in conversations.items():
        found = [unjudged(client, messages, made)[0] for client in CLIENTS]
        assert any(found), name
