"""The sentence frames of the offline refiner, and the stable choice among them."""

import re
import tomllib
from functools import cache
from hashlib import blake2b
from importlib.resources import files

from lance_graph.categories import BY_KEY, CATEGORIES

_DEFAULT = "unethical_behavior"


@cache
def _load(name: str) -> dict[str, object]:
    path = files(__package__).joinpath("frames", f"{name}.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))


def slug_of(category: str | None) -> str:
    """The frame file of a category key; an unknown category has the general frames."""
    return BY_KEY[category].slug if category in BY_KEY else _DEFAULT


def pool(name: str, kind: str) -> list[str]:
    """The frames of one kind in the file ``name``, or in the first other file that has the kind.

    A prompt of any category may name a group, a person or a country, and only some files have
    frames for those. KeyError if no file has the kind.
    """
    slugs = sorted(category.slug for category in CATEGORIES)
    for candidate in (name, "common", *slugs):
        found = _load(candidate).get(kind)
        if isinstance(found, list) and found:
            return found
    raise KeyError(f"no frames of the kind {kind!r}")


def default_topic(name: str) -> str:
    """What the category of the file ``name`` is about, as a noun phrase."""
    return str(_load(name)["default"])


_SOMEONE_BEFORE = ("someone", "anyone", "somebody", "person", "people", "criminals", "me ")


def put(frame: str, **slots: str) -> str:
    """``frame`` with its slots filled; pronouns in a gerund follow the subject of the frame."""
    gerund = slots.get("g")
    if (
        gerund
        and "{g}" in frame
        and any(w in frame.split("{g}", maxsplit=1)[0] for w in _SOMEONE_BEFORE)
    ):
        gerund = re.sub(r"\bone's\b", "their", gerund).replace("oneself", "themselves")
        gerund = re.sub(r"\bsomeone( else)?('s)?\b", r"another person\2", gerund)
        slots["g"] = gerund
    return frame.format(**slots)


def pick(choices: list[str], seed: str) -> str:
    """One of ``choices``, the same for the same ``seed`` on every machine and in every run."""
    number = int.from_bytes(blake2b(seed.encode("utf-8", "replace"), digest_size=8).digest(), "big")
    return choices[number % len(choices)]
