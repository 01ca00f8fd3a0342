import json

import pytest

from lance_graph.categories import KEYS
from lance_graph.files import read_objects
from lance_graph.training.data import taxonomies
from lance_graph.training.data.example import (
    DEGREES,
    Example,
    of_row,
    read_examples,
    split_by_prompt,
    unsafe_and_safe,
)


def test_rows_know_different_amounts():
    full = Example.full("p", "r", ["self_harm"])
    one = Example.one("p", None, "self_harm")
    binary = Example.binary("p", None)
    assert sum(full.mask) == 14 and sum(one.mask) == 1 and sum(binary.mask) == 0
    assert full.labels == one.labels and sum(binary.labels) == 0
    assert full.unsafe == one.unsafe == binary.unsafe == 1.0
    assert not any(row.is_safe for row in (full, one, binary))
    assert Example.full("p", None, ()).is_safe and Example.full("p", None, ()).unsafe == 0.0


@pytest.mark.parametrize(
    ("label", "example"),
    [
        ({"categories": ["self_harm"]}, Example.full("p", "r", ["self_harm"])),
        ({"categories": []}, Example.full("p", "r", ())),
        (
            {"categories": {"self_harm": True, "animal_abuse": False}},
            Example.full("p", "r", ["self_harm"]),
        ),
        ({"category": dict.fromkeys(KEYS, False)}, Example.full("p", "r", ())),  # BeaverTails
        ({"category": "self_harm"}, Example.one("p", "r", "self_harm")),
        ({"category": "Physical Harm/Self-harm"}, Example.one("p", "r", "self_harm")),
        (
            {"category": "drugs_weapons"},
            Example.one("p", "r", "drug_abuse,weapons,banned_substance"),
        ),
        ({"categories": ["privacy"]}, Example.full("p", "r", ["privacy_violation"])),
        ({"category": "something else", "is_safe": False}, Example.binary("p", "r")),
        ({"category": "something else", "is_safe": True}, Example.full("p", "r", ())),
        ({"is_safe": True}, Example.full("p", "r", ())),
        ({"is_safe": False}, Example.binary("p", "r")),
    ],
)
def test_each_kind_of_label_says_what_it_knows(label, example):
    assert of_row({"prompt": "p", "response": "r", "source": "x", **label}) == example


def test_the_finer_label_counts():
    row = {"prompt": "p", "categories": ["self_harm"], "is_safe": False}
    assert of_row(row) == Example.full("p", None, ["self_harm"])


def test_the_subject_of_a_safe_row_is_no_risk():
    row = {"prompt": "p", "category": "self_harm", "is_safe": True}
    assert of_row(row) == Example.full("p", None, ())


@pytest.mark.parametrize("field", ["categories", "category"])
def test_an_unsafe_row_without_categories_is_unsafe(field):
    none = [] if field == "categories" else dict.fromkeys(KEYS, False)
    assert of_row({"prompt": "p", field: none, "is_safe": False}) == Example.binary("p", None)


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"is_safe": True}, "'prompt'"),
        ({"prompt": 3, "is_safe": True}, "'prompt'"),
        ({"prompt": "p", "response": ["r"], "is_safe": True}, "'response'"),
        ({"prompt": "p"}, "needs a label"),
        ({"prompt": "p", "is_safe": "yes"}, "is_safe is 'yes'; it must be true or false"),
        ({"prompt": "p", "category": "self_harm", "is_safe": "true"}, "is_safe is 'true'"),
        ({"prompt": "p", "category": "safe"}, "category is 'safe', which is none of the 14"),
        ({"prompt": "p", "category": "self-harm"}, "category is 'self-harm'.*self_harm"),
        ({"prompt": "p", "category": ""}, "category is ''"),
        ({"prompt": "p", "categories": "none"}, "category is 'none'"),
        ({"prompt": "p", "categories": [["self_harm"]]}, "unknown category"),
        ({"prompt": "p", "categories": [None]}, "unknown category None"),
        ({"prompt": "p", "categories": {"arson": False}}, "'arson'"),
        ({"prompt": "p", "category": {"self_harm": "no"}}, "'self_harm' is 'no'; it must be"),
        ({"prompt": "p", "categories": ["arson"]}, "'arson'.*self_harm"),
        ({"prompt": "p", "categories": {"arson": True}}, "'arson'"),
    ],
)
def test_a_bad_row_says_what_is_wrong(row, told):
    with pytest.raises(ValueError, match=told):
        of_row(row)


