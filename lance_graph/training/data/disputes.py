"""Prompts that sources judge differently: nobody knows, so that training wants a degree between."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from lance_graph.training.data.example import Example

DISPUTED = 0.5
"""The label of a prompt that one source calls harmful and another harmless."""


def disputed_prompts(rows: Iterable[Example]) -> set[str]:
    """What is `bare` of the prompts that stand in ``rows`` without an answer as safe and as unsafe.

    An answered row judges its answer as well, and a graded or a soft label is no vote.
    """
    votes: dict[str, set[float]] = defaultdict(set)
    for row in rows:
        if row.response is None and row.degree is None:
            votes[bare(row.prompt)].add(row.unsafe)
    return {prompt for prompt, labels in votes.items() if {0.0, 1.0} <= labels}


def undecided(rows: Iterable[Example], disputed: set[str]) -> list[Example]:
    """The rows, prompts that are disputed once each: labelled `DISPUTED`, in categories nobody knows."""
    kept = []
    seen: set[str] = set()
    for row in rows:
        prompt = bare(row.prompt)
        if row.response is not None or row.degree is not None or prompt not in disputed:
            kept.append(row)
        elif prompt not in seen:
            seen.add(prompt)
            kept.append(replace(Example.unlabelled(row.prompt, None), unsafe=DISPUTED))
    return kept


def bare(prompt: str) -> str:
    """A prompt's words and numbers, of any script, without case and punctuation."""
    return " ".join(re.findall(r"\w+", prompt.casefold()))
