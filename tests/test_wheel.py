"""What is published: no text that describes harm, nothing that only tests read, both licences."""

import json
import tomllib
from pathlib import Path

import pytest

import lance_graph
from lance_graph.training.data.ladders import ladder_rows
from lance_graph.training.data.twins import lines

ROOT = Path(__file__).parents[1]
PACKAGE = Path(lance_graph.__file__).parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SUFFIXES = {
    ".py",
    ".md",
    ".toml",
    ".json",
    ".txt",
    ".css",
    ".jinja",
    ".js",
    ".svg",
    ".safetensors",
    ".typed",
}


@pytest.fixture(scope="module")
def files():
    return [path for path in PACKAGE.rglob("*") if path.is_file() and path.suffix != ".pyc"]


def test_the_wheel_holds_the_package_and_nothing_else():
    assert PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"] == {"packages": ["lance_graph"]}
    assert {"contrasts", "LICENSE.weights"} <= {
        *PROJECT["tool"]["hatch"]["build"]["targets"]["sdist"]["include"]
    }


def test_the_package_holds_no_table_of_texts(files):
    assert {path.suffix for path in files} == SUFFIXES


def test_no_text_that_describes_harm_lies_in_the_package(files):
    asked = [text for out in (True, False) for _, (_, text, _) in lines("written", out)]
    answered = [text for out in (True, False) for _, (_, _, text, _) in lines("written_pairs", out)]
    steering = (ROOT / "contrasts" / "steering.jsonl").read_text(encoding="utf-8").splitlines()
    rungs = [row for out in (True, False) for row in ladder_rows(held_out=out)]
    graded = [str(row["response"] or row["prompt"]) for row in rungs if row["rung"] != 0]
    harmful = asked + answered + graded + [json.loads(line)["harmful"] for line in steering]
    package = "\n".join(
        path.read_text(encoding="utf-8")
        for path in files
        if path.suffix != ".safetensors" and path.name != "tokenizer.json"
    )
    long = [text for text in harmful if len(text) > 40]
    assert len(long) > 1_500
    blocks = blocks_of(package)
    assert [text for text in long if may_be_in(text, blocks) and text in package] == []


def test_no_place_of_a_text_is_overlooked():
    text = "a long text that describes something harmful."
    for before in range(2 * BLOCK):
        assert may_be_in(text, blocks_of("-" * before + text + "-" * 50))
    assert not may_be_in(text, blocks_of("Something else altogether, and as long as that."))


BLOCK = 20


def blocks_of(package):
    """A text of 2 * BLOCK characters or more holds one of these whole, wherever it begins."""
    return {package[place : place + BLOCK] for place in range(0, len(package), BLOCK)}


def may_be_in(text, blocks):
    return any(text[place : place + BLOCK] in blocks for place in range(BLOCK))


def test_both_licences_are_named():
    project = PROJECT["project"]
    assert project["license"] == "MIT AND CC-BY-NC-4.0"
    for name in project["license-files"]:
        assert (ROOT / name).is_file()
    assert "CC BY-NC 4.0" in (ROOT / "LICENSE.weights").read_text(encoding="utf-8")
