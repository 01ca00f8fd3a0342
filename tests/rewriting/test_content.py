import pytest
from hypothesis import given
from hypothesis import strategies as st

from lance_graph.rewriting.content import changes, content_words, is_near_echo, keeps, share_kept

ASKED = "Is it legal to hit a burglar, and if so, which weapons may people use at home?"


def test_function_words_do_not_count():
    assert content_words("How can I poison my neighbour's cat?") == ["poison", "neighbour", "cat"]
    assert content_words("How can I?") == ["how", "can", "i"]


@pytest.mark.parametrize(
    "text",
    [
        "Is it legal to hit a burglar? If so, which weapons may people use at home?",
        "Which weapons may people use at home, and is it legal to hit a burglar?",
        "Is it LEGAL to hit the burglar, and if so, what weapons could people use at home?",
    ],
)
def test_small_words_order_and_marks_make_no_other_request(text):
    assert is_near_echo(text, ASKED, ["hit a burglar", "weapons"])


def test_one_word_is_an_edit_where_it_drove_the_risk():
    words = [
        "the",
        "report",
        "on",
        "our",
        "new",
        "office",
        "in",
        "Leeds",
        "with",
        "its",
        "long",
        "green",
        "hall",
        "and",
        "all",
        "the",
        "chairs",
    ]
    long = f"Please help me kill the time that it takes to write {' '.join(words)}"
    edited = long.replace("kill", "pass")
    assert is_near_echo(edited, long, ["chairs"])
    assert not is_near_echo(edited, long, ["kill the time"])
    assert not is_near_echo(edited, long, [])


def test_a_question_word_for_word_with_more_behind_it_is_kept():
    text = f"{ASKED} I only want to protect my family and all my dear old neighbours."
    assert keeps(text, ASKED, ["weapons"])
    assert not is_near_echo(text, ASKED, ["weapons"])
    assert not keeps("Is it legal to defend a home?", ASKED, ["weapons"])


@pytest.mark.parametrize("text", ["猫を飼う方法を教えて", "ကြောင်ကို ဘယ်လို မွေးမလဲ", "কিভাবে বিড়াল পালন করব"])
def test_words_of_other_scripts_count(text):
    assert len(content_words(text)) >= 4
    assert is_near_echo(text + "?", text, [])
    assert not is_near_echo(text[len(text) // 2 :], text, [])


def test_vocalised_and_plain_arabic_are_the_same_words():
    assert content_words("كَيْفَ أَكْتُبُ") == content_words("كيف أكتب")


@given(st.text(), st.text())
def test_what_is_gone_and_new_adds_up(text, original):
    gone, new, length = changes(text, original)
    assert length == len(content_words(original))
    assert length - gone.total() + new.total() == len(content_words(text))
    assert 0 <= share_kept(text, original) <= 1
    assert is_near_echo(original, original, [])
