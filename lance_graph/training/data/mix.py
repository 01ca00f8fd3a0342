"""The training mix: how many rows of each kind, from the research data and from this package."""

import random
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path

from lance_graph.training.data import disputes, frames, phrasings, research, sources
from lance_graph.training.data.example import Example, of_row, split_by_prompt
from lance_graph.training.data.grammars import ALL, generated_rows
from lance_graph.training.data.ladders import ladders
from lance_graph.training.data.sources import Licences
from lance_graph.training.data.stock import Stock, some
from lance_graph.training.data.twins import written_pairs, written_rows

GRADED_TIMES = 12
"""How often each rung of a ladder is there: order is learnt where two of them meet in a batch."""
EVERY_PHRASE = 20_000
"""Rows that a quota of -1 makes of acts and forms, which can be put together without end."""
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
    "train2": ALL,
    "framed": 0,
    "phrased": 0,
    "said_about": 0,
    "undermined": 0,
    "ladders": ALL,
}
"""Rows of each kind; -1 takes all that there are, 0 none.

`repaired`, `disguised` and `buried` give two rows each. `train2` is the second batch of the research
data as `sources.toml` weighs it; the name of one of its files is a kind too, and caps that file.
`framed` puts phrases that say nothing around prompts of both classes, `phrased` puts acts into many
forms, `said_about` speaks of harmful acts, `undermined` adds guidance to answers (two rows each).
"""

REPLAYED: Mapping[str, int] = {
    "pairs": ALL,
    "safe_pairs": 0,
    "pair_prompts": 3_000,
    "noisy": 4_000,
    "benign_prompts": 5_000,
    "benign_pairs": 3_000,
    "harmless_answers": 2_000,
    "crossed": 1_000,
    "refused": 1_200,
    "disguised": 400,
    "contrasts": 8_000,
    "written_again": 0,
    "written_pairs_again": 0,
    "repaired": 500,
    "guided": 400,
    "buried": 500,
    "framed": 7_000,
    "phrased": 5_000,
    "said_about": 1_600,
    "undermined": 600,
}
"""The same where DATA has a second batch: of the first so much that it is not unlearnt (decision 0017)."""


_FIRST_BATCH = {
    "pairs": research.pairs,
    "judged": research.judged_prompts,
    "benign": research.benign,
}
"""What of the first batch is split by prompt, and who reads it."""

Sides = Mapping[str, tuple[list[Example], list[Example]]]


def split_mix(
    data: Path,
    quotas: Mapping[str, int],
    held_out: float,
    seed: int,
    twins: str | Path | None = None,
    licences: Licences = "all",
) -> tuple[list[Example], list[Example]]:
    """(training mix, held-out rows), both of the ``licences`` that a run may see.

    No prompt of a row that is held out, under whatever licence, is in the mix, nor in a part of a
    made row of it. ``twins`` is the folder of `training_mix`.
    """
    check_kinds(quotas)
    every = _split_sources(data, held_out, seed)
    kept = plain_prompts(row for _, held in every.values() for row in held)
    sides = _permitted(every, data, licences)
    mine = {name: without(rest, kept) for name, (rest, _) in sides.items()}
    rows = training_mix(
        data, mine, quotas=quotas, seed=seed, twins=twins, licences=licences, kept=kept
    )
    return rows, together({name: held for name, (_, held) in sides.items()})


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


def held_out_rows(
    data: Path, share: float, seed: int, licences: Licences = "all"
) -> dict[str, list[Example]]:
    """What training never sees, each split by prompt: pairs, judged prompts, benign rows.

    And of the second batch, where DATA has it, every file by its name.
    """
    sides = _permitted(_split_sources(data, share, seed), data, licences)
    return {name: held for name, (_, held) in sides.items()}


def together(sources: Mapping[str, Sequence[Example]]) -> list[Example]:
    """The rows of all sources, one after the other."""
    return [row for rows in sources.values() for row in rows]


def _split_sources(data: Path, share: float, seed: int) -> Sides:
    """(rest, held out) of everything that is split by prompt, by name."""
    sides = {name: split_by_prompt(of(data), share, seed) for name, of in _FIRST_BATCH.items()}
    return {**sides, **sources.split_sources(data, share, seed)}


