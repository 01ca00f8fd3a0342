import pytest

from lance_graph.hub import HubSource


@pytest.mark.parametrize(
    ("source", "split", "found"),
    [
        ("hub:a/b", None, HubSource("a/b")),
        ("hub:a/b:test", None, HubSource("a/b", "test")),
        ("hub:a/b", "test", HubSource("a/b", "test")),
        ("hub:a/b:", None, HubSource("a/b")),
        ("hub:a/b:small:test", None, HubSource("a/b", "test", "small")),
    ],
)
def test_a_source_names_a_data_set_a_configuration_and_a_split(source, split, found):
    assert HubSource.parse(source, split) == found


@pytest.mark.parametrize(
    ("source", "split"),
    [("hub:", None), ("a/b", None), ("hub:a:b:c:d", None), ("hub:a:test", "test")],
)
def test_what_names_none_or_two_is_an_error_that_shows_how(source, split):
    with pytest.raises(ValueError, match=f"'{source}' names no data set: give hub:NAME"):
        HubSource.parse(source, split)


def test_the_caller_chooses_where_no_split_is_named(tmp_path):
    for name in ("train", "test"):
        (tmp_path / f"{name}.jsonl").write_text(f'{{"prompt": "{name}"}}\n')
    source = HubSource(str(tmp_path))
    split, stream = source.open(lambda names: sorted(names)[0], "train")
    assert (split, [row["prompt"] for row in stream]) == ("test", ["test"])
    with pytest.raises(ValueError, match="has no split None; it has train, test"):
        source.open(lambda _: None, "train")
