import json

import pytest

from lance_graph.categories import KEYS
from lance_graph.training.data import research, taxonomies
from lance_graph.training.data.example import Example


@pytest.fixture
def data(tmp_path):
    """Writes a file of rows as the research data has it."""
    (tmp_path / "train").mkdir()

    def write(name, *rows):
        path = tmp_path / "train" / f"{name}.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        return tmp_path

    return write


def test_a_prompt_alone_has_the_union_of_its_answers_labels():
    rows = [
        Example.full("p", "a", ["self_harm"]),
        Example.full("p", "b", ["animal_abuse"]),
        Example.full("p", "c", ()),
        Example.full("q", "d", ()),  # only safe answers: they say nothing about the prompt
    ]
    assert research.without_response(rows) == [
        Example.full("p", None, ["self_harm", "animal_abuse"])
    ]


def test_pairs_are_fully_labelled(data):
    folder = data(
        "beavertails_pairs",
        {"prompt": "p", "response": "r", "categories": ["self_harm"], "is_safe": False},
        {"prompt": "p", "response": "s", "categories": [], "is_safe": True},
    )
    assert research.pairs(folder) == [
        Example.full("p", "r", ["self_harm"]),
        Example.full("p", "s", ()),
    ]


def test_a_judged_prompt_is_safe_in_all_or_unsafe_in_an_unknown_category(data):
    folder = data(
        "prompts_binary", {"prompt": "p", "is_safe": True}, {"prompt": "q", "is_safe": False}
    )
    assert research.judged_prompts(folder) == [
        Example.full("p", None, ()),
        Example.binary("q", None),
    ]


def test_listed_prompts_have_their_category_where_it_maps(data):
    folder = data(
        "prompts_harmful_categorised",
        {"prompt": "a", "category": "Extremism", "source": "s-eval"},
        {"prompt": "b", "category": "no such name", "source": "s-eval"},
        {"prompt": "c", "category": "Physical Harm/Self-harm", "source": "catqa"},
        {"prompt": "d", "category": "crime_tax", "source": "alert"},
    )
    one, binary, clean = research.listed_prompts(folder)
    assert sum(one.mask) == 1 and one.noisy
    assert sum(binary.mask) == 0 and binary.unsafe == 1.0 and binary.noisy
    assert clean == Example.one("c", None, "self_harm")


def test_benign_rows_have_an_answer_only_where_there_is_one(data):
    folder = data("benign", {"prompt": "p", "response": "r"}, {"prompt": "q", "response": ""})
    assert research.benign(folder) == [Example.full("p", "r", ()), Example.full("q", None, ())]


def test_answers_are_judged_as_pairs(data):
    folder = data(
        "donotanswer_pairs",
        {"prompt": "p", "response": "no", "response_harmful": False},
        {"prompt": "p", "response": "sure", "response_harmful": True},
    )
    assert research.answers(folder) == [Example.full("p", "no", ()), Example.binary("p", "sure")]


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="beavertails_pairs"):
        research.pairs(tmp_path)


def test_the_real_files_are_read(shared_data):
    for read in (research.pairs, research.judged_prompts, research.listed_prompts, research.benign):
        rows = read(shared_data)
        assert len(rows) > 500 and all(row.prompt for row in rows), read.__name__
    path = shared_data / "train" / "prompts_harmful_categorised.jsonl"
    names = {json.loads(line)["category"] for line in path.open(encoding="utf-8")}
    assert names >= set(taxonomies.KNOWN) | taxonomies.DROPPED
    assert {
        key
        for row in research.pairs(shared_data)
        for key, on in zip(KEYS, row.labels, strict=True)
        if on
    } == set(KEYS)
