"""The folder of a run: going on after a kill, and refusing what is not one's own."""

import json

import pytest

from lance_graph.evaluation.sample import Sample
from lance_graph.evaluation.store import Store, StoreError, digest, read_records

FACTS = {"suite": "pipeline", "target": "openai:a", "judge": None, "options": {"tau": 0.3}}


def record(method="vanilla", id="1", **scores):
    answer = {"response": "yes", "outcome": "answered", "failure": None}
    return {"method": method, "id": id, "prompt": "p", "answer": answer, "scores": scores}


def lines(folder):
    return [json.loads(line) for line in (folder / "records.jsonl").read_text().splitlines()]


def test_a_record_is_in_the_file_as_soon_as_it_is_added(tmp_path):
    store = Store(tmp_path / "new" / "run", FACTS)
    store.add(record())
    assert lines(store.folder) == [record()]
    assert json.loads((store.folder / "run.json").read_text()) == FACTS


def test_the_same_facts_go_on_with_the_records(tmp_path):
    first = Store(tmp_path, FACTS)
    first.add(record(id="1"))
    first.close()
    second = Store(tmp_path, FACTS)
    assert second.records == {("vanilla", "1"): record(id="1")}
    second.add(record(id="2"))
    assert [line["id"] for line in lines(tmp_path)] == ["1", "2"]


def test_a_later_line_replaces_an_earlier_one_and_tidying_keeps_it_alone(tmp_path):
    store = Store(tmp_path, FACTS)
    store.add(record(id="2"))
    store.add(record(id="1"))
    store.add(record(id="2", safety={"value": 9.0}))
    assert len(lines(tmp_path)) == 3
    store.tidy([("vanilla", "1"), ("vanilla", "2"), ("vanilla", "3")])
    assert lines(tmp_path) == [record(id="1"), record(id="2", safety={"value": 9.0})]
    assert read_records(tmp_path, FACTS)["vanilla", "2"]["scores"] == {"safety": {"value": 9.0}}


@pytest.mark.parametrize("torn", [b'{"method": "van', b"{", json.dumps(record(id="9")).encode()])
def test_a_torn_last_line_is_cut_off(tmp_path, torn):
    store = Store(tmp_path, FACTS)
    store.add(record(id="1"))
    store.close()
    with (tmp_path / "records.jsonl").open("ab") as file:
        file.write(torn)
    store = Store(tmp_path, FACTS)
    assert list(store.records) == [("vanilla", "1")]
    store.add(record(id="2"))
    assert [line["id"] for line in lines(tmp_path)] == ["1", "2"]


@pytest.mark.parametrize("line", ["not json", "[1]", '{"prompt": "x"}', "NaN", "[" * 100_000])
def test_a_whole_line_that_is_no_record_is_refused_by_its_number(tmp_path, line):
    Store(tmp_path, FACTS).close()
    before = f"{json.dumps(record())}\n{line}\n"
    (tmp_path / "records.jsonl").write_text(before)
    with pytest.raises(StoreError, match=r"line 2 of .*records\.jsonl' is no record.*--overwrite"):
        Store(tmp_path, FACTS)
    assert (tmp_path / "records.jsonl").read_text() == before


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"target": "openai:b"}, "target was 'openai:a' and is now 'openai:b'"),
        ({"options": {"tau": 0.4}}, "options was {'tau': 0.3} and is now {'tau': 0.4}"),
        ({"suite": "table1", "target": "x"}, "suite was .*; target was"),
    ],
)
def test_another_run_is_refused_with_the_difference(tmp_path, changed, message):
    Store(tmp_path, FACTS).close()
    with pytest.raises(StoreError, match=message):
        Store(tmp_path, FACTS | changed)
    with pytest.raises(StoreError, match=message):
        read_records(tmp_path, FACTS | changed)
    assert json.loads((tmp_path / "run.json").read_text()) == FACTS


def test_what_was_left_open_may_be_filled_in_and_then_stays(tmp_path):
    Store(tmp_path, FACTS).close()
    Store(tmp_path, FACTS | {"judge": "openai:j"}).close()
    assert Store(tmp_path, FACTS).facts["judge"] == "openai:j"
    with pytest.raises(StoreError, match="judge was 'openai:j' and is now 'openai:k'"):
        Store(tmp_path, FACTS | {"judge": "openai:k"})


def test_two_runs_do_not_write_to_one_folder(tmp_path):
    first = Store(tmp_path, FACTS)
    with pytest.raises(StoreError, match="another run is writing"):
        Store(tmp_path, FACTS)
    with pytest.raises(StoreError, match="another run is writing"):
        Store(tmp_path, FACTS, overwrite=True)
    first.close()
    Store(tmp_path, FACTS).close()


def test_overwriting_starts_anew_and_leaves_other_files(tmp_path):
    store = Store(tmp_path, FACTS)
    store.add(record())
    store.close()
    (tmp_path / "notes.txt").write_text("mine")
    store = Store(tmp_path, FACTS | {"target": "openai:b"}, overwrite=True)
    assert store.records == {} and lines(tmp_path) == []
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_records_without_their_facts_are_refused(tmp_path):
    (tmp_path / "records.jsonl").write_text(json.dumps(record()) + "\n")
    with pytest.raises(StoreError, match=r"no run\.json"):
        Store(tmp_path, FACTS)


@pytest.mark.parametrize("content", ["", "[]", "{"])
def test_facts_that_are_none_are_refused(tmp_path, content):
    (tmp_path / "run.json").write_text(content)
    with pytest.raises(StoreError, match=r"run\.json"):
        Store(tmp_path, FACTS)


def test_a_file_in_place_of_the_folder_is_refused(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError, match="is a file"):
        Store(tmp_path / "file", FACTS)


def test_numbers_that_are_none_and_half_characters_are_strict_json(tmp_path):
    store = Store(tmp_path, FACTS)
    store.add(record(risk={"value": float("nan"), "explanation": "\ud83d"}))
    text = (tmp_path / "records.jsonl").read_text()
    assert "NaN" not in text and text.isascii()


def test_a_digest_names_the_samples_in_any_order(tmp_path):
    one, two = Sample("1", "a"), Sample("2", "b")
    assert digest([one, two]) == digest([two, one])
    assert digest([one, two]).startswith("2 (")
    assert digest([one]) != digest([Sample("1", "c")]) != digest([Sample("1", "c", response="d")])
