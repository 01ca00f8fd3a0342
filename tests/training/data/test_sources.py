import json

import pytest

from lance_graph.categories import KEYS
from lance_graph.training.data import sources
from lance_graph.training.data.example import Example
from lance_graph.training.data.mix import MIX, held_out_rows, split_mix

PLAIN = {"group": "g", "licence": "MIT", "permissive": True, "form": "request"}
HATE, PRIVACY = "hate_speech,offensive_language", "privacy_violation"


def row(prompt, safe=True, response=None, **more):
    return {"prompt": prompt, "response": response, "is_safe": safe, "kind": "request", **more}


@pytest.fixture
def batch(tmp_path, monkeypatch):
    """Writes files of a second batch and the table that weighs them."""

    def write(table, **files):
        monkeypatch.setattr(
            sources,
            "table",
            lambda: {n: sources.Source(**{**PLAIN, **t}) for n, t in table.items()},
        )
        (tmp_path / "train2").mkdir()
        for name, rows in files.items():
            text = "".join(json.dumps(one) + "\n" for one in rows)
            (tmp_path / "train2" / f"{name}.jsonl").write_text(text)
        return tmp_path

    return write


def prompts(rows):
    return {one.prompt for one in rows}


def test_a_harmful_row_is_known_only_where_somebody_said_so():
    source = sources.Source(**PLAIN, categories={"spyware": (PRIVACY,), "*": (HATE,)})
    own = sources.example_of(row("p", False, category="spyware"), source)
    assert [k for k, on in zip(KEYS, own.labels, strict=True) if on] == [PRIVACY]
    assert own.mask == own.labels and own.unsafe == 1.0
    listed = sources.example_of(row("p", False, categories=[HATE, PRIVACY]), source)
    assert sum(listed.labels) == sum(listed.mask) == 2
    assert sources.example_of(row("p", False), sources.Source(**PLAIN)) == Example.binary("p", None)
    harmless = sources.example_of(row("p", response="r", category="spyware"), source)
    assert harmless == Example.full("p", "r", ())


def test_an_unknown_category_is_named():
    with pytest.raises(ValueError, match="'wit'"):
        sources.example_of(row("p", False, categories=["wit"]), sources.Source(**PLAIN))


def test_a_conversation_stays_on_one_side(batch):
    rows = [row(f"turn {turn} of {conv}", conv=conv) for conv in range(20) for turn in range(3)]
    data = batch({"chat": {"split": "conv"}}, chat=rows)
    rest, held = sources.split_sources(data, 0.25, 1)["chat"]
    assert (len(rest), len(held)) == (45, 15)
    convs = [{one.prompt.rsplit(" ", 1)[1] for one in side} for side in (rest, held)]
    assert not convs[0] & convs[1]


def test_rows_that_the_table_drops_are_on_neither_side(batch):
    data = batch({"a": {"drop": "(?i)WRONG"}}, a=[row("wrong"), row("right")])
    rest, held = sources.split_sources(data, 0.5, 1)["a"]
    assert prompts(rest + held) == {"right"}


def test_the_table_caps_kinds_and_repeats(batch):
    batch({"a": {"harmful": 2, "harmless": 3, "pairs": 4, "per_prompt": 2, "times": 2}})
    safe = [Example.full(f"s{n}", None, ()) for n in range(9)]
    bad = [Example.binary(f"b{n}", None) for n in range(9)]
    answers = [Example.full("one prompt", f"r{n}", ()) for n in range(9)]
    kept = sources.chosen(safe + bad + answers, "a", 1)
    assert len(kept) == 2 * (2 + 3 + 2)  # two answers of the one prompt, though four may be taken
    assert all(kept.count(one) == 2 for one in kept)
    assert kept == sources.chosen(safe + bad + answers, "a", 1)
    assert kept != sources.chosen(safe + bad + answers, "a", 2)
    assert kept[:5] == sources.chosen(safe + bad + answers, "a", 1, most=5)


def test_a_file_without_an_entry_and_an_entry_without_a_file_are_named(batch):
    data = batch({"a": {}}, a=[row("p")], b=[row("q")])
    with pytest.raises(ValueError, match=r"b\.jsonl' has no entry in sources\.toml"):
        sources.split_sources(data, 0.1, 1)
    (data / "train2" / "b.jsonl").unlink()
    (data / "train2" / "a.jsonl").unlink()
    with pytest.raises(FileNotFoundError, match=r"a\.jsonl"):
        sources.split_sources(data, 0.1, 1)


def test_without_the_folder_there_is_nothing(tmp_path):
    assert sources.split_sources(tmp_path, 0.1, 1) == {}


@pytest.mark.parametrize(
    "wrong",
    [{"permisive": True}, {"form": "song"}, {"times": 0}, {"split": "row"}, {"drop": "("}],
)
def test_a_table_with_a_mistake_is_refused(wrong):
    with pytest.raises(ValueError):
        sources.Source(**{**PLAIN, **wrong})


def test_every_entry_names_known_categories_and_a_licence():
    for name, source in sources.table().items():
        assert {key for keys in source.categories.values() for key in keys} <= set(KEYS), name
        free = not source.permissive
        assert free or not any(w in source.licence for w in ("NC", "non-com", "none", "their"))
    assert sum(len(names) for names in sources.grouped().values()) == len(sources.table())


def test_the_table_describes_the_real_files(shared_data):
    folder = shared_data / "train2"
    if not folder.is_dir():
        pytest.skip("the data has no second batch")
    assert {path.stem for path in folder.glob("*.jsonl")} == set(sources.table())
    for name, source in sources.table().items():
        lines = (folder / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
        rows = [json.loads(line) for line in lines]
        assert {one["kind"] for one in rows} == {source.form}, name
        named = set(source.categories) - {"*"}
        assert named <= {one.get("category") for one in rows}, name
        assert len(sources.read(shared_data, name)) > 0.85 * len(rows), name


def test_no_held_out_prompt_of_any_file_is_in_the_mix(shared_data):
    def plain(prompt):
        return " ".join(prompt.lower().split())

    quotas = {kind: 30 for kind in MIX if kind != "train2"}
    held = {name: side for name, side in held_out_rows(shared_data, 0.1, 13).items() if side}
    kept = {plain(one.prompt) for side in held.values() for one in side}
    for licences in ("all", "permissive"):
        rows, mine = split_mix(shared_data, quotas, 0.1, 13, licences=licences)
        assert rows and not kept & {plain(one.prompt) for one in rows}
        assert {plain(one.prompt) for one in mine} <= kept
        assert (len(mine) == sum(map(len, held.values()))) is (licences == "all")


def test_a_permissive_mix_has_no_row_of_another_licence(shared_data):
    closed = [name for name, source in sources.table().items() if not source.permissive]
    quotas = dict.fromkeys(MIX, 0) | {"train2": -1, "benign_prompts": -1, "pairs": -1}
    rows, _ = split_mix(shared_data, quotas, 0.0, 13, licences="permissive")
    open_too = prompts(
        one
        for name, source in sources.table().items()
        if source.permissive
        for one, _ in sources.read(shared_data, name)
    )
    for name in closed:
        theirs = prompts(one for one, _ in sources.read(shared_data, name)) - open_too
        assert not theirs & prompts(rows), name
    everything, _ = split_mix(shared_data, quotas, 0.0, 13)
    assert len(rows) < len(everything)
