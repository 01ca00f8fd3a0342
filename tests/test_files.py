import json

import pytest

from lance_graph.files import (
    count_lines,
    dumps,
    finite,
    one_spelling,
    parsed,
    read_lines,
    read_objects,
    whole,
    write_json,
    write_whole,
)

BOM = b"\xef\xbb\xbf"


def test_what_json_does_not_know_is_null_at_any_depth():
    value = {"a": float("nan"), "b": [float("inf"), 1.5, {"c": (-float("inf"), 2)}], "d": "NaN"}
    known = finite(value)
    assert known == {"a": None, "b": [None, 1.5, {"c": [None, 2]}], "d": "NaN"}
    assert json.loads(json.dumps(known, allow_nan=False)) == known


def test_strict_json_takes_every_text():
    line = dumps({"half": "\ud800", "line": "a\u2028b", "none": float("nan")})
    assert line.isascii() and "\n" not in line
    assert json.loads(line) == {"half": "\ud800", "line": "a\u2028b", "none": None}


def test_lines_keep_their_numbers_and_ends(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_bytes(BOM + b'{"a": 1}\n\n  \n[2]\n{"b"')
    first, second, torn = read_lines(path)
    assert (first.number, first.object(), first.end) == (1, {"a": 1}, 12)
    assert (second.number, second.value, second.whole) == (4, [2], True)
    assert (torn.number, torn.whole, torn.end) == (5, False, path.stat().st_size)
    assert torn.value is None and torn.error.startswith("not JSON: ")
    assert count_lines(path) == 3
    assert [line.number for line in read_lines(path, blank=True)] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("raw", "error"),
    [
        (b"{'a': 1}", "not JSON: Expecting property name enclosed in double quotes (column 2)"),
        (b'{\n"a" 1}', "not JSON: Expecting ':' delimiter (line 2, column 5)"),
        (b'"\xe9"', "not UTF-8 text; save the file as UTF-8"),
        (b"[" * 500_000, "not JSON that can be read: a number or a nesting is too large"),
        (b"1" * 10_000, "not JSON that can be read: a number or a nesting is too large"),
    ],
)
def test_what_is_no_json_says_why_and_quotes_nothing(raw, error):
    with pytest.raises(ValueError) as caught:
        parsed(raw)
    assert str(caught.value) == error


@pytest.mark.parametrize(("line", "error"), [("[1]", "not a JSON object"), ("{", "not JSON: ")])
def test_an_object_that_is_none_is_named_by_file_and_line(tmp_path, line, error):
    path = tmp_path / "rows.jsonl"
    path.write_text(f'{{"a": 1}}\n\n{line}\n')
    rows = read_objects(path)
    assert next(rows) == {"a": 1}
    with pytest.raises(ValueError, match=rf"rows\.jsonl:3: {error}"):
        next(rows)


def test_a_file_is_whole_or_as_it_was(tmp_path):
    path = tmp_path / "file"
    write_whole(path, "before\n")

    def torn():
        with whole(path) as partial:
            partial.write_text("aft")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        torn()
    assert path.read_text() == "before\n"
    write_json(path, {"a": float("nan")})
    assert path.read_bytes() == b'{\n  "a": null\n}\n'
    assert [found.name for found in tmp_path.iterdir()] == ["file"]


def test_a_folder_has_one_spelling(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "model").mkdir()
    (tmp_path / "link").symlink_to("model")
    spellings = ["model", "./model/", "link", f"{tmp_path}/x/../model"]
    assert {one_spelling(name) for name in spellings} == {str(tmp_path / "model")}
    assert one_spelling("org/model") == "org/model"
