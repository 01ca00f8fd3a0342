"""Training rows streamed from the Hugging Face hub: never whole in memory, never whole on disk."""

import random
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from itertools import count, islice
from typing import Any

from torch.utils.data import IterableDataset, get_worker_info

from lance_graph.hub import PREFIX, HubSource
from lance_graph.training.data.example import Example, of_row

BUFFER = 10_000
"""Rows of the shuffle buffer; an order is random within about as many rows."""
READ_TOGETHER = 256


def open_stream(source: HubSource) -> Any:
    """The streaming ``datasets`` object of a source's split; ValueError if it cannot be had.

    Without a split it is 'train', or the first whose name ends in 'train' (BeaverTails has
    330k_train and 30k_train).
    """
    try:
        return source.open(_for_training, "train")[1]
    except ValueError as error:
        raise ValueError(f"data: {error}") from error


def _for_training(splits: Sequence[str]) -> str | None:
    endings = [name for name in sorted(splits, key="train".__ne__) if name.endswith("train")]
    return next(iter(endings), None)


class HubRows(IterableDataset[Example]):
    """An endless stream of training rows: pass after pass, each pass in an order of its own.

    The order is a function of seed and pass alone. ``rows_per_pass`` is None where the hub does not
    say how many rows there are. ``limit`` takes the first so many training rows in every pass.
    """

    def __init__(
        self, source: HubSource, held_out: float, seed: int, limit: int | None = None
    ) -> None:
        self.source, self.held_out, self.seed, self.limit = source, held_out, seed, limit
        self.stream = open_stream(source)
        self.rows_per_pass = limit or _known_rows(self.stream, held_out)

    def __iter__(self) -> Iterator[Example]:
        worker = get_worker_info()
        first, step = (worker.id, worker.num_workers) if worker else (0, 1)
        return islice(self._passes(), first, None, step)

    def _passes(self) -> Iterator[Example]:
        for number in count():
            rng = random.Random(f"{self.seed} {number}")
            empty = True
            for row in shuffled(islice(self._side(held=False), self.limit), BUFFER, rng):
                empty = False
                yield row
            if empty:
                raise ValueError(f"data: {PREFIX}{self.source.name} has no training rows")

    def held_out_rows(self, most: int) -> list[Example]:
        """The first ``most`` held-out rows of the stream."""
        return list(islice(self._side(held=True), most)) if self.held_out else []

    def _raw_rows(self) -> Iterator[dict[str, Any]]:
        # in batches, because iterating row by row datasets would deal out files to the workers
        for batch in self.stream.iter(READ_TOGETHER):
            for values in zip(*batch.values(), strict=True):
                yield dict(zip(batch, values, strict=True))

    def _side(self, *, held: bool) -> Iterator[Example]:
        for number, row in enumerate(self._raw_rows(), 1):
            try:  # a column that other rows have is there as None
                example = of_row({key: value for key, value in row.items() if value is not None})
            except ValueError as error:
                place = f"{PREFIX}{self.source.name}, row {number}"
                raise ValueError(f"data: {place}: {error}") from error
            if is_held_out(example.prompt, self.held_out, self.seed) == held:
                yield example


def is_held_out(prompt: str, share: float, seed: int) -> bool:
    """Whether all rows of ``prompt`` are held out: a hash decides, so that no list is needed."""
    digest = sha256(f"{seed}\n{prompt}".encode("utf-8", "replace")).digest()
    return int.from_bytes(digest[:8]) < share * 2**64


def shuffled(rows: Iterable[Example], size: int, rng: random.Random) -> Iterator[Example]:
    """All ``rows`` in a random order, with at most ``size`` of them in memory."""
    pool: list[Example] = []
    for row in rows:
        if len(pool) < size:
            pool.append(row)
            continue
        index = rng.randrange(size)
        yield pool[index]
        pool[index] = row
    rng.shuffle(pool)
    yield from pool


def _known_rows(stream: Any, held_out: float) -> int | None:
    """About how many training rows the stream has, if the data set's card tells."""
    split = (stream.info.splits or {}).get(stream.split)
    rows = getattr(split, "num_examples", None)
    return round(rows * (1 - held_out)) if rows else None
