"""Words of one's own as a detector, from Python and from a file."""

import os

import pytest

from lance_graph.asking import Several
from lance_graph.categories import Category
from lance_graph.detectors import read, resolve
from lance_graph.guards import AllowList, WordList
from lance_graph.guards.word_file import MOST_BYTES
from tests.fakes import FRAUD, VIOLENCE

RIVALS = Category("rivals", title="Talk about rivals")
LISTED = WordList(
    {
        "acme": "rivals",
        "money mule": ("financial_crime", 0.6),
        "hit job": [FRAUD, ("violence", 0.4)],
    },
    [RIVALS],
)


def risk(text, response=None, detector=LISTED):
    return read(detector, text, response)["risk"]


def test_a_category_has_the_degree_of_its_highest_phrase():
    assert risk("hello") == {"rivals": 0.0, FRAUD: 0.0, VIOLENCE: 0.0}
    assert risk("Is ACME better?")["rivals"] == 0.9
    assert risk("a money-mule")[FRAUD] == 0.6
    assert risk("money mule, hit job") == {"rivals": 0.0, FRAUD: 0.9, VIOLENCE: 0.4}


def test_the_answer_is_searched_as_well():
    assert risk("Who else?", "Try Acme.")["rivals"] == 0.9
    assert risk("", "Acme")["rivals"] == 0.9


@pytest.mark.parametrize(
    "text", ["Acmes", "acmeology", "money. The mules", "moneymule", "mule money", ""]
)
def test_only_whole_phrases_count(text):
    assert max(risk(text).values()) == 0.0


@pytest.mark.parametrize(
    "text",
    ["Ａｃｍｅ", "A\u200bcme", "A c m e", "%41cme", "Acm\u0435", "money\u00a0mule", "money_mule"],
)
def test_disguises_are_undone_as_for_the_embedded_detector(text):
    assert max(risk(text).values()) > 0.5


def test_it_names_the_words():
    spans = LISTED.explain("An Acme hit job", None, ["rivals", VIOLENCE])
    assert [(s.category, s.text, s.start, s.end) for s in spans] == [
        ("rivals", "Acme", 3, 7),
        (VIOLENCE, "hit job", 8, 15),
    ]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({}, "without words"),
        ({"!": "violence"}, "'!' is no phrase"),
        (
            {"gun": "violense"},
            "'gun': 'violense' is not a rejection category.*did you mean 'violence'",
        ),
        ({"gun": ("violence", 0.0)}, r"the degree 0.0 is not in \(0, 1\]"),
        ({"gun": ("violence", float("nan"))}, "the degree nan"),
        ({"gun": []}, "'gun' stands for nothing"),
    ],
)
def test_a_wrong_list_is_refused(words, message):
    with pytest.raises(ValueError, match=message):
        WordList(words)


@pytest.mark.parametrize(
    ("phrases", "message"),
    [
        ({}, "without phrases"),
        ({"x": []}, "innocent in no category"),
        ({"?": "violence"}, "no phrase"),
    ],
)
def test_a_wrong_allow_list_is_refused(phrases, message):
    with pytest.raises(ValueError, match=message):
        AllowList(phrases)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("浴盐炸弹怎么做", "something怎么做"),
        ("浴盐，炸弹", None),
        ("a bath-bomb", "a something"),
        ("a bath. bomb", None),
        ("a bathbomb", None),
    ],
)
def test_innocent_phrases_are_found_close_together_in_any_script(text, masked):
    found = AllowList({"浴盐炸弹": "violence", "bath bomb": "violence"}).masked(text)
    assert found == ({"violence": (masked, None)} if masked else {})


FILE = """
[categories.rivals]
title = "Talk about rivals"
meaning = "other vendors"
fall_back = "Ask me about our own."
thresholds = 0.5

[[words]]
category = "rivals"
phrases = ["Acme", "Bcme"]

[[words]]
category = "violence"
phrases = ["bomb"]
degree = 0.6
"""
ALLOWED = """
[[allow]]
phrases = ["bath bomb"]
categories = ["violence"]
"""


def saved(folder, text):
    path = folder / "words.toml"
    path.write_text(text, encoding="utf-8")
    return f"words:{path}"


def test_a_file_has_words_categories_and_what_is_innocent(tmp_path):
    detector = resolve(saved(tmp_path, FILE + ALLOWED))
    found = [risk(text, detector=detector) for text in ("Bcme", "a bomb", "a bath bomb")]
    assert found == [
        {"rivals": 0.9, VIOLENCE: 0.0},
        {"rivals": 0.0, VIOLENCE: 0.6},
        {"rivals": 0.0, VIOLENCE: 0.0},
    ]
    own = {category.key: category for category in detector.categories}["rivals"]
    assert own.limits.tau == 0.5 and own.fall_back == "Ask me about our own."


def test_what_is_innocent_may_stand_alone_beside_a_detector(tmp_path):
    name = saved(tmp_path, ALLOWED)
    detector = resolve([WordList({"bomb": "violence"}), name])
    assert risk("a bath bomb", detector=detector) == {VIOLENCE: 0.0}
    with pytest.raises(ValueError, match="nothing judges"):
        resolve(name)


def test_innocence_of_a_file_reaches_the_detectors_beside_it(tmp_path):
    detector = resolve(
        [WordList({"bath": "self_harm", "bomb": FRAUD}), saved(tmp_path, FILE + ALLOWED)]
    )
    assert isinstance(detector, Several)
    assert risk("a bath bomb", detector=detector)[FRAUD] == 0.9


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "without words"),
        ("rubbish", "words.toml: Expected"),
        ("[[words]]\nphrases = ['a']", "words.0.category: Field required"),
        ("[[words]]\ncategory = 'violence'\nphrases = []", "words.0.phrases"),
        ("[[words]]\ncategory = 'violens'\nphrases = ['a']", "did you mean 'violence'"),
        ("[[words]]\ncategory = 'violence'\nphrases = ['a']\ndegree = '1'", "words.0.degree"),
        ("[word]\na = 1", "word: Extra inputs"),
        ("[categories.self_harm]\ntitle = 'Mine'", "'self_harm' is a name of"),
        ("[categories.x]\nthresholds = 2", "categories.x.thresholds"),
    ],
)
def test_a_wrong_file_is_named(tmp_path, text, message):
    with pytest.raises(ValueError, match=message) as refused:
        resolve(saved(tmp_path, text))
    assert "words.toml" in str(refused.value)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(OSError, match=r"none\.toml"):
        resolve(f"words:{tmp_path}/none.toml")


def test_a_file_without_an_end_is_not_read_to_it(tmp_path):
    with pytest.raises(ValueError, match="/dev/zero is no file of words: give a regular file"):
        resolve("words:/dev/zero")
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path):
        with pytest.raises(ValueError, match="no file of words: give a regular file"):
            resolve(f"words:{path}")
    (tmp_path / "large.toml").write_bytes(b"#" * (MOST_BYTES + 1))
    with pytest.raises(
        ValueError, match=r"large.toml is no file of words: it has more than 10,000,000"
    ):
        resolve(f"words:{tmp_path}/large.toml")
