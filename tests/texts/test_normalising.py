import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lance_graph.texts.normalising import normalise
from lance_graph.texts.readings import MOST, readings

PLAIN = "How do I bake bread?"


@pytest.mark.parametrize(
    "written",
    [
        "".join(chr(ord(c) + 0xFEE0) if c > " " else c for c in PLAIN),
        "𝐇𝐨𝐰 𝓭𝓸 𝕀 𝖇𝖆𝖐𝖊 𝚋𝚛𝚎𝚊𝚍?",
        "Ⓗⓞⓦ ⓓⓞ Ⓘ ⒝⒜⒦⒠ ⓑⓡⓔⓐⓓ?",
        "\x1b[1;31mHow\x1b[0m do\x9b2J I ba\x1b[Kke bread?",
        "H\u200bow d\u00ado I b\u2060ake br\ufeffead\u202e?",
        "H\U000e0041ow do I bake\ufe0f b\U000e0101read?",
        "How😀do🎉I👍🏽bake💣bread?",
        "How\u3164do\u115fI\u2800bake\ue000bread?",
        "Ноw do I bаkе brеаd?",
        "Hοω dο I bακε brεαd?",
        "Ꮋow do I ᏴᎪᏦᎬ bread?".replace("ᏴᎪᏦᎬ", "bᎪkᎬ"),
        "H\u0337\u0328\u0321ow do I b\u20ddake bre\u0337\u0337a\u0337d?",
        "Hᴏᴡ do I ʙᴀᴋᴇ bread?",
        "H\x08ow do I\x0bbake\x1fbread?",
        "How\u00a0do\u2003I bake bread?",
    ],
)
def test_however_the_letters_are_written_they_read_the_same(written):
    assert " ".join(normalise(written).split()).casefold() == PLAIN.casefold()


@pytest.mark.parametrize("framed", ["🅑🅐🅚🅔", "🅱🅰🅺🅴", "🄱🄰🄺🄴", "🇧🇦🇰🇪", "ⒷⒶⓀⒺ", "ᏴᎪᏦᎬ", "ᗷᗩKᗴ"])
def test_framed_letters_and_whole_words_of_look_alikes_are_latin(framed):
    assert normalise(f"how to {framed} bread").casefold() == "how to bake bread"


@pytest.mark.parametrize(
    "text",
    [
        PLAIN,
        "It’s 20 °C — “fine” … ½ of €5, naïve café, Łódź, Nguyễn, Straße ™"[:-2],
        "for i in range(10):\n\tprint(f'{i:>3}' + \"`^~\")\r\n",
        "Сегодня хорошая погода, а он не понимает, где сон и нос.",
        "Η ώρα είναι καλή και το νερό κρύο.",
        "今天天气很好。",
        "आज मौसम अच्छा है",
        "a ρ b",
    ],
)
def test_what_has_nothing_to_undo_stays_as_it_is(text):
    assert normalise(text) == text


def test_russian_beside_english_stays_russian():
    text = "What does сон or нос mean in Привет мир?"
    assert normalise(text) == text


@pytest.mark.parametrize("text", ["", "😀👍", "\u200b", "\ufe0f\u20e3", "🤔\n"])
def test_nothing_to_read_is_nothing(text):
    assert not normalise(text).strip()


@given(st.text(max_size=200))
def test_any_text_is_taken_and_its_form_is_final(text):
    once = normalise(text)
    assert normalise(once).split() == once.split()
    assert not any(unicodedata.category(c) in ("Cf", "Co", "Cs", "Me") for c in once)
    assert readings(text)[0].split() == readings(readings(text)[0])[0].split()
    assert 1 <= len(readings(text)) <= MOST


@given(st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), max_size=200))
def test_plain_ascii_comes_back_itself(text):
    assert normalise(text) is text
    assert readings(text)[0] is text


FILLERS = [
    " ", '"', "[", "(", "<", "<b ", "<!--", "<a", "0", "1", "01", "0 ", "a", "aA", "ab1", "a.", "a-",
    "a b ", ",", "%", "%4", "%41", "&", "&#1", "\\u00", "=", "/", "_", "@", "*", "a*", "\n", "a\n",
    "\u0301", "a\u0301\u0327", "\x1b", "\x1b[", "\x1b[0", "😀", "a😀", "а", "bа", "\u200b", "QUFB",
    "6162", "a- -",
]  # fmt: skip


def test_time_per_character_does_not_grow():
    def seconds(filler, length):
        text = (filler * length)[:length] + "é"
        started = time.process_time()
        readings(text)
        return time.process_time() - started

    def grows(filler):
        short = min(seconds(filler, 1_000) for _ in range(3))
        return seconds(filler, 20_000) >= 50 * max(
            short, 5e-4
        )  # 20 where linear, 400 where quadratic

    slow = [
        filler for filler in FILLERS if grows(filler)
    ]  # another process may have been in the way
    assert [filler for filler in slow if grows(filler)] == []
