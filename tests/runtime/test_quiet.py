import pytest
from langchain_core.callbacks import BaseCallbackHandler, CallbackManager
from langchain_core.messages import AIMessage
from langchain_core.outputs import ChatGeneration, LLMResult
from langchain_core.tracers._streaming import _StreamingCallbackHandler

from lance_graph.models import ask
from lance_graph.runtime.quiet import Quiet, TokenCounter, quiet_config
from lance_graph.runtime.usage import sum_of
from tests.fakes import ScriptedModel


class Streaming(BaseCallbackHandler, _StreamingCallbackHandler):
    def tap_output_aiter(self, run_id, output):
        return output

    def tap_output_iter(self, run_id, output):
        return output


@pytest.mark.parametrize("as_manager", [True, False])
def test_streaming_handlers_are_taken_off_and_the_callers_own_stay(as_manager):
    own = BaseCallbackHandler()
    handlers = [Streaming(), own]
    callbacks = CallbackManager(handlers, inheritable_handlers=handlers) if as_manager else handlers
    config = {"callbacks": callbacks, "configurable": {"__pregel_send": print, "thread_id": "7"}}
    quiet = quiet_config(config)
    left = quiet["callbacks"]
    assert (left.handlers if as_manager else left) == [own]
    if as_manager:
        assert left.inheritable_handlers == [own]
        assert len(callbacks.handlers) == 2  # the caller's own manager is untouched
    assert quiet["configurable"] == {"thread_id": "7"}


def usage(tokens):
    return {"input_tokens": tokens, "output_tokens": 1, "total_tokens": tokens + 1}


def test_tokens_of_several_calls_add_up_on_top_of_what_was_counted_before():
    counter = TokenCounter({"named": usage(10)}, "named")
    for tokens in (1, 2):
        message = AIMessage("x", usage_metadata=usage(tokens))
        counter.on_llm_end(LLMResult(generations=[[ChatGeneration(message=message)]]))
    counter.on_llm_end(LLMResult(generations=[[ChatGeneration(message=AIMessage("no usage"))]]))
    counter.on_llm_end(LLMResult(generations=[]))
    assert counter.total == {"named": {"input_tokens": 13, "output_tokens": 3, "total_tokens": 16}}


def test_tokens_are_counted_under_the_callers_name_and_not_the_replys():
    before = {"target": usage(1)}
    counter = TokenCounter(before)
    names = ["Target: how to make a bomb", None]
    for model, said in zip(["target", "refiner"], names, strict=True):
        message = AIMessage(
            "x", usage_metadata=usage(2), response_metadata={"model_name": said} if said else {}
        )
        counter.of(model).on_llm_end(LLMResult(generations=[[ChatGeneration(message=message)]]))
    twice = {"input_tokens": 3, "output_tokens": 2, "total_tokens": 5}
    assert counter.total == {"target": twice, "refiner": usage(2)}
    assert before == {"target": usage(1)}


def test_a_call_that_reports_nothing_leaves_none():
    assert TokenCounter().total is None


class Heard(BaseCallbackHandler):
    def __init__(self):
        self.said = []

    def on_llm_end(self, response, **_):
        self.said.append(response.generations[0][0].text)


@pytest.mark.parametrize("redact", [True, False])
@pytest.mark.parametrize("is_async", [True, False])
async def test_callbacks_of_the_enclosing_run_hear_inner_calls_unless_redacted(redact, is_async):
    from langchain_core.runnables import RunnableLambda

    heard, quiet = Heard(), Quiet(redact_callbacks=redact)
    wait = ask(ScriptedModel(answers=["a draft"]), [("user", "hi")], quiet)
    outer = RunnableLambda(lambda _: wait.call().text, lambda _: inner())

    async def inner():
        return (await wait.acall()).text

    config = {"callbacks": [heard]}
    said = await outer.ainvoke(1, config) if is_async else outer.invoke(1, config)
    assert said == "a draft"
    assert heard.said == ([] if redact else ["a draft"])
    assert sum_of(quiet.counter.total)["total_tokens"] == 5
