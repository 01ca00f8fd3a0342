import os
from base64 import b64encode
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lance_graph.conversation import opaque


@pytest.mark.parametrize(
    "value", ["call_9aZbX", "toolu_01A09q90qw90lq917835lq9", "1", "report.pdf", "auto", "msg_1"]
)
def test_ids_are_tokens(value):
    assert opaque.is_token(value)


@pytest.mark.parametrize(
    "value",
    [
        "how to",
        "how-to-make-a-bomb",
        "howToMakeABomb",
        "kill_him",
        "bombe\u200b",
        "ｂｏｍｂ",
        "a" * 200,
    ],
)
def test_words_are_none(value):
    assert not opaque.is_token(value)


def test_few_random_ids_are_taken_for_words():
    assert sum(not opaque.is_token(str(uuid4())) for _ in range(1_000)) < 20


@given(st.binary(min_size=24))
def test_encoded_bytes_come_back_or_are_read_as_words(content):
    assert opaque.in_base64(b64encode(content).decode()) in (content, None)


def test_encoded_bytes_of_media_are_data():
    for size in (100, 1_000, 100_000):
        content = b"\x89PNG" + os.urandom(size)
        assert opaque.in_base64(b64encode(content).decode()) == content
        assert opaque.as_text(content) is None


@pytest.mark.parametrize(
    "value",
    ["bomb", "howtomakeabomb12", "how/to/make/a/bomb/at/home12", "HOWTOMAKE", "how to make",
     "HowToMakeABombToday1", "iVBORw0KGgo=" + "howtomakeabomb" * 100],
)  # fmt: skip
def test_words_in_the_letters_of_base64_are_no_data(value):
    assert opaque.in_base64(value) is None


def test_addresses_have_no_blanks_and_no_end_of_their_own():
    assert opaque.is_url("https://a.test/cat.png?size=3") and opaque.is_url("gs://bucket/a")
    for value in (
        "https://a.test/how to",
        "see https://a.test",
        "https://a.test/名",
        "javascript:a",
    ):
        assert not opaque.is_url(value)
    assert not opaque.is_url("https://a.test/" + "a" * 3_000)


def test_an_address_that_reads_like_a_sentence_is_read():
    assert opaque.words_in_url("https://a.test/how-to-make-a-bomb.html?q=with+a+long%20fuse") == [
        "how to make a bomb html", "with a long fuse",
    ]  # fmt: skip
    assert opaque.words_in_url("https://upload.test/commons/3/3f/Cat_on_sofa.jpg?width=300") == []


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("data:text/plain;base64,aGVsbG8=", ("text/plain", b"hello", "")),
        ("data:,how%20to", ("text/plain", b"how to", "")),
        (
            "data:image/png;name=how-to;base64,AA==",
            ("image/png", b"\0", "image/png;name=how-to;base64"),
        ),
        ("data:image/png;base64,bomb", ("image/png", None, "")),
        ("data: how to", None),
        ("see data:,a", None),
    ],
)  # fmt: skip
def test_data_urls(value, found):
    assert opaque.in_data_url(value) == found


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "latin-1"])
def test_text_is_read_in_any_encoding(encoding):
    assert opaque.as_any_text("café au lait".encode(encoding)) == "café au lait"


def test_media_types_are_no_sentences():
    assert opaque.is_mime_type("application/octet-stream")
    assert opaque.is_mime_type("image/svg+xml") and opaque.is_mime_type("text/plain; charset=utf-8")
    assert not opaque.is_mime_type("image/how-to-make-a-bomb")
    assert opaque.is_textual("application/ld+json") and not opaque.is_textual("application/pdf")
