import pytest

from lance_graph.cli.jsonl import Row, kind, merge, prompt_of, read_rows


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ('{"prompt": "a"', "not JSON: "),
        ('["a"]', "not a JSON object but a list"),
        ('{"text": "a"}', "the object has no field 'prompt'"),
        ('{"prompt": 1}', "'prompt' must be a string, not a number"),
        ('{"prompt": " "}', "'prompt' is empty"),
    ],
)
def test_a_row_that_cannot_be_used_says_why_and_the_next_is_read(tmp_path, line, error):
    path = tmp_path / "rows.jsonl"
    path.write_text(f'{line}\n\n{{"prompt": "b", "n": NaN}}\n')
    bad, good = read_rows(path)
    assert bad.line == 1 and bad.error.startswith(error) and bad.fields == {}
    assert good == Row(3, {"prompt": "b", "n": None})


def test_what_clashes_goes_below_input_and_the_prompt_is_found_again():
    row = Row(7, {"prompt": "a", "id": "x", "status": "mine", "line": 1})
    record = merge(row, {"status": "safe", "prompt": "a"})
    assert record == {
        "line": 7, "id": "x", "status": "safe", "prompt": "a",
        "input": {"status": "mine", "line": 1},
    }  # fmt: skip
    assert prompt_of(record) == "a"
    assert prompt_of(merge(row, {"status": "safe", "prompt": "other"})) == "a"


@pytest.mark.parametrize(
    ("value", "name"),
    [(None, "null"), ({}, "an object"), ([], "a list"), (True, "true or false"), (1.5, "a number")],
)
def test_values_have_their_json_names(value, name):
    assert kind(value) == name
