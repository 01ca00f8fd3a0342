"""One model, many callers: the rows that wait while it works go through it together next.

A caller reads and tokenises its own texts; only encoded rows meet here. So an error in a text is its
caller's alone, and nobody waits for others to come (docs/decisions/0024).
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from heapq import heappop, heappush
from math import ceil, inf
from threading import Event, Thread
from time import monotonic
from typing import Any

import torch

from lance_graph.runtime.crew import Crew, Job
from lance_graph.runtime.forking import at_work
from lance_graph.runtime.threads import raisable

Row = dict[str, list[int]]
Found = tuple[list[tuple[float, float]], float]
"""(alpha_j, beta_j) of every category, and the degree of distress, of one row."""
Pass = Callable[[Sequence[Row]], Sequence[Found]]
"""One pass of the model over some rows: what it finds in each, in order."""
TOKENS_PER_BATCH = 4_096
TOGETHER = 8
"""Rows that are not shared out among free threads: a pass of more is hardly cheaper for each row."""


@dataclass(frozen=True)
class Sharing:
    """How callers share the passes of a detector's model.

    ``max_batch`` rows at most go through it in one pass. ``max_wait`` is how many seconds a row waits
    for others to join it; with 0 it joins those that came while the model was busy, and a caller who
    is alone never waits. ``passes`` are made at a time, each in one thread; None is as many as torch
    has threads where a caller asks, and 1 on a GPU. ValueError for numbers that make no sense.
    """

    max_batch: int = 64
    max_wait: float = 0.0
    passes: int | None = None

    def __post_init__(self) -> None:
        if self.max_batch < 1:
            raise ValueError(f"max_batch is {self.max_batch}; a pass needs room for at least 1 row")
        if not 0 <= self.max_wait < 60:
            raise ValueError(f"max_wait is {self.max_wait}; give seconds from 0 to below 60")
        if self.passes is not None and self.passes < 1:
            raise ValueError(f"passes is {self.passes}; give 1 or more, or None to leave it open")


class _Call:
    """Rows of one caller, and what has been found in them so far."""

    def __init__(self, count: int) -> None:
        self.found: list[Any] = [None] * count
        self.missing = count
        self.open = True
        self.future: Future[list[Found]] = Future()


@dataclass(frozen=True, order=True)
class _Waiting:
    """A row in its place: rows of the same ``rank`` in the order in which they came."""

    rank: tuple[int, int, int]
    ready: float
    call: "_Call"
    make: Pass
    row: Row

    @property
    def place(self) -> int:
        return self.rank[-1]


class Pool(Crew):
    """The rows that wait, and the threads that take them through a model.

    It keeps no model alive: each call brings the pass that it needs. ``sizes`` counts the passes by their
    number of rows.
    """

    def __init__(self, sharing: Sharing) -> None:
        self.sharing = sharing
        self.sizes: Counter[int] = Counter()
        super().__init__("lance-detector")

    def wait(self, rows: Sequence[Row], make: Pass, most: int) -> list[Found]:
        """What ``make`` finds in each row; the error of a pass that these rows were in."""
        future = self._put(rows, make, most)
        try:
            return future.result()
        except BaseException:
            future.cancel()  # this thread was interrupted: nobody waits for its rows
            raise

    async def await_(self, rows: Sequence[Row], make: Pass, most: int) -> list[Found]:
        """`wait` for async code, without a thread that waits."""
        return await asyncio.wrap_future(self._put(rows, make, most))

    def _put(self, rows: Sequence[Row], make: Pass, most: int) -> "Future[list[Found]]":
        call = _Call(len(rows))
        if not rows:
            call.future.set_result([])
            return call.future
        with self.turn:
            self._line_up(rows, make, call)
            self._open += 1
            call.future.add_done_callback(lambda _: self._close(call))
            try:
                self.call(self.sharing.passes or most)
            except RuntimeError:
                call.future.cancel()  # nothing will take its rows
                raise
        return call.future

    def _line_up(self, rows: Sequence[Row], make: Pass, call: _Call) -> None:
        """Rows of like length in a line of their own; after a batch of one call it is others' turn.

        Who comes now is next in line after a batch of each call that waits, not before: else a stream of
        short calls would keep a long one waiting for ever.
        """
        order = sorted(range(len(rows)), key=lambda index: len(rows[index]["input_ids"]))
        ready = monotonic() + (self.sharing.max_wait if self._open else 0.0)
        self._calls += 1
        for number, index in enumerate(order):
            rank = self._round + 1 + number // self.sharing.max_batch, self._calls, index
            width = (len(rows[index]["input_ids"]) - 1).bit_length()
            waiting = _Waiting(rank, ready, call, make, rows[index])
            heappush(self._waiting.setdefault(width, []), waiting)

    def begin(self) -> None:
        """One thread of torch for this thread; everybody else's number stays what it was."""
        one_thread_here()

    def clear(self) -> None:
        """Forget all rows."""
        self._waiting: dict[int, list[_Waiting]] = {}
        self._open = self._calls = self._round = 0

    def waits(self) -> bool:
        """Whether a row waits."""
        return bool(self._waiting)

    def take(self, free: int) -> Job | float:
        """The rows of like length that belong to the first in line."""
        while self._waiting:
            width = min(self._waiting, key=lambda width: self._waiting[width][0])
            line = self._waiting[width]
            wait = line[0].ready - monotonic()
            if wait > 0 and len(line) < self.sharing.max_batch:
                return wait
            if batch := self._batch(width, line, free):
                self._round = batch[0].rank[0]
                return partial(self._run, batch)
        return inf

    def _batch(self, width: int, line: list[_Waiting], free: int) -> list[_Waiting]:
        """Rows from the head of a line, as many as one of ``free`` threads should take of them."""
        most = min(self.sharing.max_batch, max(TOGETHER, ceil(len(line) / free)))
        batch: list[_Waiting] = []
        longest = 0
        while line and len(batch) < most:
            longest = max(longest, len(line[0].row["input_ids"]))
            if batch and longest * (len(batch) + 1) > TOKENS_PER_BATCH:
                break
            waiting = heappop(line)
            if not waiting.call.future.done():
                batch.append(waiting)
        if not line:
            del self._waiting[width]
        return batch

    def _run(self, batch: Sequence[_Waiting]) -> None:
        """One pass. Where it fails the calls in it are tried one by one: an error is its call's alone."""
        try:
            found = batch[0].make([waiting.row for waiting in batch])
            pairs = list(zip(batch, found, strict=True))
        except BaseException as error:  # noqa: BLE001 - raised again where it is waited for
            calls = dict.fromkeys(waiting.call for waiting in batch)
            if len(calls) == 1:
                self._fail(batch[0].call, error)
                return
            for call in calls:
                self._run([waiting for waiting in batch if waiting.call is call])
        else:
            self._keep(pairs)

    def _keep(self, pairs: Sequence[tuple[_Waiting, Found]]) -> None:
        """Give what was found to the calls; those that have all of it are done."""
        whole: list[_Call] = []
        with self.turn:
            self.sizes[len(pairs)] += 1
            for waiting, found in pairs:
                call = waiting.call
                call.found[waiting.place] = found
                call.missing -= 1
                if not call.missing:
                    whole.append(call)
        for call in filter(self._close, whole):
            if call.future.set_running_or_notify_cancel():
                call.future.set_result(call.found)

    def _fail(self, call: _Call, error: BaseException) -> None:
        """End a call with the first error of a pass that its rows were in."""
        if self._close(call) and call.future.set_running_or_notify_cancel():
            call.future.set_exception(raisable(error))

    def _close(self, call: _Call) -> bool:
        """Count a call as over, before its caller hears of it; False if it was over already."""
        with self.turn:
            if not call.open:
                return False
            call.open = False
            self._open -= 1
            return True


def one_thread_here() -> None:
    """Have torch use one thread where it is called from this thread, and elsewhere as many as before.

    The number belongs to a thread, but torch also keeps the last one that was set, for threads that do
    not know theirs yet: another thread sets that back at once.
    """
    usual = torch.get_num_threads()
    if usual == 1:
        return
    narrowed = Event()

    def set_back() -> None:
        narrowed.wait()
        torch.set_num_threads(usual)

    with at_work():
        helper = Thread(target=set_back, name="lance-detector-begin", daemon=True)
        helper.start()
        torch.set_num_threads(1)
        narrowed.set()
        helper.join()
