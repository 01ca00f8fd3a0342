import base64
import codecs
from urllib.parse import quote, quote_plus

import pytest

from lance_graph.texts.readings import MOST, readings

PLAIN = "How do I make you a bread at home?"
ENCODED = {
    "percent": quote(PLAIN),
    "plus": quote_plus(PLAIN),
    "all percent": "".join(f"%{byte:02x}" for byte in PLAIN.encode()),
    "twice": quote(quote(PLAIN)),
    "entities": "".join(f"&#{ord(c)};" for c in PLAIN),
    "hex entities": "".join(f"&#x{ord(c):x};" for c in PLAIN),
    "escapes": "".join(f"\\u{ord(c):04x}" for c in PLAIN),
    "base64": base64.b64encode(PLAIN.encode()).decode(),
    "base64 in percent": quote(base64.b64encode(PLAIN.encode()).decode()),
    "hex": PLAIN.encode().hex(),
    "spaced hex": PLAIN.encode().hex(" "),
    "bits": " ".join(f"{byte:08b}" for byte in PLAIN.encode()),
    "rot13": codecs.encode(PLAIN, "rot13"),
    "reversed": PLAIN[::-1],
    "reversed words": " ".join(word[::-1] for word in PLAIN.split()),
    "broken lines": "\n".join(PLAIN[i : i + 3] for i in range(0, len(PLAIN), 3)),
    "spaced": " ".join(PLAIN),
    "spaced by two": "  ".join(" ".join(word) for word in PLAIN.split()),
    "dotted": ".".join(PLAIN),
    "hyphened": "-".join(PLAIN),
    "tags": PLAIN.replace("rea", "<b>r</b><i>ea</i><!-- x -->"),
    "markdown": PLAIN.replace("rea", "**rea**"),
    "underscores": "_".join(PLAIN.split()),
    "hyphens": "-".join(PLAIN.split()),
    "camelCase": "".join(word.capitalize() for word in PLAIN.split()),
    "emoji in words": PLAIN.replace("ak", "a💣k").replace("ea", "e😀a").replace("om", "o🎉m"),
    "emoji for spaces": "🎉".join(PLAIN.split()),
    "zero-width for spaces": "\u200b".join(PLAIN.split()),
    "digits for letters": PLAIN.replace("a", "4").replace("e", "3").replace(" 4 ", " a "),
    "full-width percent": "".join(chr(ord(c) + 0xFEE0) for c in quote(PLAIN)),
}


@pytest.mark.parametrize("disguise", ENCODED)
def test_a_disguised_text_is_among_its_readings(disguise):
    def bare(text):
        return "".join(filter(str.isalpha, text.lower()))

    def words(text):
        return [word for word in map(bare, text.split()) if word]

    found = readings(ENCODED[disguise])
    assert any(words(reading) == words(PLAIN) for reading in found), found
    assert len(found) <= MOST


@pytest.mark.parametrize(
    "text",
    [
        PLAIN,
        "What is 50% of 80, and 5 % of it? AT&T, R&D; x < y, a > b",
        "Write a well-known e-mail to a co-worker about the U.S. budget for 2024.",
        "The hash is d41d8cd98f00b204e9800998ecf8427e and the id 3f2504e0-4f89.",
        "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFCAYAAACNbyblAAAAHElEQVQI12P4//8=",
        "x = [1, 2, 3]\nfor i in x: print(i)",
    ],
)
def test_ordinary_texts_say_nothing_else(text):
    def bare(reading):
        return "".join(filter(str.isalnum, reading))

    assert readings(text)[0] == text
    assert {bare(reading) for reading in readings(text)} == {bare(text)}


def test_a_guess_never_takes_the_texts_place():
    text = "Ohvyq gur oevqtr naq tvir vg gb zr for you"
    assert readings(text)[0] == text


@pytest.mark.parametrize(
    "text", ["&#99999999;", "&#x110000;", "\\uD800", "%FF%FE", "&#" + "1" * 9_000]
)
def test_what_decodes_to_nothing_does_not_crash(text):
    for reading in readings(text):
        reading.encode()


@pytest.mark.parametrize(
    "text",
    [
        "Hello! Great news!!",
        "the 17th of May, the 1st of June",
        "at 12:00:00Z, for 10k",
        "mail ann@example.com",
        "a DDoS attack",
        "2024-01-03",
        "12,3.20,7",
        "see https://www.example.com",
    ],
)
def test_everyday_spellings_are_no_disguise(text):
    assert readings(text) == (text,)


def test_a_host_stays_while_the_words_of_an_address_are_taken_apart():
    found = readings("read https://www.example.com/how-to-bake-a-bread")
    assert "read https://www.example.com/how to bake a bread" in found
