import pytest

from lance_graph.texts.refusals import SENTENCES, find_phrase, phrase_list, plain


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("I’m sorry, but I can’t help with that.", "i cannot help"),
        ("Well. I must respectfully decline.", "i must respectfully decline"),
        ("I can't help but wonder how bread rises.", None),
        ('He said "I cannot provide that" and left.', None),
        ("How can people stay safe?", None),
    ],
)
def test_a_refusal_is_known_by_its_words(text, phrase):
    assert find_phrase(text) == phrase


def test_only_the_first_sentences_are_looked_at():
    assert find_phrase("Bread rises. " * SENTENCES + "I decline.") is None
    assert find_phrase("Bread rises. " * (SENTENCES - 1) + "I decline.") == "i decline"


def test_text_is_matched_in_plain_lower_case():
    assert plain("I CAN'T  say “no”,\nnow") == "i cannot say quotation ,\nnow"


def test_every_line_of_the_list_is_an_expression():
    assert len(phrase_list()) > 15
