"""Seeded training contrasts: safe and unsafe twins that differ in what makes the difference.

The rows teach a prompt classifier not to flag prompts that only look harmful.  All grammars and
word lists are written for this project.  Rows are requests only; none says how harm is done.
Training loads this folder by its path (`lance_graph.training.data.grammars`); no wheel holds it.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

from lance_graph.training.data.register import restyle
from lance_graph.training.data.twins import CATEGORIES

from . import (
    chat,
    context,
    creative,
    defensive,
    definitions,
    everyday_questions,
    fairness,
    figurative,
    harmless_targets,
    health,
    history,
    homonyms,
    opinions,
    personal_data,
    prevention,
    security,
    wrappers,
)
from ._engine import Template, draw

__all__ = [
    "CATEGORY_KEYS",
    "MAX_ROWS",
    "PHENOMENA",
    "generate_contrasts",
]

CATEGORY_KEYS: tuple[str, ...] = tuple(CATEGORIES.values())
"""The category keys that unsafe rows may carry."""

MAX_ROWS = 40_000
"""The most rows one call returns; the grammars hold more, so that quotas can be met."""

_SAFE_SHARE = 0.55
_SAFE_SHARES: Mapping[str, float] = {"everyday_questions": 0.75, "defensive_programming": 0.70}

_PHENOMENA: Mapping[str, tuple[float, Sequence[Template]]] = {
    "homonyms": (6.0, homonyms.TEMPLATES),
    "figurative": (4.0, figurative.TEMPLATES),
    "harmless_targets": (5.0, harmless_targets.TEMPLATES),
    "safe_contexts": (5.0, context.TEMPLATES),
    "definitions": (4.0, definitions.TEMPLATES),
    "history_news_law": (6.0, history.TEMPLATES),
    "privacy": (5.0, personal_data.TEMPLATES),
    "discrimination": (4.0, fairness.TEMPLATES),
    "prevention": (30.0, prevention.TEMPLATES),
    "health": (6.0, health.TEMPLATES),
    "security_coding": (6.0, security.TEMPLATES),
    "everyday_chat": (7.0, chat.TEMPLATES),
    "creative": (4.0, creative.TEMPLATES),
    "opinions": (4.0, opinions.TEMPLATES),
    "wrappers": (4.0, wrappers.TEMPLATES),
    "everyday_questions": (31.0, everyday_questions.TEMPLATES),
    "defensive_programming": (23.0, defensive.TEMPLATES),
}

PHENOMENA: tuple[str, ...] = tuple(_PHENOMENA)
"""Names of the phenomena, as they stand in ``source`` after ``contrasts:``."""

Row = dict[str, object]


def _weights(is_safe: bool) -> dict[str, float]:
    """The weight of each phenomenon among the rows of one label."""
    shares = {name: _SAFE_SHARES.get(name, _SAFE_SHARE) for name in _PHENOMENA}
    return {
        name: weight * (shares[name] if is_safe else 1 - shares[name])
        for name, (weight, _) in _PHENOMENA.items()
    }


def _stream(name: str, is_safe: bool, seed: int, count: int, seen: set[str]) -> list[Row]:
    """Up to ``count`` new rows of one phenomenon and label."""
    rng = random.Random(f"{seed}:{name}:{is_safe}")
    templates = [t for t in _PHENOMENA[name][1] if t.is_safe is is_safe]
    rows: list[Row] = []
    for text, categories in draw(templates, rng):
        if len(rows) == count:
            break
        if text.lower() in seen:
            continue
        seen.add(text.lower())
        prompt = restyle(text, rng)
        if prompt.lower() in seen and prompt.lower() != text.lower():
            continue
        seen.add(prompt.lower())
        rows.append(
            {
                "prompt": prompt,
                "response": None,
                "is_safe": is_safe,
                "categories": list(categories),
                "source": f"contrasts:{name}",
            }
        )
    return rows


def _side(is_safe: bool, total: int, seed: int, seen: set[str]) -> list[Row]:
    """``total`` rows of one label, by weight, a poor phenomenon's gap filled by the others."""
    weights = _weights(is_safe)
    scale = total / sum(weights.values())
    # Draw a little more than the quota from each stream, then cut back to ``total``.
    pools = {
        name: _stream(name, is_safe, seed, int(1.3 * scale * weight) + 12, seen)
        for name, weight in weights.items()
    }
    taken = {name: min(len(pools[name]), int(scale * weights[name])) for name in pools}
    missing = total - sum(taken.values())
    order = list(pools)
    random.Random(f"{seed}:fill:{is_safe}").shuffle(order)
    while missing > 0:
        before = missing
        for name in order:
            if missing > 0 and taken[name] < len(pools[name]):
                taken[name] += 1
                missing -= 1
        if missing == before:
            raise RuntimeError(f"the grammars are {missing} rows short; lower MAX_ROWS")
    return [row for name, pool in pools.items() for row in pool[: taken[name]]]


def generate_contrasts(n: int, seed: int = 0) -> list[dict[str, object]]:
    """Return ``n`` distinct labelled rows, about 61 % safe, in an order mixed by ``seed``.

    The questions and the programming requests hold more safe rows than the other phenomena.

    Each row has ``prompt``, ``response`` (None), ``is_safe``, ``categories`` (empty when safe)
    and ``source`` (``contrasts:<phenomenon>``).  Equal arguments give equal rows.
    """
    if isinstance(n, bool) or n < 1:
        raise ValueError(f"n is {n!r}; ask for 1 to {MAX_ROWS} rows")
    if n > MAX_ROWS:
        raise ValueError(f"n is {n}, beyond the capacity; ask for at most {MAX_ROWS} rows")
    safe_weight = sum(_weights(True).values())
    safe_total = round(n * safe_weight / (safe_weight + sum(_weights(False).values())))
    seen: set[str] = set()
    rows = _side(True, safe_total, seed, seen) + _side(False, n - safe_total, seed, seen)
    random.Random(f"{seed}:order").shuffle(rows)
    return rows
