"""Files of settings: read within limits, and said what is wrong."""

import traceback

import pytest

from lance_graph.settings_files import MOST_BYTES, from_yaml, read_settings

BOMB = "a: &a [x]\n" + "".join(f"b{i}: &b{i} [*a, *a]\n" for i in range(9))


@pytest.fixture
def write(tmp_path):
    def write(text, name="lance.yaml"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.yaml", "mode: monitor\nthresholds:\n  tau: 0.2\n"),
        ("a.yml", "{mode: monitor, thresholds: {tau: 0.2}}"),
        ("a.json", '{"mode": "monitor", "thresholds": {"tau": 0.2}}'),
        ("a.toml", 'mode = "monitor"\n[thresholds]\ntau = 0.2\n'),
    ],
)
def test_four_ways_to_write_the_same(write, name, text):
    assert read_settings(write(text, name)) == {"mode": "monitor", "thresholds": {"tau": 0.2}}


def test_off_is_a_word_and_true_is_not():
    assert from_yaml("[off, no, yes, on, true, False, null, 1]", "x") == [
        "off", "no", "yes", "on", True, False, None, 1,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("a.yaml", BOMB, "no aliases"),
        ("a.yaml", "a: " + "[" * 50 + "]" * 50, "nested 20 deep at most"),
        ("a.yaml", "a: 1\nb: 2\na: 3\n", "a name stands twice"),
        ("a.yaml", "x" * (MOST_BYTES + 1), "more than 100,000 bytes"),
        ("a.yaml", "a: [", "is not YAML"),
        ("a.yaml", b"\xff\xfe\x00", "is not YAML|cannot be read"),
        ("a.yaml", "a: 2020-99-99", "cannot be read"),
        ("a.yaml", "!!python/object/apply:os.system [ls]", "is not YAML"),
        ("a.yaml", "? [a]\n: b\n", "is not YAML"),
        ("a.yaml", "- a\n", "holds no settings: write 'name: value'"),
        ("a.yaml", "1: a\n", "holds no settings"),
        ("a.yaml", "", "holds no settings"),
        ("a.toml", "a = ", "is not TOML"),
        ("a.toml", "a = 1\na = 2\n", "is not TOML"),
        ("a.toml", b"a = '\xff'", "is not TOML"),
        ("a.toml", "a = " + "[" * 40_000, "TOML"),
    ],
)
def test_what_cannot_be_read_is_an_error_with_the_file(write, name, text, told):
    path = write(text, name)
    with pytest.raises(ValueError, match=told) as error:
        read_settings(path)
    assert str(path) in str(error.value)


KEY = "sk-Z9f8e7d6c5b4a3"


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("a.yaml", f"a:\n  b: {KEY}\n  b: {KEY}\n", r"a name stands twice \(line 3, column 3\)"),
        ("a.yaml", f"a: {KEY}: x", r"not allowed here \(line 1, column 21\)"),
        ("a.yaml", f"a: '{KEY}", "unexpected end"),
        ("a.yaml", f"a: *{KEY}", "no aliases"),
        ("a.yaml", f"a: !{KEY} x", "constructor for the tag"),
        ("a.yaml", f"a: !{KEY}\"'x y", "a.yaml"),
        ("a.yaml", f"a: !!int {KEY}", "cannot be read"),
        ("a.yaml", f"a: {KEY}\x00", "is not YAML"),
        ("a.toml", f"[{KEY}]\n[{KEY}]\n", "is not TOML"),
        ("a.toml", f"a = {KEY}", "is not TOML"),
    ],
)
def test_an_error_quotes_nothing_of_the_file(write, name, text, told):
    with pytest.raises(ValueError, match=told) as error:
        read_settings(write(text, name))
    assert KEY not in "".join(traceback.format_exception(error.value))
    assert error.value.__context__ is None