def test_a_broken_line_is_named(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_text('{"a": 1}\n\nnot json\n')
    with pytest.raises(ValueError, match=r"rows\.jsonl:3"):
        list(read_objects(path))


def test_a_bad_row_of_a_file_is_named(tmp_path):
    path = tmp_path / "rows.jsonl"
    rows = [{"prompt": "p", "is_safe": True}, {"prompt": "p"}]
    path.write_text("".join(json.dumps(row) + "\n\n" for row in rows))
    with pytest.raises(ValueError, match=r"rows\.jsonl, line 3: a row needs a label"):
        list(read_examples(path))


def test_what_is_not_known_to_be_unsafe_counts_as_safe():
    unsafe, safe = Example.binary("a", None), Example.full("b", None, ())
    unknown = Example("c", None, safe.labels, (0.0,) * len(KEYS))
    rows = [safe, unsafe, unknown]
    assert unsafe_and_safe(iter(rows)) == ([unsafe], [safe, unknown])


def test_a_split_is_by_prompt_and_by_seed():
    rows = [Example.full(f"p{n % 50}", f"r{n}", ()) for n in range(200)]
    rest, held = split_by_prompt(rows, 0.2, seed=1)
    assert not {row.prompt for row in rest} & {row.prompt for row in held}
    assert len({row.prompt for row in held}) == 10 and len(rest) + len(held) == 200
    assert split_by_prompt(rows, 0.2, seed=1) == (rest, held)
    assert split_by_prompt(rows, 0.2, seed=2) != (rest, held)
    turned, _ = split_by_prompt(rows[::-1], 0.2, seed=1)
    assert turned == rest[::-1]


def test_nothing_held_out_is_nothing():
    rows = [Example.binary("p", None)]
    assert split_by_prompt(rows, 0.0, seed=1) == (rows, [])


def test_every_mapped_category_is_one_of_the_fourteen():
    assert set(taxonomies.KNOWN.values()) <= set(KEYS)


def test_a_graded_row_is_soft_as_a_whole_and_in_its_category():
    row = of_row({"prompt": "p", "category": "self_harm", "degree": 0.5})
    assert row.unsafe == row.degree == max(row.labels) == 0.5
    assert row.mask == Example.one("p", None, "self_harm").mask
    assert row.is_borderline and row.is_safe and row.has_label
    every = of_row({"prompt": "p", "categories": ["self_harm"], "degree": 0.9})
    assert sum(every.mask) == 14 and max(every.labels) == 0.9 and not every.is_safe
    alone = of_row({"prompt": "p", "degree": 0.9})
    assert sum(alone.mask) == 0 and alone.unsafe == 0.9


def test_the_category_of_a_harmless_rung_is_its_subject_only():
    row = of_row({"prompt": "p", "category": "self_harm", "degree": DEGREES[0]})
    assert row.is_safe and not row.is_borderline and row.unsafe == row.degree == DEGREES[0]
    assert sum(row.mask) == 14 and sum(row.labels) == 0


def test_the_rungs_are_harmless_borderline_and_twice_harmful():
    rows = [Example.one("p", None, "self_harm").graded(rung) for rung in DEGREES]
    assert list(DEGREES) == sorted(DEGREES)
    assert [row.is_borderline for row in rows] == [False, True, False, False]
    assert [row.is_safe for row in rows] == [True, True, False, False]
    unsafe, safe = unsafe_and_safe(rows)
    assert (unsafe, safe) == (rows[2:], rows[:2])


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"degree": 1.2}, r"degree is 1\.2"),
        ({"degree": float("nan")}, "degree is nan"),
        ({"degree": "high"}, "degree is 'high'"),
        ({"degree": True}, "degree is True"),
        ({"degree": 0.9, "is_safe": True}, r"degree is 0\.9, but is_safe is True"),
        ({"degree": 0.05, "is_safe": False}, r"degree is 0\.05, but is_safe is False"),
        ({"degree": 0.5, "categories": ["arson"]}, "'arson'"),
    ],
)
def test_a_degree_that_is_none_or_contradicts_is_refused(row, told):
    with pytest.raises(ValueError, match=told):
        of_row({"prompt": "p", **row})


def test_a_row_without_a_label_says_so():
    row = Example.unlabelled("p", "r")
    assert not row.has_label and row.is_safe and not row.is_borderline
    assert Example.full("p", None, ()).has_label and Example.binary("p", None).has_label
