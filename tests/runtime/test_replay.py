from functools import reduce
from operator import add

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.messages import AIMessage, message_chunk_to_message
from langchain_core.runnables import RunnableLambda
from langchain_core.tracers._streaming import _StreamingCallbackHandler

from lance_graph.runtime.replay import Replay, chunks_of, replayed

CALL = {"name": "look_up", "args": {"word": "lance", "times": [1, 2]}, "id": "c1"}


def added(message):
    return message_chunk_to_message(reduce(add, chunks_of(message)))


@given(st.text())
def test_chunks_add_up_to_the_text(text):
    assert added(AIMessage(text, id="1")).content == text


@pytest.mark.parametrize(
    "message",
    [
        AIMessage("to be or not", id="1"),
        AIMessage("", id="1", tool_calls=[CALL, CALL | {"id": "c2"}]),
        AIMessage(
            "one two",
            id="1",
            tool_calls=[CALL],
            usage_metadata={"input_tokens": 1, "output_tokens": 2, "total_tokens": 3},
            response_metadata={"model_name": "m", "lance": {"status": "safe"}},
        ),
        AIMessage([{"type": "text", "text": "see"}, {"type": "image", "base64": "AA=="}], id="1"),
    ],
)
def test_chunks_add_up_to_the_message(message):
    whole = added(message)
    for field in ("content", "tool_calls", "usage_metadata", "response_metadata", "id"):
        assert getattr(whole, field) == getattr(message, field), field


def test_arguments_that_are_no_json_stay_invalid():
    call = {"name": "f", "args": "broken", "id": "1", "error": "not JSON"}
    whole = added(AIMessage("", invalid_tool_calls=[call]))
    assert [c["args"] for c in whole.invalid_tool_calls] == ["broken"] and not whole.tool_calls


def test_every_word_is_a_chunk():
    texts = [chunk.content for chunk in chunks_of(AIMessage("to be\nor  not"))]
    assert texts == ["to", " be", "\nor", "  not", ""]


class Ears(BaseCallbackHandler):
    def __init__(self):
        self.heard = []

    def on_llm_new_token(self, token, **_):
        self.heard.append(token)

    def on_llm_end(self, response, **_):
        self.heard.append(response.generations[0][0].text)


class Stream(Ears, _StreamingCallbackHandler):
    def tap_output_aiter(self, run_id, output):
        return output

    def tap_output_iter(self, run_id, output):
        return output


@pytest.mark.parametrize("is_async", [True, False])
async def test_streams_hear_a_replay_and_callbacks_do_not(is_async):
    stream, callback = Stream(), Ears()
    saying = replayed(AIMessage("all is well", id="7"))

    async def acall(_):
        return await saying.acall()

    inner = RunnableLambda(lambda _: saying.call(), acall)
    config = {"callbacks": [stream, callback]}
    await inner.ainvoke(1, config) if is_async else inner.invoke(1, config)
    assert stream.heard == ["all", " is", " well", "", "all is well"]
    assert callback.heard == []


def test_where_nobody_listens_nothing_is_said():
    assert replayed(AIMessage("x")).call() is None


def test_a_replay_takes_tools_and_says_the_same():
    message = AIMessage("done")
    assert Replay(message=message).bind_tools([]).invoke("?").content == "done"
