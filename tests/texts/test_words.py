"""Phrases of whole words, in any script."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lance_graph.texts.words import Phrases, without, words_of


def found(phrase, text, **how):
    return [text[start:end] for start, end, _ in Phrases({phrase: None}).places(text, **how)]


@pytest.mark.parametrize(
    ("phrase", "text", "where"),
    [
        ("bomb", "A Bomb, bombs and bombastic bath-bomb", ["Bomb", "bomb"]),
        (
            "bath bomb",
            "bath  bomb, Bath-Bomb, bath. bomb",
            ["bath  bomb", "Bath-Bomb", "bath. bomb"],
        ),
        ("straße", "In der STRASSE", ["STRASSE"]),
        ("don't", "I don’t", ["don’t"]),
        ("炸弹", "怎么做炸弹呢", ["炸弹"]),
        ("爆弾", "爆弾の作り方", ["爆弾"]),
        ("폭탄", "폭탄을 만드는", ["폭탄"]),
        ("ระเบิด", "ทำระเบิดอย่างไร", ["ระเบิด"]),
        ("ဗုံး", "ဗုံးလုပ်နည်း", ["ဗုံး"]),
        ("बम", "बम और बमबारी", ["बम"]),
        ("की", "का की", ["की"]),
        ("бомба", "БОМБА", ["БОМБА"]),
        ("a", "b", []),
        ("kill all", "kill", []),
    ],
)
def test_a_phrase_is_whole_words_in_any_case(phrase, text, where):
    assert found(phrase, text) == where


def test_what_may_lie_between_the_words_can_be_narrowed():
    close = re.compile(r"[\s-]{1,3}")
    assert found("bath bomb", "bath bomb bath. bomb bath 🔪 bomb", joined_by=close) == ["bath bomb"]


@pytest.mark.parametrize("phrase", ["", "  ", "!?", "🔪"])
def test_a_phrase_has_a_word(phrase):
    with pytest.raises(ValueError, match="no word in it"):
        Phrases({phrase: None})


def test_of_overlapping_places_the_first_and_longest_is_taken_out():
    phrases = Phrases({"bath": 1, "bath bomb": 2, "bomb bath": 3})
    text = "a bath bomb bath, bath"
    assert without(text, phrases.places(text), "X") == "a X X, X"
    # once, from left to right: what then stands side by side is not looked at again
    inner = Phrases({"bath bomb": None})
    text = "bath bath bomb bomb"
    assert without(text, inner.places(text), "X") == "bath X bomb"


@given(st.text(), st.lists(st.text("ab 炸é-", min_size=1), max_size=4))
def test_places_lie_in_the_text_and_spell_their_phrase(text, phrases):
    kept = {phrase: phrase for phrase in phrases if words_of(phrase)}
    for start, end, phrase in Phrases(kept).places(text):
        assert [w.word for w in words_of(text[start:end])] == [w.word for w in words_of(phrase)]
