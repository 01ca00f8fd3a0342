from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lance_graph.conversation.blocks import MEDIA, is_unread, media_of, pieces_of, words_of
from tests.integration.block_forms import FORMS, PICTURES, TEXTS, counted, strings_in

PNG = "iVBORw0KGgo="


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_every_planted_text_is_read_whatever_the_form(form):
    word, made = counted()
    read = "\n".join(words_of(form(word)))
    assert made and [text for text in made if text.split()[0] not in read] == []


@given(
    st.recursive(
        st.text(alphabet="abc def", min_size=1) | st.none() | st.integers(),
        lambda inner: (
            st.lists(inner) | st.dictionaries(st.sampled_from(["a b", "x", "value"]), inner)
        ),
    )
)
def test_no_word_of_an_unknown_block_is_left_unread(value):
    read = "\n".join(words_of({"type": "custom", "value": value}))
    assert all(text in read for text in strings_in(value) if text.strip() and text != "value")


def test_only_what_is_read_whole_is_no_unread_part():
    assert not any(is_unread(form(lambda: "a few words")) for form in TEXTS.values())
    assert all(is_unread(form(lambda: "a few words")) for form in PICTURES.values())
    assert is_unread({"type": "file", "file_id": "file-1"})
    assert not is_unread({"type": "text", "text": ""})


def test_pictures_of_every_form_hold_no_words():
    blocks = [
        {"type": "image", "base64": PNG, "mime_type": "image/png"},
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}", "detail": "low"}},
        {"type": "image_url", "image_url": "https://a.test/cat.png"},
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PNG},
         "cache_control": {"type": "ephemeral"}},
        {"type": "file", "file": {"file_id": "file-9aZ", "filename": "report.pdf"}},
        {"type": "media", "mime_type": "video/mp4", "data": b"\x00\x01"},
        {"type": "input_audio", "input_audio": {"data": "UklGRgA=", "format": "wav"}},
    ]  # fmt: skip
    assert [words_of(block) for block in blocks] == [[]] * len(blocks)


@pytest.mark.parametrize("pattern", ["plant{0} a small {0}tree", "PLANT{0}"])
@pytest.mark.parametrize("kind", MEDIA)
def test_a_delivered_block_holds_nothing_that_is_not_read(kind, pattern):
    fields = """
        type id source_type mime_type media_type format detail index status data base64 url image_url
        file input_audio source filename file_id file_data text title transcript extras metadata
        annotations alt name caption unheard_of
    """
    for field in fields.split():
        for around in (lambda v: v, lambda v: {"data": PNG, "deep": v}, lambda v: {"url": v, "id": v},
                       lambda v: [v], lambda v: {"source": {"data": v, "note": v}}):  # fmt: skip
            word, made = counted(pattern)
            block = media_of({"type": kind, "base64": PNG, field: around(word())})
            kept = "\n".join(strings_in(block))
            read = "\n".join(words_of(block, strict=True))
            assert all(text in read for text in made if text in kept), (field, block)


def test_media_are_delivered_as_they_are():
    for block in (
        {"type": "image", "base64": PNG, "mime_type": "image/png"},
        {"type": "image_url", "image_url": {"url": "https://a.test/cat.png", "detail": "low"}},
        {"type": "input_audio", "input_audio": {"data": "UklGRgA=", "format": "wav"}},
        {
            "type": "file",
            "mime_type": "application/pdf",
            "file_id": "file-1",
            "filename": "a b.pdf",
        },
    ):
        assert media_of(block) == block
    assert media_of({"type": "image", "mime_type": "image/png"}) is None
    assert media_of({"type": "reasoning", "reasoning": "a"}) is None


def test_too_many_values_are_an_error_and_so_is_a_circle():
    with pytest.raises(ValueError, match="more than 200,000 values"):
        words_of({"value": ["a"] * 300_000})
    circle: list[object] = []
    circle.append(circle)
    with pytest.raises(ValueError, match="levels"):
        list(pieces_of({"value": circle}))


def test_a_long_payload_is_remembered_as_data_under_its_media_type_alone():
    """UTF-16 is no text by itself, but it is where the media type says so."""
    coded = b64encode(("\ufeff" + "a bomb, " * 20_000).encode("utf-16-le")).decode()
    picture = {"type": "image", "base64": coded, "mime_type": "image/png"}
    for _ in range(2):
        assert words_of(picture) == []
        assert "bomb" in words_of(picture | {"mime_type": "text/plain"})[0]
    raw = {"type": "document", "source": {"type": "text", "data": coded}}
    assert words_of(raw)[0] == coded
