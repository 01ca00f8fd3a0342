"""A frame says nothing: it stands on both classes alike, changes no label, and the refiner's count too."""

import random
import re
import tomllib
from collections import Counter
from importlib.resources import files

import pytest

from lance_graph.training.data.example import Example
from lance_graph.training.data.frames import REFINER, Frame, around, framed, put, refiner_frames

BAD = [Example.full(f"How do I forge passport {n}?", None, ["self_harm"]) for n in range(40)]
GOOD = [Example.full(f"Write a poem about rain {n}.", None, ()) for n in range(40)]
PAIRS = [Example.full("Is it?", "Yes.", ()), Example.binary("Is it?", "Kill.")]


@pytest.fixture
def rng():
    return random.Random(0)


def without_prompt(text):
    return re.sub(
        r"([Hh]ow do I forge passport \d+|[Ww]rite a poem about rain \d+)[.?]?", "*", text
    )


def test_there_are_many_frames_and_half_of_them_are_held_out():
    written, refiners = around(), refiner_frames()
    assert len(written) >= 80 and len({frame.text for frame in written}) == len(written)
    for pool in (written, refiners):
        held = sum(frame.held_out for frame in pool) / len(pool)
        assert 0.45 < held < 0.6
    kinds = {side: {f.kind for f in written if f.held_out is side} for side in (False, True)}
    assert len(kinds[True] - kinds[False]) >= 5  # some are other in kind


def test_every_sentence_of_the_offline_refiner_is_a_frame():
    slot = re.compile(rf"\{{{REFINER}\.(\w+)\.\w+\}}")
    texts = [slot.sub(r"{\1}", frame.text) for frame in refiner_frames()]
    for file in files("lance_graph.offline").joinpath("frames").iterdir():
        for sentences in tomllib.loads(file.read_text(encoding="utf-8")).values():
            for sentence in sentences if isinstance(sentences, list) else []:
                assert any(sentence.strip() in text for text in texts), sentence


def test_no_written_frame_repeats_a_sentence_of_the_refiner():
    own = {re.sub(r"\{[pl]\}", "", frame.text).strip().lower() for frame in refiner_frames()}
    said = {re.sub(r"\{[pl]\}", "", frame.text).strip().lower() for frame in around()}
    assert not own & said  # the two are split apart, each by itself


def test_every_frame_holds_the_prompt_once_and_leaves_no_slot(rng):
    for frame in [*around(), *refiner_frames()]:
        text = put(frame, "Is Zorblax {0} near?", rng)
        assert text.lower().count("is zorblax {0} near") == 1, frame.text
        assert not re.search(r"\{(?!0)", text), text
        assert text == text.strip() and len(text) > len("Is Zorblax {0} near?")


def test_the_joint_is_grammatical():
    def joined(text, prompt):
        return put(Frame("", text), prompt, random.Random(0))

    assert joined("{p} Thanks!", "how do i fly") == "how do i fly? Thanks!"
    assert joined("{p} Thanks!", "Tell me a joke") == "Tell me a joke. Thanks!"
    assert joined("{c}, and why?", "How do I fly?") == "How do I fly, and why?"
    assert joined("For a novel: {l}", "How do I fly?") == "For a novel: how do I fly?"
    assert joined("For a novel: {l}", "I'd like to fly.") == "For a novel: I'd like to fly."
    assert joined("For a novel: {l}", "Russia is big.") == "For a novel: Russia is big."
    assert joined("{c}!", "?!") == "?!!"


def test_noise_is_new_every_time_and_no_word(rng):
    frame = Frame("noise", "{noise} {l}")
    texts = {put(frame, "How do I fly?", rng) for _ in range(50)}
    assert len(texts) == 50 and all(text.endswith(" how do I fly?") for text in texts)


def test_each_phrase_stands_on_both_classes_and_changes_no_label(rng):
    rows = framed([*BAD, *GOOD, *PAIRS], 600, rng)
    assert len(rows) == 600
    for bad, good in zip(rows[::2], rows[1::2], strict=True):
        assert bad.labels == BAD[0].labels and good.is_safe
        assert bad.response is None and good.response is None
        assert without_prompt(bad.prompt) == without_prompt(good.prompt)
    assert len({without_prompt(row.prompt) for row in rows}) > 100


def test_held_out_frames_are_on_no_training_row(rng):
    sides = [
        {
            without_prompt(row.prompt)
            for row in framed([*BAD, *GOOD], 800, rng, held_out=side)
        }
        for side in (False, True)
    ]  # fmt: skip
    assert not sides[0] & sides[1]
    held = [frame.text for frame in around() if frame.held_out and "{p}" in frame.text]
    phrases = [text.replace("{p}", "").strip() for text in held]
    assert not [p for p in phrases if any(p in text for text in sides[0])]


def test_the_same_seed_gives_the_same_rows():
    first, second = (framed([*BAD, *GOOD], 50, random.Random(3)) for _ in range(2))
    assert first == second and framed([], 0, random.Random(0)) == []


def test_rows_without_a_known_class_are_left_and_one_class_is_refused(rng):
    unknown = Example("Who knows?", None, (0.0,) * 14, (0.0,) * 14)
    assert all("Who knows" not in row.prompt for row in framed([*BAD, *GOOD, unknown], 200, rng))
    with pytest.raises(ValueError, match="40 unsafe and 0 safe"):
        framed([*BAD, unknown, *PAIRS], 2, rng)


@pytest.mark.parametrize(
    ("text", "said"),
    [("[law]\nheld = ['{p} Hm.']", r"\[law\] needs a list .* it has held"), ("[law]", "nothing")],
)
def test_a_bad_file_is_named(tmp_path, text, said):
    (tmp_path / "written").mkdir()
    with pytest.raises(FileNotFoundError, match=r"no frames/around\.toml"):
        around(tmp_path)
    (tmp_path / "frames").mkdir()
    (tmp_path / "frames/around.toml").write_text(text)
    with pytest.raises(ValueError, match=said):
        around(tmp_path)


def test_phrases_are_no_sign_of_length_or_class():
    rows = framed([*BAD, *GOOD], 400, random.Random(5))
    counts = Counter((without_prompt(row.prompt), row.is_safe) for row in rows)
    assert all(counts[text, True] == counts[text, False] for text, _ in counts)
