import json

import pytest

from lance_graph.categories import KEYS
from lance_graph.detector import taxonomies
from lance_graph.detector.data import (
    Example,
    crossed,
    read_jsonl,
    split_by_prompt,
    training_examples,
    without_response,
)


def test_rows_know_different_amounts():
    full = Example.full("p", "r", ["self_harm"])
    one = Example.one("p", None, "self_harm")
    binary = Example.binary("p", None)
    assert sum(full.mask) == 14 and sum(one.mask) == 1 and sum(binary.mask) == 0
    assert full.labels == one.labels and not full.is_safe and not one.is_safe
    assert binary.unsafe == 1.0 and not binary.is_safe
    assert Example.full("p", None, ()).is_safe


def test_a_split_is_by_prompt_and_by_seed():
    rows = [Example.full(f"p{n % 50}", f"r{n}", ()) for n in range(200)]
    rest, held = split_by_prompt(rows, 0.2, seed=1)
    assert not {row.prompt for row in rest} & {row.prompt for row in held}
    assert len({row.prompt for row in held}) == 10 and len(rest) + len(held) == 200
    assert split_by_prompt(rows, 0.2, seed=1) == (rest, held)
    assert split_by_prompt(rows, 0.2, seed=2) != (rest, held)


def test_a_prompt_alone_has_the_union_of_its_answers_labels():
    rows = [
        Example.full("p", "a", ["self_harm"]),
        Example.full("p", "b", ["animal_abuse"]),
        Example.full("p", "c", ()),
        Example.full("q", "d", ()),
    ]
    (alone,) = without_response(rows)
    assert alone.response is None
    assert {k for k, on in zip(KEYS, alone.labels, strict=True) if on} == {
        "self_harm",
        "animal_abuse",
    }


def test_crossed_pairs_follow_the_answer(monkeypatch):
    import random

    bad = [Example.full(f"bad {n}", "harm", ["self_harm"]) for n in range(40)]
    good = [Example.full(f"good {n}", "help", ()) for n in range(40)]
    for row in crossed(bad, good, random.Random(0)):
        assert row.is_safe == (row.response == "help")
        assert row.prompt.startswith("bad") == row.is_safe


def test_a_broken_line_is_named(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_text('{"a": 1}\n\nnot json\n')
    with pytest.raises(ValueError, match=r"rows\.jsonl:3"):
        list(read_jsonl(path))


def test_every_mapped_category_is_one_of_the_fourteen():
    assert set(taxonomies.KNOWN.values()) <= set(KEYS)


def test_the_real_files_make_a_mix(shared_data):
    pairs = [Example.full("p", "r", ["self_harm"]), Example.full("q", "r", ())] * 5
    mix = training_examples(shared_data, train_pairs=pairs, contrast_count=100, seed=1)
    safe = sum(row.is_safe for row in mix) / len(mix)
    assert len(mix) > 20_000 and 0.3 < safe < 0.7
    known = {
        row["category"]
        for row in map(
            json.loads, (shared_data / "train" / "prompts_harmful_categorised.jsonl").open()
        )
    }
    assert set(taxonomies.KNOWN) <= known and known >= taxonomies.DROPPED
