import tomllib
from pathlib import Path

import pytest

from lance_graph.detector.detector import RiskDetector
from lance_graph.detector.languages import unread

SENTENCES = tomllib.loads(Path(__file__).with_name("other_languages.toml").read_text("utf-8"))
ENGLISH = [
    "",
    "ok",
    "thx!!",
    "asap pls",
    "lol no way",
    "gimme the tl;dr",
    "brb",
    "yo whats up",
    "Paris?",
    "Anna Müller",
    "How do I bake bread?",
    "What does 你好 mean?",
    'What does "Wie geht\'s" mean in English?',
    "Say hola to José for me.",
    "SELECT id, name FROM users WHERE id = 3 ORDER BY name;",
    "def f(x):\n    return [y ** 2 for y in x]",
    "https://example.org/wie/geht/es",
    "Traceback (most recent call last):\n  File \"a.py\", line 3, in <module>\nKeyError: 'a'",
    "ΔG = ΔH − TΔS, solve for α and β",
    "I'd like a café latte and a croissant.",
    "pls fix teh speling of definately",
    "Volkswagen Golf GTI",
    "🙂🙂 nice",
    "The Brothers Karamazov (Братья Карамазовы) is a long book.",
    "I'm gonna wanna hafta go",
    "Write a haiku about Kyoto and sushi.",
]


@pytest.mark.parametrize("language", SENTENCES)
def test_sentences_in_other_languages_are_seen(language):
    sentences = [text for texts in SENTENCES[language].values() for text in texts]
    missed = [text for text in sentences if not unread(text, ["en"])]
    romanised = language.startswith("Romanised") or language == "Vietnamese"
    assert len(missed) <= (len(sentences) // 3 if romanised else 0), missed


@pytest.mark.parametrize("text", ENGLISH)
def test_english_is_left_alone(text):
    assert not unread(text, ["en"])


def test_a_foreign_passage_in_an_english_message_counts():
    walk = "The weather was fine and we went for a walk along the river. " * 8
    german = "Bitte erkläre mir ausführlich, wie man zu Hause ein gutes Brot backen kann. "
    russian = "Объясни мне, пожалуйста, как работает двигатель. "
    assert not unread(walk * 2, ["en"])
    assert unread(walk + german + walk, ["en"]) and unread(walk + russian + walk, ["en"])


def test_a_language_that_is_read_is_not_foreign():
    german, russian = (SENTENCES[name]["harmless"][4] for name in ("German", "Russian"))
    assert unread(german, ["en"]) and not unread(german, ["de", "en"])
    assert unread(russian, ["en"]) and not unread(russian, ["en", "ru"])


def test_the_embedded_detector_says_what_it_cannot_read(embedded):
    english, german, pair = embedded.score(
        [
            "How do I bake bread?",
            "Wie backe ich ein Brot?",
            ("Tell me more.", "Ein Brot ohne Hefe backt man mit Natron und Essig."),
        ]
    )
    assert (english.out_of_language, german.out_of_language, pair.out_of_language) == (0, 1, 1)


def test_a_checkpoint_that_names_no_languages_claims_nothing(tiny_checkpoint):
    (score,) = RiskDetector.from_pretrained(tiny_checkpoint).score(["Wie backe ich ein Brot?"])
    assert not score.out_of_language
