"""What of a block stays when its words have to go."""

from base64 import b64encode

import pytest
from langchain_core.messages import HumanMessage

from lance_graph.conversation.blocks import pieces_of, words_of
from lance_graph.conversation.editing import GONE, data_of, edited
from lance_graph.conversation.turns import Turn, with_prompt
from tests.integration.block_forms import FORMS, counted

PDF = b64encode(bytes(range(256)) * 2).decode()
READABLE = b64encode(b"%PDF-1.4 The contract of the two of us, made long ago").decode()
CARRIERS = {
    "filename": {"type": "file", "base64": PDF, "mime_type": "application/pdf", "filename": "c.pdf"},
    "wordy filename": {
        "type": "file", "base64": PDF, "mime_type": "application/pdf",
        "filename": "my late wife's contract.pdf",
    },
    "in extras": {
        "type": "file", "base64": PDF, "mime_type": "application/pdf",
        "extras": {"filename": "our-marriage-contract.pdf"},
    },
    "openai's": {
        "type": "file",
        "file": {"file_data": f"data:application/pdf;base64,{PDF}", "filename": "Contract of Ann.pdf"},
    },
    "input_file": {"type": "input_file", "filename": "our contract.pdf", "file_url": "https://a.test/c.pdf"},
    "uploaded": {"type": "file", "file": {"file_id": "file-1"}, "title": "our contract"},
    "anthropic's": {
        "type": "document", "title": "Our contract", "context": "It is of 1990.",
        "source": {"type": "base64", "media_type": "application/pdf", "data": PDF},
        "citations": {"enabled": True},
    },
    "image_url as a string": {"type": "image_url", "image_url": "https://a.test/b.png"},
    "an address that reads like words": {
        "type": "image_url", "image_url": {"url": "https://a.test/my-late-wife-and-me.png"},
    },
    "gs": {"type": "media", "mime_type": "application/pdf", "file_uri": "gs://bucket/our contract.pdf"},
    "gs, plain": {"type": "media", "mime_type": "application/pdf", "file_uri": "gs://bucket/c.pdf"},
    "a pdf that reads like text": {
        "type": "file", "base64": READABLE, "mime_type": "application/pdf", "filename": "c.pdf",
    },
    "and in an address": {
        "type": "file", "file": {"file_data": f"data:application/pdf;base64,{READABLE}"},
    },
    "ttl": {
        "type": "image", "base64": PDF, "mime_type": "image/png",
        "cache_control": {"type": "ephemeral", "ttl": "1h"},
    },
    "an unknown caption": {"type": "image", "url": "https://a.test/b.png", "caption": "us two"},
    "pages": {
        "type": "document",
        "source": {"type": "content", "content": [
            {"type": "text", "text": "page one"},
            {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PDF}},
        ]},
    },
}  # fmt: skip


def data_in(block):
    return [piece for piece in pieces_of(block) if piece.kind == "data"]


@pytest.mark.parametrize("block", CARRIERS.values(), ids=CARRIERS)
def test_every_block_that_carries_data_stays(block):
    turn = Turn([HumanMessage([{"type": "text", "text": "remove my late wife's name"}, block])])
    (shown,) = with_prompt(turn, "better")
    (words, kept) = shown.content
    assert words == {"type": "text", "text": "better"}
    assert kept["type"] == block["type"] and data_in(kept) == data_in(block)
    assert all(text in "\n".join(turn.rewritten("better")) for text in words_of(kept))
    is_address = "my-late" in str(block) or "gs://" in str(block)
    assert is_address or READABLE in str(block) or words_of(kept) == []


def test_a_file_keeps_a_name_that_says_what_it_is():
    assert data_of(CARRIERS["openai's"])["file"]["filename"] == "attachment.pdf"
    assert data_of(CARRIERS["filename"]) == CARRIERS["filename"]
    assert data_of(CARRIERS["anthropic's"])["citations"] == {"enabled": True}


def test_what_remains_of_an_address_is_judged_with_the_new_prompt():
    block = CARRIERS["an address that reads like words"]
    turn = Turn([HumanMessage(["x", block])])
    assert any("my late wife and me" in reading for reading in turn.rewritten("better"))


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_no_word_stays_beside_a_rewritten_prompt_unread(form):
    word, made = counted()
    turn = Turn([HumanMessage([{"type": "text", "text": "see"}, form(word)])])
    (shown,) = with_prompt(turn, "better")
    read = "\n".join(turn.rewritten("better"))
    left = [text for text in made if text.split()[0] in str(shown.content)]
    assert all(text.split()[0] in read for text in left)


@pytest.mark.parametrize(
    "block",
    [
        {"type": "text", "text": "hello"},
        {"type": "document", "source": {"type": "text", "data": "attack"}},
        {"type": "search_result", "source": "https://a.test", "title": "a b",
         "content": [{"type": "text", "text": "attack"}]},
        {"type": "image", "title": "a picture of us"},
        "words",
    ],
)  # fmt: skip
def test_a_block_of_words_goes_with_them(block):
    assert data_of(block) is None


def test_what_is_changed_is_a_copy_in_the_same_form():
    block = {"type": "tool_result", "content": [{"type": "text", "text": "one"}, {"text": "two"}]}

    def change(place, _):
        return GONE if place.value == "two" else place.value.upper()

    assert edited(block, change) == {
        "type": "tool_result", "content": [{"type": "text", "text": "ONE"}],
    }  # fmt: skip
    assert block["content"][1] == {"text": "two"}
    assert edited(["two"], change) is GONE
