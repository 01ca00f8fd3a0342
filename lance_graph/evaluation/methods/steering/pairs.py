"""The contrastive prompts: each harmful one with a harmless one of the same form."""

import json
from collections.abc import Sequence
from hashlib import sha256
from importlib.resources import files

Pairs = Sequence[tuple[str, str]]


def load_pairs() -> list[tuple[str, str]]:
    """The (harmful, harmless) prompts that this package ships, three for each category."""
    text = files(__package__).joinpath("pairs.jsonl").read_text(encoding="utf-8")
    rows = [json.loads(line) for line in text.splitlines()]
    return [(row["harmful"], row["harmless"]) for row in rows]


def digest_of(pairs: Pairs) -> str:
    """What tells one set of pairs from another."""
    return sha256(json.dumps([list(pair) for pair in pairs]).encode()).hexdigest()[:16]
