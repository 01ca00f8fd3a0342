"""Model calls kept on disk, so that none is made twice."""

import asyncio
import json
import sqlite3
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Any

from langchain_core.caches import RETURN_VAL_TYPE, BaseCache
from langchain_core.globals import get_llm_cache, set_llm_cache
from langchain_core.load import dumps, loads

from lance_graph.evaluation.calls import Meter, current_meter

APPLICATION = 0x4C414E43
_NOT_KEPT = r"\"type\": \"not_implemented\""


class CallCache(BaseCache):
    """Model calls in a SQLite file, which several threads and processes may share.

    The key is the prompt and the model with its settings, as LangChain gives them, and how often
    this piece of work has asked the same before: a second attempt is not given the first one's
    answer again. Models that do not say which they are, such as local ones, are not cached. With
    ``shared`` off an answer is given only to the piece of work that asked before: what a run needs
    to go on in the middle of a sample. Failed calls are not kept.

    ValueError if the file is something else.
    """

    def __init__(self, path: Path, *, shared: bool = True) -> None:
        self.path = path
        self.shared = shared
        self._lock = Lock()
        with warnings.catch_warnings():  # `loads` says once per process that it is in beta
            warnings.simplefilter("ignore")
            loads("[]", allowed_objects="core")
        try:
            self._connection = sqlite3.connect(
                path, timeout=60, isolation_level=None, check_same_thread=False
            )
            self._prepare()
        except sqlite3.Error as error:
            raise ValueError(
                f"'{path}' cannot be used as a cache of model calls: {error}"
            ) from error

    def lookup(self, prompt: str, llm_string: str) -> RETURN_VAL_TYPE | None:
        """The generations of an earlier call, or None."""
        meter = current_meter.get()
        if not _names_model(llm_string):
            return None
        digest = _digest(prompt, llm_string)
        turn = 0
        if meter:
            with meter.lock:
                turn = meter.asked[digest]
                meter.asked[digest] += 1
        found = None if meter and meter.fresh else self._read(self._key(digest, turn, meter))
        if meter and not found:
            with meter.lock:
                meter.waiting[digest].append((turn, time.monotonic()))
        if not found:
            return None
        if meter:
            with meter.lock:
                meter.cached += 1
                meter.seconds += found[1]
        return [loads(one, allowed_objects="core") for one in json.loads(found[0])]

    def update(self, prompt: str, llm_string: str, return_val: RETURN_VAL_TYPE) -> None:
        """Keep the generations of a call."""
        if not _names_model(llm_string):
            return
        meter, digest = current_meter.get(), _digest(prompt, llm_string)
        turn, seconds = 0, 0.0
        if meter and meter.waiting[digest]:
            with meter.lock:
                turn, started = meter.waiting[digest].popleft()
            seconds = time.monotonic() - started
        kept = json.dumps([dumps(generation) for generation in return_val])
        if _NOT_KEPT in kept:  # objects of some other package, which could not be brought back
            return
        row = (self._key(digest, turn, meter), kept, seconds)
        with self._lock:
            self._connection.execute("INSERT OR REPLACE INTO calls VALUES (?, ?, ?)", row)

    def clear(self, **_: Any) -> None:
        """Forget everything."""
        with self._lock:
            self._connection.execute("DELETE FROM calls")

    async def alookup(self, prompt: str, llm_string: str) -> RETURN_VAL_TYPE | None:
        """`lookup` for async code."""
        return await asyncio.to_thread(self.lookup, prompt, llm_string)

    async def aupdate(self, prompt: str, llm_string: str, return_val: RETURN_VAL_TYPE) -> None:
        """`update` for async code."""
        await asyncio.to_thread(self.update, prompt, llm_string, return_val)

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._connection.close()

    def _prepare(self) -> None:
        (kind,) = self._connection.execute("PRAGMA application_id").fetchone()
        (tables,) = self._connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if tables and kind != APPLICATION:
            raise sqlite3.DatabaseError("it is another program's database")
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute(f"PRAGMA application_id = {APPLICATION}")
        self._connection.execute(
            "CREATE TABLE IF NOT EXISTS calls (key TEXT PRIMARY KEY, value TEXT, seconds REAL)"
        )

    def _key(self, digest: str, turn: int, meter: Meter | None) -> str:
        scope = meter.scope if meter and not self.shared else ""
        return _digest(digest, str(turn), scope)

    def _read(self, key: str) -> tuple[str, float] | None:
        with self._lock:
            row: tuple[str, float] | None = self._connection.execute(
                "SELECT value, seconds FROM calls WHERE key = ?", (key,)
            ).fetchone()
        return row


@contextmanager
def caching(cache: CallCache) -> Iterator[CallCache]:
    """All chat models' calls go through ``cache``, unless a model has its own; then as before."""
    before = get_llm_cache()
    set_llm_cache(cache)
    try:
        yield cache
    finally:
        set_llm_cache(before)
        cache.close()


def _names_model(llm_string: str) -> bool:
    """Whether a key tells models apart: those that cannot be written down share one string."""
    return '"model' in llm_string or "'model" in llm_string


def _digest(*parts: str) -> str:
    return sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