def _permitted(sides: Sides, data: Path, licences: Licences) -> Sides:
    """Both sides without what a run may not see; a row is on the same side for every run."""
    if licences == "all":
        return sides
    found = {}
    for name, of in _FIRST_BATCH.items():
        mine = set(of(data, licences))
        rest, held = sides[name]
        found[name] = [row for row in rest if row in mine], [row for row in held if row in mine]
    files = sources.table()
    allowed = (name for name in sides if name in files and files[name].permissive)
    return found | {name: sides[name] for name in allowed}


def training_mix(
    data: Path,
    sides: Mapping[str, Sequence[Example]],
    *,
    quotas: Mapping[str, int],
    seed: int,
    twins: str | Path | None = None,
    licences: Licences = "all",
    kept: AbstractSet[str] = frozenset(),
) -> list[Example]:
    """The whole mix, shuffled, from the training sides of the splits and the other sources.

    ``quotas`` changes entries of `MIX`, which are those of `REPLAYED` where ``sides`` has a second
    batch. The folder ``twins`` (`lance_graph.training.data.twins.folder_of`) is read as far as a
    quota asks for it. Prompts of ``kept`` are nowhere in the mix, and one that its sources judge
    differently is neither safe nor unsafe (`lance_graph.training.data.disputes`).
    """
    batch = {name: rows for name, rows in sides.items() if name in sources.table()}
    wanted = {**MIX, **(REPLAYED if batch else {}), **quotas}
    rng = random.Random(seed)
    stock = _stock(data, sides, wanted, seed, twins, licences, kept)
    chosen = [
        row
        for name, rows in batch.items()
        for row in sources.chosen(rows, name, seed, wanted.get(name, ALL))
    ]
    pools = stock.kinds() | {"train2": chosen}
    rows = [row for kind, pool in pools.items() for row in some(pool, wanted[kind], rng)]
    rows += stock.made(wanted, rng)
    asked = [*stock.asked, *together(batch)]
    rows += frames.framed(asked, _count(wanted["framed"], len(asked)), rng, folder=twins)
    rows += phrasings.phrased(_count(wanted["phrased"], EVERY_PHRASE), rng, folder=twins)
    rows += phrasings.said_about(_count(wanted["said_about"], EVERY_PHRASE), rng, folder=twins)
    rng.shuffle(rows)
    disputed = disputes.disputed_prompts([*asked, *stock.listed])
    return disputes.undecided(without(rows, kept), disputed)


def _stock(
    data: Path,
    sides: Mapping[str, Sequence[Example]],
    wanted: Mapping[str, int],
    seed: int,
    twins: str | Path | None,
    licences: Licences,
    kept: AbstractSet[str],
) -> Stock:
    generated, written, written_answers = (
        without(made, kept) for made in _from_twins(wanted, seed, twins)
    )
    return Stock(
        pairs=sides["pairs"],
        judged=sides["judged"],
        benign=sides["benign"],
        listed=without(research.listed_prompts(data, licences), kept),
        answers=without(research.answers(data, licences), kept),
        generated=generated,
        written=written,
        written_answers=written_answers,
        graded=ladders(folder=twins) * GRADED_TIMES if wanted["ladders"] else [],
    )


def plain(prompt: str) -> str:
    """A prompt as it counts for equality: case and white space do not."""
    return " ".join(prompt.lower().split())


def plain_prompts(rows: Iterable[Example]) -> set[str]:
    """The prompts of the rows, as they count for equality."""
    return {plain(row.prompt) for row in rows}


def without(rows: Iterable[Example], kept: AbstractSet[str]) -> list[Example]:
    """Rows whose prompt is not ``kept`` out of training (`plain_prompts`)."""
    return [row for row in rows if plain(row.prompt) not in kept]


def _count(quota: int, most: int) -> int:
    return most if quota == ALL else quota


def check_kinds(quotas: Mapping[str, int]) -> None:
    """ValueError names a kind of row that neither `MIX` nor `sources.toml` knows."""
    unknown = sorted(set(quotas) - set(MIX) - set(sources.table()))
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
