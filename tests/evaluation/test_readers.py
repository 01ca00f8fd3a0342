import pytest

from lance_graph.evaluation.readers import open_hub, read_file


def rows(path, content):
    path.write_bytes(content)
    return list(read_file(path))


@pytest.mark.parametrize(
    ("name", "content", "place"),
    [
        ("a.jsonl", b'\xef\xbb\xbf\n{"prompt": "a"}', "a.jsonl, line 2"),
        ("a.json", b'\xef\xbb\xbf[{"prompt": "a"}]', "a.json, item 1"),
        ("a.csv", b"\xef\xbb\xbfprompt\na\n", "a.csv, line 2"),
    ],
)
def test_rows_come_with_their_places(tmp_path, name, content, place):
    assert rows(tmp_path / name, content) == [(place, {"prompt": "a"})]


@pytest.mark.parametrize(
    ("name", "content", "error"),
    [
        ("a.jsonl", b'{"prompt": "secret"', r"^a\.jsonl, line 1: not JSON: "),
        ("a.json", b'[{"prompt": "secret"}\n', r"^a\.json: not JSON: .*\(line 2, column 1\)"),
        ("a.json", b'["\xe9"]', r"^a\.json: not UTF-8 text; save the file as UTF-8"),
        ("a.json", b"{}", r"^a\.json: not a list of objects"),
        ("a.csv", b'prompt\n"secret', r"^a\.csv, line 2: not CSV"),
    ],
)
def test_what_is_broken_is_named_by_place_and_not_quoted(tmp_path, name, content, error):
    with pytest.raises(ValueError, match=error) as caught:
        rows(tmp_path / name, content)
    assert "secret" not in str(caught.value)


def test_a_data_set_with_one_split_needs_no_name(tmp_path):
    (tmp_path / "train.jsonl").write_text('{"prompt": "a"}\n')
    assert list(open_hub(f"hub:{tmp_path}", None)) == [
        (f"hub:{tmp_path}, train, row 1", {"prompt": "a"})
    ]
