"""The training mix: how many rows of each kind, from the research data and from this package."""

import random
from collections.abc import Mapping, Sequence
from pathlib import Path

from lance_graph.training.data import augment, research
from lance_graph.training.data.example import (
    Example,
    of_row,
    split_by_prompt,
    unsafe_and_safe,
)
from lance_graph.training.data.grammars import ALL, generated_rows
from lance_graph.training.data.twins import written_pairs, written_rows

LONGEST_REPAIRED = 400
"""Characters of the longest prompt that the offline refiner is asked to rewrite for training."""

MIX: Mapping[str, int] = {
    "pairs": ALL,
    "safe_pairs": ALL,  # a second time: three of four pairs are unsafe
    "pair_prompts": 3_000,
    "judged": ALL,
    "judged_again": ALL,  # real, hard, and rare
    "listed": ALL,
    "noisy": 6_000,
    "benign_prompts": 9_000,
    "benign_pairs": ALL,
    "harmful_answers": ALL,
    "harmless_answers": 3_000,
    "crossed": 1_500,
    "refused": 2_000,
    "disguised": 800,
    "contrasts": 16_000,
    "written": ALL,
    "written_again": ALL,
    "written_pairs": ALL,
    "written_pairs_again": ALL,
    "repaired": 2_000,
    "guided": 1_500,
    "buried": 1_200,
}
"""Rows of each kind; -1 takes all that there are, 0 none.

`repaired`, `disguised` and `buried` give two rows each.
"""


def split_mix(
    data: Path,
    quotas: Mapping[str, int],
    held_out: float,
    seed: int,
    twins: str | Path | None = None,
) -> tuple[list[Example], list[Example]]:
    """(training mix, held-out rows).

    No prompt of a held-out row is in the mix in any form but as a part of a made one. ``twins`` is
    the folder of `training_mix`.
    """
    sides, held_out_by_source = _split_sources(data, held_out, seed)
    held = together(held_out_by_source)
    kept = {row.prompt for row in held}
    rows = training_mix(data, **sides, quotas=quotas, seed=seed, twins=twins)
    return [row for row in rows if row.prompt not in kept], held


def own_twins(seed: int, folder: str | Path | None = None) -> tuple[list[Example], list[Example]]:
    """(training rows, held-out rows) of the written twins and answers of ``folder``, shuffled."""
    sides = []
    for held_out in (False, True):
        written = written_rows(seed, held_out=held_out, folder=folder)
        written += written_pairs(held_out=held_out, folder=folder)
        rows = [of_row(row) for row in written]
        random.Random(seed).shuffle(rows)
        sides.append(rows)
    return sides[0], sides[1]


def held_out_rows(data: Path, share: float, seed: int) -> dict[str, list[Example]]:
    """The pairs, judged prompts and benign rows that training never sees, each split by prompt."""
    return _split_sources(data, share, seed)[1]


def together(sources: Mapping[str, Sequence[Example]]) -> list[Example]:
    """The rows of all sources, one after the other."""
    return [row for rows in sources.values() for row in rows]


def _split_sources(
    data: Path, share: float, seed: int
) -> tuple[dict[str, list[Example]], dict[str, list[Example]]]:
    read = {"pairs": research.pairs, "judged": research.judged_prompts, "benign": research.benign}
    sides = {name: split_by_prompt(of(data), share, seed) for name, of in read.items()}
    return (
        {name: rest for name, (rest, _) in sides.items()},
        {name: held for name, (_, held) in sides.items()},
    )


def training_mix(
    data: Path,
    *,
    pairs: Sequence[Example],
    judged: Sequence[Example],
    benign: Sequence[Example],
    quotas: Mapping[str, int],
    seed: int,
    twins: str | Path | None = None,
) -> list[Example]:
    """The whole mix, shuffled, from the training sides of the splits and the other sources.

    ``quotas`` changes entries of `MIX`; ValueError names a kind that does not exist. The folder
    ``twins`` (`lance_graph.training.data.twins.folder_of`) is read as far as a quota asks for it.
    """
    check_kinds(quotas)
    wanted = {**MIX, **quotas}
    rng = random.Random(seed)

    def some(rows: Sequence[Example], kind: str) -> list[Example]:
        count = wanted[kind]
        return list(rows) if count == ALL else rng.sample(list(rows), min(count, len(rows)))

    unsafe_pairs, safe_pairs = unsafe_and_safe(pairs)
    pair_prompts = research.without_response(pairs)
    listed, answers = research.listed_prompts(data), research.answers(data)
    harmful_answers, harmless_answers = unsafe_and_safe(answers)
    generated, written, written_answers = _from_twins(wanted, seed, twins)
    answered = [row for row in benign if row.response]
    harmful = [
        row
        for row in [*judged, *pair_prompts, *written, *generated]
        if not row.is_safe and len(row.prompt) < LONGEST_REPAIRED
    ]
    plain = {
        "pairs": pairs,
        "safe_pairs": safe_pairs,
        "pair_prompts": pair_prompts,
        "judged": judged,
        "judged_again": judged,
        "listed": [row for row in listed if not row.noisy],
        "noisy": [row for row in listed if row.noisy],
        "benign_prompts": [row for row in benign if not row.response],
        "benign_pairs": answered,
        "harmful_answers": harmful_answers,
        "harmless_answers": harmless_answers,
        "written": written,
        "written_again": written,
        "written_pairs": written_answers,
        "written_pairs_again": written_answers,
        "contrasts": generated,
    }
    rows = [row for kind, pool in plain.items() for row in some(pool, kind)]
    rows += augment.crossed(some(unsafe_pairs, "crossed"), some(answered, "crossed"), rng)
    rows += augment.refused(some(harmful, "refused"), rng)
    rows += augment.disguised(some(unsafe_pairs, "disguised"), some(answered, "disguised"), rng)
    rows += augment.repaired(some(harmful, "repaired"), rng)
    rows += augment.guided(some(harmful, "guided"), rng)
    rows += augment.buried(some(harmful, "buried"), benign, rng)
    rng.shuffle(rows)
    return rows


def check_kinds(quotas: Mapping[str, int]) -> None:
    """ValueError names a kind of row that `MIX` does not know."""
    unknown = sorted(set(quotas) - set(MIX))
    if unknown:
        raise ValueError(f"{unknown[0]!r} is no kind of training row; known are {', '.join(MIX)}")


def _from_twins(
    wanted: Mapping[str, int], seed: int, folder: str | Path | None
) -> list[list[Example]]:
    """Generated contrasts, written prompts and written answers, each only if a quota asks for it."""
    prompts = wanted["written"] or wanted["written_again"]
    answers = wanted["written_pairs"] or wanted["written_pairs_again"]
    sources = (
        generated_rows(wanted["contrasts"], seed, folder),
        written_rows(seed, folder=folder) if prompts else [],
        written_pairs(folder=folder) if answers else [],
    )
    return [[of_row(row) for row in rows] for rows in sources]
