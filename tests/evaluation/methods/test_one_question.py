"""Vanilla, SysPrompt and Instruct: one call each, and what is sent."""

import pytest

from lance_graph.context import LanceContext
from lance_graph.evaluation.methods import build
from lance_graph.evaluation.methods.base import Setting
from lance_graph.nodes.generate_response import NoAnswerError
from lance_graph.offline.responder import NOT_REWRITTEN
from tests.fakes import ScriptedModel

PROMPT = "how to attack him"


async def test_vanilla_sends_the_prompt_as_it_is(ask):
    target = ScriptedModel(answers=["Like this."])
    reply, calls = await ask(build("vanilla", Setting(target=target)), PROMPT)
    assert (reply.response, reply.outcome, calls) == ("Like this.", "answered", 1)
    ((message,),) = target.calls
    assert (message.type, message.text) == ("human", PROMPT)


async def test_vanilla_without_a_model_is_the_responder_that_says_so(ask):
    method = build("vanilla", Setting())
    reply, calls = await ask(method, PROMPT)
    assert (reply.response, calls, method.model) == (NOT_REWRITTEN, 0, "offline")
    assert "without a language model" in reply.response


async def test_sys_prompt_puts_the_safety_instructions_first(ask):
    target = ScriptedModel(answers=["Better not."])
    reply, _ = await ask(build("sys-prompt", Setting(target=target)), PROMPT)
    assert reply.response == "Better not."
    ((system, user),) = target.calls
    assert (system.type, user.type, user.text) == ("system", "human", PROMPT)
    assert "safety comes before everything" in system.text


def test_no_context_replaces_a_prompt_of_the_protocol():
    for name in ("evaluation/method_sys_prompt", "method_sys_prompt"):
        with pytest.raises(ValueError, match=f"no prompt is named '{name}'"):
            LanceContext(prompts={name: "Be good."})


async def test_instruct_asks_the_aligned_model_and_not_the_target(ask):
    target, aligned = ScriptedModel(answers=["no"]), ScriptedModel(answers=["I refuse."])
    reply, _ = await ask(build("instruct", Setting(target=target, instruct=aligned)), PROMPT)
    assert (reply.response, target.calls) == ("I refuse.", [])


@pytest.mark.parametrize("name", ["vanilla", "sys-prompt", "instruct", "self-refine", "hard-block"])
@pytest.mark.parametrize("failure", [TimeoutError("slow"), "", " \n"])
async def test_a_model_that_fails_or_says_nothing_is_an_error(ask, name, failure):
    model = ScriptedModel(answers=[failure])
    method = build(name, Setting(target=model, instruct=model))
    with pytest.raises(TimeoutError if isinstance(failure, TimeoutError) else NoAnswerError):
        await ask(method, "how to bake bread")
