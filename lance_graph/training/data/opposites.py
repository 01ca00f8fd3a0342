"""Rows in opposite pairs for the contrastive stage: what only looks toxic beside what is."""

import math
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from lance_graph.training.data import research
from lance_graph.training.data.example import Example, of_row, unsafe_and_safe
from lance_graph.training.data.grammars import ALL, generated_rows
from lance_graph.training.data.mix import (
    check_kinds,
    held_out_rows,
    plain,
    plain_prompts,
    together,
)
from lance_graph.training.data.sources import Licences
from lance_graph.training.data.twins import written_rows

Kin = tuple[str, Example]
"""A row and the name of the texts that it belongs with: its twin, its phenomenon, its source."""

Opposites = tuple[Example, Example]
"""An unsafe row and a safe one."""

CONTRASTIVE_MIX: Mapping[str, int] = {
    "written": ALL,
    "contrasts": 8_000,
    "judged": ALL,
    "benign_prompts": 2_000,
}
"""Rows of each kind; -1 takes all that there are, 0 none."""


def kindred_rows(
    data: Path,
    quotas: Mapping[str, int],
    held_out: float,
    seed: int,
    twins: str | Path | None = None,
    licences: Licences = "all",
) -> Iterator[Kin]:
    """The stage's rows, each with its kin; no prompt of a held-out row of the main stage is among them.

    Of the research data's rows only those of the ``licences`` that the run may see.

    ``quotas`` changes entries of `CONTRASTIVE_MIX`. Other kinds of the main mix count for nothing
    here, so that one recipe can serve both stages; ValueError names a kind that neither knows. The
    folder ``twins`` (`lance_graph.training.data.twins.folder_of`) is read as far as a quota asks for it.
    """
    check_kinds(quotas)
    wanted = {kind: quotas.get(kind, count) for kind, count in CONTRASTIVE_MIX.items()}
    rng = random.Random(seed)
    benign = [row for row in research.benign(data, licences) if not row.response]
    written = written_rows(seed, folder=twins) if wanted["written"] else []
    pools: dict[str, list[Kin]] = {
        "written": [(str(row["twin"]), of_row(row)) for row in written],
        "contrasts": [
            (str(row["source"]), of_row(row))
            for row in generated_rows(wanted["contrasts"], seed, twins)
        ],
        "judged": [("judged", row) for row in research.judged_prompts(data, licences)],
        "benign_prompts": [("benign", row) for row in benign],
    }
    kept = plain_prompts(together(held_out_rows(data, held_out, seed)))
    for kind, pool in pools.items():
        count = len(pool) if wanted[kind] == ALL else min(wanted[kind], len(pool))
        for kin, row in _some(pool, count, rng):
            if plain(row.prompt) not in kept:
                yield kin, row


def opposite_pairs(rows: Iterable[Kin], seed: int) -> list[Opposites]:
    """(unsafe, safe) pairs in random order, of one kin as far as the kin has both.

    So twins always share a pair. What is left over meets a random row of the other class, the
    rarer class being drawn again: every row of known class is there, and half of all is unsafe.
    ValueError where a class has no row.
    """
    rng = random.Random(seed)
    families: dict[str, list[Example]] = defaultdict(list)
    for kin, row in rows:
        if not math.isnan(row.unsafe) and not row.is_borderline:
            families[kin].append(row)
    pairs: list[Opposites] = []
    alone: list[Example] = []
    for family in families.values():
        rng.shuffle(family)
        unsafe, safe = unsafe_and_safe(family)
        pairs += zip(unsafe, safe, strict=False)
        shorter = min(len(unsafe), len(safe))
        alone += unsafe[shorter:] + safe[shorter:]
    every_unsafe, every_safe = unsafe_and_safe(together(families))
    if not every_unsafe or not every_safe:
        raise ValueError(
            f"contrastive training needs both classes; there are {len(every_unsafe)} unsafe rows "
            f"and {len(every_safe)} safe ones: add rows of the other class"
        )
    lone_unsafe, lone_safe = unsafe_and_safe(alone)
    count = max(len(lone_unsafe), len(lone_safe))
    lone_unsafe += rng.choices(every_unsafe, k=count - len(lone_unsafe))
    lone_safe += rng.choices(every_safe, k=count - len(lone_safe))
    rng.shuffle(lone_safe)
    pairs += zip(lone_unsafe, lone_safe, strict=True)
    rng.shuffle(pairs)
    return pairs


def _some(pool: Sequence[Kin], count: int, rng: random.Random) -> list[Kin]:
    """``count`` rows, whole families as far as the count allows."""
    families: dict[str, list[Kin]] = defaultdict(list)
    for row in rng.sample(pool, len(pool)):
        families[row[0]].append(row)
    return [row for family in families.values() for row in family][:count]
