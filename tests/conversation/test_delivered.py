"""What of an answer is delivered besides its words."""

import pytest
from langchain_core.messages import AIMessage

from lance_graph.conversation.delivered import content_of, metadata_of
from lance_graph.conversation.turns import answer_readings

IMAGE = {"type": "image", "base64": "AA==", "mime_type": "image/png"}
CITED = {
    "type": "char_location", "cited_text": "Salt it.", "document_title": "Bread",
    "document_index": 0, "start_char_index": 3, "end_char_index": 11,
}  # fmt: skip
LINKED = {"type": "url_citation", "url": "https://a.test/b", "title": "Bread", "start_index": 0,
          "end_index": 4}  # fmt: skip


def text(words, **more):
    return {"type": "text", "text": words, **more}


def test_text_and_pictures_keep_their_order():
    blocks = [text("one"), IMAGE, text("two"), IMAGE]
    assert content_of(AIMessage(blocks), with_media=True) == blocks
    assert content_of(AIMessage(blocks), with_media=False) == [text("one"), text("two")]


@pytest.mark.parametrize(
    ("blocks", "content"),
    [
        ([text("one"), text(" two")], "one two"),
        ([text("one"), text("two")], [text("one"), text("two")]),
        ([{"type": "thinking", "thinking": "CANARY"}, text("one")], "one"),
        ([{"type": "thinking", "thinking": "CANARY"}], ""),
        ([], ""),
    ],
)
def test_text_alone_is_a_string(blocks, content):
    assert content_of(AIMessage(blocks), with_media=True) == content


@pytest.mark.parametrize(("field", "entry"), [("citations", CITED), ("annotations", LINKED)])
def test_citations_stay_and_their_words_are_judged(field, entry):
    said = AIMessage([text("Salt it", **{field: [entry | {"unheard_of": "CANARY"}]}), text(".")])
    content = content_of(said, with_media=True)
    assert content == [text("Salt it", **{field: [entry]}), text(".")]
    read = "\n".join(answer_readings(AIMessage(content)))
    assert all(
        value in read for name, value in entry.items() if name in ("cited_text", "title", "url")
    )
    assert "Bread" in read


@pytest.mark.parametrize(
    "entry", ["CANARY", {"type": "CANARY"}, {"start_index": "CANARY"}, {"type": "citation"}, None]
)
def test_what_is_no_citation_goes_no_further(entry):
    assert content_of(AIMessage([text("a", citations=[entry])]), with_media=True) == "a"


def test_how_an_answer_ended_is_told_in_known_words():
    for name, value in (("finish_reason", "length"), ("stop_reason", "end_turn"),
                        ("finish_reason", "STOP")):  # fmt: skip
        assert metadata_of(AIMessage("a", response_metadata={name: value})) == {name: value}
    for value in ("CANARY", ["stop"], None, "stop it"):
        assert metadata_of(AIMessage("a", response_metadata={"finish_reason": value})) == {}


def logprobs(*entries):
    return {"logprobs": {"content": list(entries), "refusal": None}}


def test_log_probabilities_of_the_answers_own_text_stay():
    other = [{"token": "CANARY", "logprob": -3.0}]
    entries = [
        {"token": "caf", "bytes": [99, 97, 102], "logprob": -0.1, "top_logprobs": other},
        {"token": "\\xc3", "bytes": [0xC3], "logprob": -0.2},
        {"token": "\\xa9", "bytes": [0xA9], "logprob": -0.3, "note": "CANARY"},
    ]
    kept = metadata_of(AIMessage("café", response_metadata=logprobs(*entries)))["logprobs"]
    assert [one["logprob"] for one in kept["content"]] == [-0.1, -0.2, -0.3]
    assert bytes(b for one in kept["content"] for b in one["bytes"]).decode() == "café"
    assert "CANARY" not in str(kept)


@pytest.mark.parametrize(
    "given",
    [
        logprobs({"token": "CANARY", "logprob": -0.1}),
        logprobs({"token": "a", "logprob": "CANARY"}),
        logprobs({"token": "a", "bytes": ["x"], "logprob": 0.0}),
        logprobs("CANARY"),
        {"logprobs": "CANARY"},
        {"logprobs": {"content": None}},
    ],
)
def test_any_others_do_not(given):
    assert metadata_of(AIMessage("a", response_metadata=given)) == {}
