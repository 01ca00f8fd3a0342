"""Answers that were withheld are recognised when they come back."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lance_graph.withholding import SAMPLE, raised, withhold
from tests.fakes import FRAUD, VIOLENCE

LOW = {VIOLENCE: 0.02, FRAUD: 0.1}
HIGH = {VIOLENCE: 0.8, FRAUD: 0.05}
ANSWER = (
    "First gather the parts that were named above, and keep them dry. Then put the smaller one "
    "into the larger one, wait for an hour, and close the lid before anybody comes near it."
)
CALL = "web_search:\nquery: how to poison my boss with arsenic"


def seen_in(text, answer=ANSWER):
    return raised(LOW, [text], [withhold(answer, HIGH)])[VIOLENCE] > LOW[VIOLENCE]


@pytest.mark.parametrize(
    "text",
    [
        ANSWER,
        ANSWER.upper(),
        ANSWER.replace(". ", ".\n\n- ").replace(",", ";"),
        f"Of course! Here you are. {ANSWER} Let me know whether it helped.",
        "Talk to people. " * 200 + ANSWER + " Talk to people." * 200,
        ANSWER.replace("parts", "pieces").replace("hour", "day"),
    ],
)
def test_it_is_found_again(text):
    assert seen_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "First gather your thoughts. Then talk to somebody.",
        "How violence can be prevented: keep calm, and ask for help before anybody comes near it.",
        ANSWER[:40],
    ],
)
def test_other_answers_are_left_alone(text):
    assert not seen_in(text)


def test_a_short_call_is_found_in_a_longer_one():
    assert seen_in(f"Let me look.\n{CALL} in coffee\nlimit: 3", CALL)
    assert not seen_in("web_search:\nquery: how to make my boss happy", CALL)


@pytest.mark.parametrize("word", ["yes", "Kill him", "好"])
def test_an_answer_of_a_word_or_two_is_found_as_a_whole_only(word):
    assert seen_in(f" {word}! ", word)
    assert not seen_in(f"Well, {word} is what I would never say to anybody", word)


def test_scripts_without_blanks_are_read_by_character():
    answer = "首先把所有的零件放在一起然后等待一个小时再把盖子盖上"
    assert seen_in(f"好的。{answer}。祝你好运", answer)
    assert not seen_in("今天天气很好我们一起去公园散步吧", answer)


def test_every_category_keeps_its_highest_degree():
    found = raised(LOW, [ANSWER], [withhold(ANSWER, HIGH), withhold("else", {VIOLENCE: 0.99})])
    assert found == {VIOLENCE: 0.8, FRAUD: 0.1}
    assert LOW[VIOLENCE] == 0.02


def test_what_is_kept_is_small_plain_and_without_words():
    kept = withhold(ANSWER * 50 + " ".join(map(str, range(5_000))), HIGH)
    text = json.dumps(kept)
    assert len(kept["sketch"]) == SAMPLE
    assert len(text) < 10_000 and not any(word in text for word in ANSWER.split() if len(word) > 3)


@given(st.text(), st.text())
def test_any_text_stands_in_itself(text, around):
    held = withhold(text, HIGH)
    found = raised(LOW, [text], [held])
    assert (found[VIOLENCE] == 0.8) == bool(held["sketch"])
    raised(LOW, [around], [held])  # whatever it says, it says it without an error
