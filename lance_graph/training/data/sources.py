"""The second batch of research data: what `sources.toml` takes of each file, and its licences."""

import random
import re
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from lance_graph.files import read_objects
from lance_graph.training.data.example import Example, check_known, split_by_group
from lance_graph.training.data.grammars import ALL

FOLDER = "train2"
TABLE = Path(__file__).with_name("sources.toml")
ANY = "*"

Licences: TypeAlias = Literal["all", "permissive"]
"""Which rows a run may see: all, or only those whose licence lets a company use what it trains."""


class Source(BaseModel):
    """What training takes of one file; `sources.toml` says what each field means."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    group: str
    licence: str
    permissive: bool
    form: Literal["request", "text", "pair"]
    split: Literal["prompt", "conv"] = "prompt"
    harmful: int = ALL
    harmless: int = ALL
    pairs: int = ALL
    per_prompt: int = ALL
    times: int = Field(default=1, ge=1)
    drop: re.Pattern[str] | None = None
    categories: Mapping[str, tuple[str, ...]] = {}


@cache
def table() -> Mapping[str, Source]:
    """Every file of the second batch by name."""
    return {name: Source(**fields) for name, fields in _read_table()["train2"].items()}


def grouped() -> Mapping[str, list[str]]:
    """The files of each group, in the table's order."""
    groups: dict[str, list[str]] = {}
    for name, source in table().items():
        groups.setdefault(source.group, []).append(name)
    return groups


def is_open(file: str, source: str | None) -> bool:
    """Whether rows of ``source`` in a file of the first batch are known to be permissively licensed."""
    return source in _read_table()["train"][file]


def is_open_file(path: Path, data: Path) -> bool:
    """Whether a file is one of DATA's `train2` that the table calls permissive."""
    source = table().get(path.stem)
    own = data / FOLDER / f"{path.stem}.jsonl"
    return source is not None and source.permissive and path.resolve() == own.resolve()


def split_sources(
    data: Path, share: float, seed: int
) -> dict[str, tuple[list[Example], list[Example]]]:
    """(rest, held out) of each file in DATA's `train2`; empty where there is no such folder.

    Prompts, or whole conversations, are on one side each. FileNotFoundError or ValueError name a
    file that is missing or that the table does not know.
    """
    folder = data / FOLDER
    if not folder.is_dir():
        return {}
    unknown = sorted({path.stem for path in folder.glob("*.jsonl")} - set(table()))
    if unknown:
        raise ValueError(
            f"'{folder / unknown[0]}.jsonl' has no entry in {TABLE.name}, so nobody knows how to "
            "weigh it: add one, or take the file away"
        )
    return {name: split_by_group(read(data, name), share, f"{seed}:{name}") for name in table()}


def read(data: Path, name: str) -> list[tuple[Example, str]]:
    """Rows of one file, each with what the split keeps together; without those to drop."""
    source = table()[name]
    rows = read_objects(data / FOLDER / f"{name}.jsonl")
    return [
        (example_of(row, source), str(row[source.split]))
        for row in rows
        if not (source.drop and source.drop.search(row["prompt"]))
    ]


def example_of(row: Mapping[str, Any], source: Source) -> Example:
    """One row as what is known of it: harmless in all, or harmful in categories named or unnamed.

    What a source does not name is unknown, not absent: its taxonomy is not ours.
    """
    response = row.get("response") or None
    if row["is_safe"]:
        return Example.full(row["prompt"], response, ())
    own = source.categories.get(str(row.get("category")), source.categories.get(ANY, ()))
    keys = row.get("categories") or own
    check_known(keys)
    return Example.partly(row["prompt"], response, keys)


def chosen(rows: Sequence[Example], name: str, seed: int, most: int = ALL) -> list[Example]:
    """What the table takes of the rows of a file, repeated as it says; at most ``most``."""
    source, rng = table()[name], random.Random(f"{seed}:{name}")
    shuffled = rng.sample(rows, len(rows))
    seen: Counter[str] = Counter()
    taken: Counter[str] = Counter()
    limits = {"pairs": source.pairs, "harmful": source.harmful, "harmless": source.harmless}
    kept = []
    for row in shuffled:
        kind = "pairs" if row.response else "harmless" if row.is_safe else "harmful"
        if _has_room(taken[kind], limits[kind]) and _has_room(seen[row.prompt], source.per_prompt):
            taken[kind] += 1
            seen[row.prompt] += 1
            kept.append(row)
    kept *= source.times
    return kept if most == ALL else kept[:most]


def _has_room(count: int, limit: int) -> bool:
    return limit == ALL or count < limit


@cache
def _read_table() -> dict[str, Any]:
    return tomllib.loads(TABLE.read_text(encoding="utf-8"))
