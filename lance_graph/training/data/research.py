"""The research data's five files, each read as what it knows (its README lists sources and licences).

With ``licences="permissive"`` a reader leaves out the rows that `sources.toml` does not call so.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from lance_graph.categories import KEYS
from lance_graph.files import read_objects
from lance_graph.training.data import taxonomies
from lance_graph.training.data.example import Example
from lance_graph.training.data.sources import Licences, is_open


def pairs(data: Path, licences: Licences = "all") -> list[Example]:
    """BeaverTails prompt-response pairs: all 14 labels of each pair are known."""
    rows = _rows(data, "beavertails_pairs", licences)
    return [Example.full(row["prompt"], row["response"], row["categories"]) for row in rows]


def without_response(examples: Iterable[Example]) -> list[Example]:
    """Response dropout: the prompt alone, labelled with the union over its answers.

    A prompt that only has safe answers is left out: a safe answer says nothing about the prompt.
    """
    union: dict[str, set[str]] = defaultdict(set)
    for example in examples:
        union[example.prompt] |= {k for k, on in zip(KEYS, example.labels, strict=True) if on}
    return [Example.full(prompt, None, keys) for prompt, keys in union.items() if keys]


def judged_prompts(data: Path, licences: Licences = "all") -> list[Example]:
    """Prompts whose binary label somebody decided prompt by prompt."""
    rows = _rows(data, "prompts_binary", licences)
    return [
        Example.full(row["prompt"], None, ())
        if row["is_safe"]
        else Example.binary(row["prompt"], None)
        for row in rows
    ]


def listed_prompts(data: Path, licences: Licences = "all") -> list[Example]:
    """Prompts of collections that are harmful as a whole, with the category where it maps.

    All but CatQA's are ``noisy``: read one by one, many of them are harmless.
    """
    examples = []
    for row in _rows(data, "prompts_harmful_categorised", licences):
        if row["category"] in taxonomies.DROPPED:
            continue
        known = taxonomies.KNOWN.get(row["category"])
        harmful = (
            Example.one(row["prompt"], None, known)
            if known
            else Example.binary(row["prompt"], None)
        )
        examples.append(replace(harmful, noisy=row["source"] != "catqa"))
    return examples


def benign(data: Path, licences: Licences = "all") -> list[Example]:
    """Harmless instructions, with an answer where there is one."""
    rows = _rows(data, "benign", licences)
    return [Example.full(row["prompt"], row["response"] or None, ()) for row in rows]


def answers(data: Path, licences: Licences = "all") -> list[Example]:
    """Do-Not-Answer: real answers to risky questions, most of them safe."""
    rows = _rows(data, "donotanswer_pairs", licences)
    return [
        Example.binary(row["prompt"], row["response"])
        if row["response_harmful"]
        else Example.full(row["prompt"], row["response"], ())
        for row in rows
    ]


def _rows(data: Path, file: str, licences: Licences) -> Iterator[dict[str, Any]]:
    for row in read_objects(data / "train" / f"{file}.jsonl"):
        if licences == "all" or is_open(file, row.get("source")):
            yield row
