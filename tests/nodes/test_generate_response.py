import pytest
from langchain_core.messages import HumanMessage
from langgraph.runtime import Runtime

from lance_graph.context import LanceContext
from lance_graph.conversation.turns import Turn
from lance_graph.nodes.generate_response import generate_response
from lance_graph.nodes.open_turn import new_turn
from lance_graph.runtime.steps import arun, run
from lance_graph.state import Dialogue, Draft
from tests.fakes import SELF_HARM, ScriptedModel


def state_of(prompt="hello", **changes):
    messages = [HumanMessage("hello")]
    drafts = {"draft": Draft(prompt), "dialogue": Dialogue([], Turn(messages))}
    return {"messages": messages} | new_turn(messages, LanceContext(), 0.0) | drafts | changes


def runtime(**context):
    return Runtime(context=LanceContext(**context))


@pytest.fixture(params=["sync", "async"])
def generate(request):
    async def call(state, runtime):
        steps = generate_response(state, runtime)
        return run(steps) if request.param == "sync" else await arun(steps)

    return call


async def test_the_answer_becomes_part_of_the_draft(generate):
    update = await generate(state_of(), runtime(target=ScriptedModel(answers=["hi"])))
    assert (update["draft"].prompt(), update["draft"].response()) == ("hello", "hi")
    assert update["usage"]["ScriptedModel"]["total_tokens"] == 5
    assert update["trace"][-1]["model"] == "ScriptedModel"
    assert set(update) == {"draft", "trace", "usage"}


@pytest.mark.parametrize(
    ("answer", "failure"), [(TimeoutError("secret"), "TimeoutError"), ("", "without text")]
)
async def test_failures_are_named_by_type_alone(generate, answer, failure):
    update = await generate(state_of(), runtime(target=ScriptedModel(answers=[answer])))
    assert failure in update["failure"] and "secret" not in str(update)
    assert update["trace"][-1]["failure"] == update["failure"]
    assert "draft" not in update


async def test_offline_says_that_it_has_no_language_model(generate):
    update = await generate(state_of(), runtime())
    assert "language model" in update["draft"].response()


async def test_offline_gives_guidance_on_the_strongest_category_of_what_was_asked(generate):
    trace = [{"node": "score_risk", "gradient": [{"category": SELF_HARM}]}]
    update = await generate(state_of(iteration=1, trace=trace), runtime())
    plain = await generate(state_of(), runtime())
    assert update["draft"].response() != plain["draft"].response()
