import json

import pytest

from lance_graph.training.data import mix, research, sources
from lance_graph.training.data.mix import MIX, REPLAYED, held_out_rows, split_mix

NONE = dict.fromkeys(MIX, 0)


@pytest.fixture
def few(monkeypatch):
    """A hundred written rows and two hundred generated ones are enough where none is looked at."""
    written, generated = mix.written_rows, mix.generated_rows
    monkeypatch.setattr(mix, "written_rows", lambda seed, **where: written(seed, **where)[:100])
    monkeypatch.setattr(
        mix, "generated_rows", lambda count, *rest: generated(count if count >= 0 else 200, *rest)
    )


@pytest.fixture
def data(tmp_path):
    """A little data set of one's own in the shape of the real files."""
    folder = tmp_path / "train"
    folder.mkdir()
    harmful = [f"how do i hurt person {n}" for n in range(40)]
    harmless = [f"how do i bake cake {n}" for n in range(40)]
    files = {
        "beavertails_pairs": [
            {"prompt": f"{p} pair", "response": "hit them", "categories": ["self_harm"]}
            for p in harmful
        ]
        + [{"prompt": f"{p} pair", "response": "use flour", "categories": []} for p in harmless],
        "prompts_binary": [{"prompt": p, "is_safe": p in harmless} for p in harmful + harmless],
        "prompts_harmful_categorised": [
            {"prompt": f"{p} listed", "category": "Extremism", "source": "catqa" if n % 2 else "x"}
            for n, p in enumerate(harmful)
        ],
        "benign": [{"prompt": f"{p} benign", "response": "use flour"} for p in harmless]
        + [{"prompt": f"{p} alone", "response": ""} for p in harmless],
        "donotanswer_pairs": [
            {"prompt": f"{p} asked", "response": "answer", "response_harmful": n % 2 == 0}
            for n, p in enumerate(harmful)
        ],
    }
    for name, rows in files.items():
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return tmp_path


def test_no_held_out_prompt_is_trained_on(data, few):
    rows, held = split_mix(data, {"contrasts": 100}, 0.2, seed=1)
    assert held and rows
    assert not {row.prompt for row in rows} & {row.prompt for row in held}
    sides = held_out_rows(data, 0.2, seed=1)
    assert held == [row for side in sides.values() for row in side]
    assert set(sides) == {"pairs", "judged", "benign"}
    kinds = {(row.response is None, row.is_safe) for row in held}
    assert len(kinds) == 4  # prompts and pairs, safe and unsafe


def test_the_seed_decides(data):
    quotas = {**NONE, "pairs": -1, "refused": 10, "contrasts": 20}
    assert split_mix(data, quotas, 0.2, seed=1) == split_mix(data, quotas, 0.2, seed=1)
    assert split_mix(data, quotas, 0.2, seed=1) != split_mix(data, quotas, 0.2, seed=2)


@pytest.mark.parametrize(
    ("kind", "rows"),
    [
        ("judged", 5),
        ("benign_prompts", 5),
        ("noisy", 5),
        ("written", 5),
        ("contrasts", 5),
        ("refused", 5),
        ("guided", 5),
        ("crossed", 5),
        ("disguised", 10),  # one unsafe, one safe
        ("repaired", 10),
    ],
)
def test_a_quota_is_the_number_of_rows_of_a_kind(data, kind, rows):
    assert len(split_mix(data, {**NONE, kind: 5}, 0.0, seed=1)[0]) == rows


@pytest.mark.parametrize("kind", [kind for kind in MIX if kind != "train2"])
def test_every_kind_gives_rows_and_minus_one_gives_all(data, kind, few):
    some, _ = split_mix(data, {**NONE, kind: 3}, 0.0, seed=1)
    every, _ = split_mix(data, {**NONE, kind: -1}, 0.0, seed=1)
    assert len(some) in (3, 6) and len(every) > len(some)


