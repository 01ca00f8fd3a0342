"""A judged answer in the protocol's form."""

import pytest
from langchain_core.messages import AIMessage

from lance_graph.integrations.running import SafeAnswer
from lance_graph.server.completions import PIECE, Completion, usage_of

LOGPROBS = {"content": [{"token": "hi", "bytes": [104, 105], "logprob": -0.1, "top_logprobs": []}]}


def completion(message, status="safe"):
    return Completion(SafeAnswer(message, {"status": status}), "lance", {"status": status})


def test_words_stay_and_media_do_not_fit():
    blocks = [{"type": "text", "text": "see "}, {"type": "image", "base64": "iVBORw0KGgo="}]
    whole = completion(AIMessage([*blocks, {"type": "text", "text": "it"}])).whole()
    assert whole["choices"][0]["message"]["content"] == "see it"


def test_log_probabilities_of_what_was_said_are_passed_on():
    message = AIMessage("hi", response_metadata={"logprobs": LOGPROBS})
    assert completion(message).whole()["choices"][0]["logprobs"] == {**LOGPROBS, "refusal": None}
    *_, last = completion(message).chunks(with_usage=False)
    assert last["choices"][0]["logprobs"]["content"] == LOGPROBS["content"]


@pytest.mark.parametrize(
    ("metadata", "status", "ending"),
    [
        ({}, "safe", "stop"), ({"finish_reason": "length"}, "rewritten", "length"),
        ({"stop_reason": "max_tokens"}, "safe", "length"), ({"stop_reason": "end_turn"}, "safe", "stop"),
        ({"finish_reason": "length"}, "fell_back", "content_filter"), ({}, "degraded", "content_filter"),
    ],
)  # fmt: skip
def test_how_it_ended(metadata, status, ending):
    message = AIMessage("hi", response_metadata=metadata)
    assert completion(message, status).whole()["choices"][0]["finish_reason"] == ending


@pytest.mark.parametrize("text", ["", "a", "é" * PIECE, "x" * (3 * PIECE + 1), "a\n" * 99])
def test_pieces_add_up(text):
    chunks = list(completion(AIMessage(text)).chunks(with_usage=False))
    said = [chunk["choices"][0]["delta"].get("content", "") for chunk in chunks]
    assert "".join(said) == text and max(map(len, said)) <= PIECE


def test_usage_that_nobody_told_is_none():
    assert usage_of(None) is None
