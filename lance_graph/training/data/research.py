"""The research data's five files, each read as what it knows (its README lists sources and licences)."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from lance_graph.categories import KEYS
from lance_graph.files import read_objects
from lance_graph.training.data import taxonomies
from lance_graph.training.data.example import Example


def pairs(data: Path) -> list[Example]:
    """BeaverTails prompt-response pairs: all 14 labels of each pair are known."""
    rows = read_objects(data / "train" / "beavertails_pairs.jsonl")
    return [Example.full(row["prompt"], row["response"], row["categories"]) for row in rows]


def without_response(examples: Iterable[Example]) -> list[Example]:
    """Response dropout: the prompt alone, labelled with the union over its answers.

    A prompt that only has safe answers is left out: a safe answer says nothing about the prompt.
    """
    union: dict[str, set[str]] = defaultdict(set)
    for example in examples:
        union[example.prompt] |= {k for k, on in zip(KEYS, example.labels, strict=True) if on}
    return [Example.full(prompt, None, keys) for prompt, keys in union.items() if keys]


def judged_prompts(data: Path) -> list[Example]:
    """Prompts whose binary label somebody decided prompt by prompt."""
    rows = read_objects(data / "train" / "prompts_binary.jsonl")
    return [
        Example.full(row["prompt"], None, ())
        if row["is_safe"]
        else Example.binary(row["prompt"], None)
        for row in rows
    ]


def listed_prompts(data: Path) -> list[Example]:
    """Prompts of collections that are harmful as a whole, with the category where it maps.

    All but CatQA's are ``noisy``: read one by one, many of them are harmless.
    """
    examples = []
    for row in read_objects(data / "train" / "prompts_harmful_categorised.jsonl"):
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


def benign(data: Path) -> list[Example]:
    """Harmless instructions, with an answer where there is one."""
    rows = read_objects(data / "train" / "benign.jsonl")
    return [Example.full(row["prompt"], row["response"] or None, ()) for row in rows]


def answers(data: Path) -> list[Example]:
    """Do-Not-Answer: real answers to risky questions, most of them safe."""
    rows = read_objects(data / "train" / "donotanswer_pairs.jsonl")
    return [
        Example.binary(row["prompt"], row["response"])
        if row["response_harmful"]
        else Example.full(row["prompt"], row["response"], ())
        for row in rows
    ]