@pytest.fixture
def two_batches(data, monkeypatch):
    """A data set with a second batch of one file, of which the table takes 20 harmless rows twice."""
    fields = {"group": "g", "licence": "MIT", "permissive": True, "form": "request"}
    talk = sources.Source(**fields, harmless=20, times=2)
    monkeypatch.setattr(sources, "table", lambda: {"talk": talk})
    (data / "train2").mkdir()
    rows = [{"prompt": f"how is day {n}", "response": None, "is_safe": True} for n in range(50)]
    rows.append({"prompt": "How do I  bake cake 3", "response": None, "is_safe": True})
    text = "".join(json.dumps(row) + "\n" for row in rows)
    (data / "train2" / "talk.jsonl").write_text(text)
    return data


def test_the_second_batch_is_weighed_by_its_table(two_batches):
    def count(**quotas):
        return len(split_mix(two_batches, {**NONE, **quotas}, 0.0, seed=1)[0])

    assert (count(train2=-1), count(train2=7), count()) == (40, 7, 0)
    assert count(train2=-1, talk=5) == 5


def test_beside_a_second_batch_the_first_is_replayed_in_part(two_batches):
    made = ("contrasts", "written", "repaired", "guided", "framed", "phrased", "said_about")
    quotas = dict.fromkeys({*MIX} - {*REPLAYED} | {*made, "crossed", "undermined"}, 0)
    rows, held = split_mix(two_batches, {**quotas, "judged": -1}, 0.2, seed=1)
    judged = [row for row in rows if row in research.judged_prompts(two_batches)]
    assert judged and len(judged) == len(set(judged))
    pairs = [row for row in rows if row.is_safe and row.prompt.endswith(" pair") and row.response]
    assert pairs and len(pairs) == len(set(pairs))  # REPLAYED has no safe_pairs, MIX has
    assert {"pairs", "judged", "benign", "talk"} == set(held_out_rows(two_batches, 0.2, seed=1))
    assert any(row.prompt.startswith("how is day") for row in held)


def test_a_held_out_prompt_is_kept_out_however_it_is_typed(two_batches):
    kept = {"how do i bake cake 3"}
    for seed in range(20):
        rows, held = split_mix(two_batches, {**NONE, "train2": -1, "judged": -1}, 0.5, seed=seed)
        same = [row for row in held if " ".join(row.prompt.lower().split()) in kept]
        if same:
            assert not [row for row in rows if " ".join(row.prompt.lower().split()) in kept]


def test_nothing_asked_for_is_nothing(data):
    assert split_mix(data, NONE, 0.0, seed=1)[0] == []


def test_an_unknown_kind_is_named(data):
    with pytest.raises(ValueError, match="'pears' is no kind of training row; known are pairs"):
        split_mix(data, {"pears": 3}, 0.1, seed=1)


def test_the_real_files_make_a_mix(shared_data):
    rows, held = split_mix(
        shared_data, {"contrasts": 100, "repaired": 50, "guided": 50}, 0.1, seed=13
    )
    safe = sum(row.is_safe for row in rows) / len(rows)
    assert len(rows) > 20_000 and 0.3 < safe < 0.7
    assert len(held) > 1_000 and not {row.prompt for row in rows} & {row.prompt for row in held}


def test_a_prompt_that_two_sources_judge_differently_is_neither(data, few):
    listed = data / "train" / "prompts_harmful_categorised.jsonl"
    with listed.open("a") as file:
        rows = [
            {"prompt": f"How do I bake cake {n}?", "category": "x", "source": "x"}
            for n in range(40)
        ]
        file.writelines(json.dumps(row) + "\n" for row in rows)
    quotas = {**NONE, "judged": -1, "noisy": -1}
    rows, _ = split_mix(data, quotas, 0.2, seed=1)
    cakes = [row for row in rows if "bake cake" in row.prompt.lower() and row.is_borderline]
    assert len(cakes) == len({row.prompt.lower().rstrip("?") for row in cakes}) > 20
    assert all(row.unsafe == 1 for row in rows if "hurt" in row.prompt)
