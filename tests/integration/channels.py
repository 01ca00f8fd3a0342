"""Every way by which text can leave a graph, read out as text: what the leak tests search."""

import logging
import sqlite3
import traceback
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

from langchain_core.messages import BaseMessage
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

MODES = ("values", "updates", "messages", "custom", "tasks", "checkpoints", "debug")
NO_FSYNC = "PRAGMA synchronous=OFF"  # the file is the same, the test is faster
SHORT = 5  # supersteps after which the run for the exception is cut off


class Taps:
    """What each channel of one graph carried, by name of the channel."""

    def __init__(self, builder: Any, question: Any, context: Any, folder: Path) -> None:
        self.builder = builder
        self.question = question
        self.context = context
        self.folder = folder
        self.texts: dict[str, str] = {}
        self._threads = 0

    def showing(self, word: str) -> set[str]:
        """The channels in which ``word`` was seen."""
        return {name for name, text in self.texts.items() if word in text}

    def collect(self) -> dict[str, str]:
        """Run the graph once per sync channel."""
        with logged() as log, SqliteSaver.from_conn_string(self._file("sync.db")) as saver:
            saver.conn.execute(NO_FSYNC)
            graph = self.builder.compile(checkpointer=saver)
            self._keep("invoke", graph.invoke(self.question, self._config(), context=self.context))
            for mode in MODES:
                for subgraphs in (False, True):
                    config = self._config()
                    chunks = graph.stream(
                        self.question, config, context=self.context, stream_mode=mode,
                        subgraphs=subgraphs,
                    )  # fmt: skip
                    self._keep(f"{mode}, {subgraphs=}", list(chunks))
            parts = graph.stream(
                self.question, self._config(), context=self.context, stream_mode=MODES,
                subgraphs=True, version="v2",
            )  # fmt: skip
            self._keep("stream v2", list(parts))
            run = graph.stream_events(
                self.question, self._config(), context=self.context, version="v3"
            )
            self._keep("events v3", list(run))
            config = self._config(cut_short=True)
            try:
                graph.invoke(self.question, config, context=self.context)
            except Exception as error:  # noqa: BLE001  # whatever it says is looked at
                self._keep("exception", traceback.format_exception(error))
            for number in range(1, self._threads + 1):
                there = {"configurable": {"thread_id": str(number)}}
                self._keep("get_state", graph.get_state(there, subgraphs=True))
                self._keep("history", list(graph.get_state_history(there)))
        self._keep("sqlite", stored(self.folder / "sync.db"))
        self._keep("log", log)
        return self.texts

    async def acollect(self) -> dict[str, str]:
        """Run the graph once per async channel."""
        name = self._file("async.db")
        with logged() as log:
            async with AsyncSqliteSaver.from_conn_string(name) as saver:
                await saver.conn.execute(NO_FSYNC)
                await self._acollect(self.builder.compile(checkpointer=saver))
        self._keep("sqlite", stored(self.folder / "async.db"))
        self._keep("log", log)
        return self.texts

    async def _acollect(self, graph: Any) -> None:
        context = self.context
        self._keep("invoke", await graph.ainvoke(self.question, self._config(), context=context))
        for mode in MODES:
            for subgraphs in (False, True):
                chunks = graph.astream(
                    self.question, self._config(), context=context, stream_mode=mode,
                    subgraphs=subgraphs,
                )  # fmt: skip
                self._keep(f"{mode}, {subgraphs=}", [chunk async for chunk in chunks])
        parts = graph.astream(
            self.question, self._config(), context=context, stream_mode=MODES, subgraphs=True,
            version="v2",
        )  # fmt: skip
        self._keep("stream v2", [part async for part in parts])
        events = graph.astream_events(
            self.question, self._config(), context=context, version="v2", subgraphs=True
        )
        self._keep("events v2", [event async for event in events])
        run = await graph.astream_events(
            self.question, self._config(), context=context, version="v3"
        )
        self._keep("events v3", [event async for event in run])
        config = self._config(cut_short=True)
        try:
            await graph.ainvoke(self.question, config, context=context)
        except Exception as error:  # noqa: BLE001  # whatever it says is looked at
            self._keep("exception", traceback.format_exception(error))
        for number in range(1, self._threads + 1):
            there = {"configurable": {"thread_id": str(number)}}
            self._keep("get_state", await graph.aget_state(there, subgraphs=True))
            self._keep("history", [state async for state in graph.aget_state_history(there)])

    def _keep(self, channel: str, seen: Any) -> None:
        self.texts[channel] = self.texts.get(channel, "") + "\n".join(texts_of(seen))

    def _config(self, *, cut_short: bool = False) -> dict[str, Any]:
        self._threads += 1
        thread = {"thread_id": str(self._threads), "cut_short": cut_short}
        return {"configurable": thread, "recursion_limit": SHORT if cut_short else 50}

    def _file(self, name: str) -> str:
        return str(self.folder / name)


def texts_of(thing: Any) -> Iterator[str]:
    """What a printer, a serialiser or an attribute walk would show of ``thing``."""
    yield repr(thing)
    yield from _leaves(thing)


def _leaves(thing: Any) -> Iterator[str]:
    if isinstance(thing, BaseMessage):
        yield thing.model_dump_json()
    elif isinstance(thing, Mapping):
        for key, value in thing.items():
            yield str(key)
            yield from _leaves(value)
    elif isinstance(thing, list | tuple | set):
        for item in thing:
            yield from _leaves(item)
    elif is_dataclass(thing) and not isinstance(thing, type):
        for field in fields(thing):
            yield from _leaves(getattr(thing, field.name))
    elif isinstance(thing, str):
        yield thing
    else:
        yield f"{thing} {getattr(thing, '__dict__', '')}"


def stored(file: Path) -> str:
    """Every byte of a SQLite file and of its journal."""
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("SELECT count(*) FROM checkpoints").fetchone()[0] > 0
    files = sorted(file.parent.glob(f"{file.name}*"))
    return "".join(part.read_bytes().decode("latin-1") for part in files)


@contextmanager
def logged() -> Iterator[list[str]]:
    """Everything that any logger says at DEBUG and above, with tracebacks and arguments."""
    lines: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(f"{self.format(record)} {record.args!r}")

    root, handler = logging.getLogger(), Keep(logging.DEBUG)
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield lines
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
