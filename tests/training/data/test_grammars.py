"""Grammars are found by their folder, and run only when rows are wanted of them."""

import pytest

from lance_graph.training.data.grammars import generated_rows

GRAMMAR = """
from pathlib import Path
from .words import WORD
MAX_ROWS = 3
def generate_contrasts(n, seed=0):
    return [{"prompt": f"{WORD} {place} {seed}"} for place in range(n)]
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "written").mkdir()
    (tmp_path / "__init__.py").write_text(GRAMMAR)
    (tmp_path / "words.py").write_text("WORD = 'hello'")
    return tmp_path


def test_the_grammars_of_a_named_folder_make_the_rows(folder):
    assert [row["prompt"] for row in generated_rows(2, 7, folder)] == ["hello 0 7", "hello 1 7"]
    assert len(generated_rows(-1, 7, str(folder))) == 3


def test_no_code_runs_where_no_row_is_wanted(folder):
    (folder / "__init__.py").write_text("raise RuntimeError('it ran')")
    assert generated_rows(0, 0, folder) == []
    with pytest.raises(RuntimeError, match="it ran"):
        generated_rows(1, 0, folder)


def test_two_folders_are_two_grammars(folder, tmp_path_factory):
    other = tmp_path_factory.mktemp("other")
    (other / "written").mkdir()
    (other / "__init__.py").write_text(GRAMMAR)
    (other / "words.py").write_text("WORD = 'goodbye'")
    prompts = {generated_rows(1, 0, where)[0]["prompt"] for where in (folder, other)}
    assert prompts == {"hello 0 0", "goodbye 0 0"}


def test_a_folder_without_grammars_is_named(tmp_path):
    (tmp_path / "written").mkdir()
    with pytest.raises(FileNotFoundError, match=r"no grammars in .* it has no __init__\.py"):
        generated_rows(1, 0, tmp_path)


def test_what_a_grammar_lacks_is_named(folder):
    (folder / "__init__.py").write_text("MAX_ROWS = 3")
    with pytest.raises(ValueError, match="do not define generate_contrasts"):
        generated_rows(1, 0, folder)


def test_the_repositorys_are_the_default():
    sources = {str(row["source"]) for row in generated_rows(200, 1)}
    assert len(sources) > 10 and all(source.startswith("contrasts:") for source in sources)
