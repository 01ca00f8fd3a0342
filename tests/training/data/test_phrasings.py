"""Acts in forms: twins share every word of the form, and what is held out is on no training row."""

import random
from collections import Counter

import pytest

from lance_graph.categories import KEYS
from lance_graph.training.data.frames import Frame
from lance_graph.training.data.phrasings import (
    PEOPLE,
    abouts,
    acts,
    gerund,
    phrase,
    phrased,
    phrasings,
    said_about,
)
from lance_graph.training.data.twins import lines


@pytest.fixture
def rng():
    return random.Random(0)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "written").mkdir()
    (tmp_path / "frames").mkdir()
    return tmp_path


def test_acts_are_many_distinct_and_of_every_category():
    found = acts()
    assert len(found) >= 250
    for texts in ([a.harmful for a in found], [a.harmless for a in found]):
        assert len({text.lower() for text in texts}) == len(found)
    assert not {a.harmful for a in found} & {a.harmless for a in found}
    first = Counter(act.categories[0] for act in found)
    assert set(first) == set(KEYS) and min(first.values()) >= 15
    held = Counter(act.categories[0] for act in found if act.held_out)
    assert 0.15 < sum(held.values()) / len(found) < 0.3 and set(held) == set(KEYS)


def test_the_length_of_an_act_does_not_tell_its_class():
    pairs = [(len(act.harmful), len(act.harmless)) for act in acts()]
    longer = sum((a > b) + 0.5 * (a == b) for a, b in pairs) / len(pairs)
    assert 0.35 < longer < 0.65
    words = [{*act.harmful.split()} & {*act.harmless.split()} for act in acts()]
    assert sum(map(bool, words)) / len(words) > 0.9  # twins of like words


def test_forms_are_many_and_a_third_and_more_is_held_out():
    forms = phrasings()
    assert len(forms) >= 60 and len({form.text + form.style for form in forms}) == len(forms)
    assert len({form.kind for form in forms}) >= 20
    assert 1 / 3 <= sum(form.held_out for form in forms) / len(forms) < 0.6


def test_rows_are_twins_of_both_classes(rng):
    rows = phrased(201, rng)
    assert len(rows) == 201
    for bad, good in zip(rows[:200:2], rows[1::2], strict=True):
        assert not bad.is_safe and good.is_safe and sum(bad.mask) == sum(good.mask) == 14
        assert bad.response is None and good.response is None


def test_a_form_changes_nothing_but_the_act():
    for form in phrasings():
        for act in acts()[:20] if form.style != "typos" else ():
            rests = []
            for done in (act.harmful, act.harmless):
                text = phrase(form, done, random.Random(3)).lower()
                assert done.lower() in text or gerund(done).lower() in text
                rests.append(text.replace(done.lower(), "*").replace(gerund(done).lower(), "*"))
            assert rests[0] == rests[1]


@pytest.mark.parametrize("make", [phrased, said_about])
def test_held_out_acts_are_on_no_training_row(make):
    train, held = (make(1_500, random.Random(1), held_out=side) for side in (False, True))
    assert len(train) == len(held) == 1_500
    assert not {row.prompt for row in train} & {row.prompt for row in held}
    for act in acts():
        rows = train if act.held_out else held
        for text in (act.harmful, gerund(act.harmful)):
            assert not any(text in row.prompt for row in rows), text


def test_half_of_what_is_said_about_acts_is_harmless_and_no_slot_is_left(rng):
    for side in (False, True):
        rows = said_about(400, rng, held_out=side) + phrased(400, rng, held_out=side)
        assert sum(row.is_safe for row in rows) == 400
        slots = ("{do", "{x}", "{other", "{Do", "{name", "{who", "{age")
        assert not [row.prompt for row in rows if any(slot in row.prompt for slot in slots)]


def test_a_kind_that_does_not_suit_a_category_is_left_out(rng):
    assert {safe.without for safe, _ in abouts()} == {"", "self_harm"}
    rows = [row for row in said_about(2_000, rng) if "self_harm" in _named(row)]
    assert rows and not [
        row for row in rows if "penalties" in row.prompt or "prosecuted" in row.prompt
    ]


def _named(row):
    return [key for key, on in zip(KEYS, row.labels, strict=True) if on]


@pytest.mark.parametrize(
    ("act", "doing"),
    [
        ("run a race", "running a race"),
        ("catch and kill eagles", "catching and killing eagles"),
        ("rob a bank and not get caught", "robbing a bank and not getting caught"),
        ("smash a car and his head", "smashing a car and his head"),
        ("lie to my wife", "lying to my wife"),
    ],
)
def test_gerunds(act, doing):
    assert gerund(act) == doing


def test_styles(rng):
    act = "renew a passport"
    assert (
        phrase(Frame("", "How do I {do}?", style="upper"), act, rng) == "HOW DO I RENEW A PASSPORT?"
    )
    assert (
        phrase(Frame("", "How do I {do}", style="lower"), act, rng) == "how do i renew a passport"
    )
    wrong = {phrase(Frame("", "How do I {do}?", style="typos"), act, rng) for _ in range(30)}
    assert len(wrong) > 5 and all(abs(len(text) - 26) < 6 for text in wrong)
    assert phrase(Frame("", "{Doing}: {x}", False), act, rng) == "Renewing a passport: {x}"


def test_people_of_held_out_forms_are_in_no_trained_form():
    for train, held in PEOPLE.values():
        assert not {*train} & {*held}


def test_twins_have_the_same_people(rng):
    rows = phrased(4_000, rng)
    told = [r for r in rows if r.prompt.startswith("I am ") and "years old" in r.prompt]
    assert len(told) > 20
    heads = [row.prompt.partition(" years old")[0] for row in told]
    assert heads[::2] == heads[1::2]


def test_bad_files_are_named(folder):
    with pytest.raises(FileNotFoundError, match=r"has no acts\.tsv: .* phrased: 0"):
        acts(folder)
    (folder / "acts.tsv").write_text("kill a man\tkill a process\tviolense\tmurder\n")
    with pytest.raises(ValueError, match=r"acts\.tsv:1 is not .*violence"):
        acts(folder)
    (folder / "frames/phrasings.toml").write_text("[a]\nstyle='loud'\ntrain=['{do}']")
    with pytest.raises(ValueError, match="style 'loud'; known are lower"):
        phrasings(folder)
    (folder / "frames/about.toml").write_text("[a]\ntrain=[['{do}']]")
    with pytest.raises(ValueError, match=r"\[a\] of about.toml has no pair"):
        abouts(folder)


def test_no_act_or_form_repeats_a_written_text():
    written = {
        cell.casefold().strip(" .?!")
        for side in (False, True)
        for _, cells in lines("written", side)
        for cell in cells[:2]
    }
    rows = phrased(3_000, random.Random(2)) + said_about(1_000, random.Random(2))
    assert not {row.prompt.casefold().strip(" .?!") for row in rows} & written
