"""Every way by which text can leave a graph, read out as text: what the leak tests search."""

import gc
import logging
import sqlite3
import traceback
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import fields, is_dataclass
from io import StringIO
from pathlib import Path
from typing import Any

from langchain_core.load.serializable import Serializable
from langchain_core.messages import BaseMessage
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

MODES = ("values", "updates", "messages", "custom", "tasks", "checkpoints", "debug")
STREAMS = {f"{mode}, {subgraphs=}" for mode in MODES for subgraphs in (False, True)}
PROCESS = {"log", "stdout", "stderr", "warnings"}
SYNC = {
    *STREAMS, *PROCESS, "invoke", "batch", "stream v2", "events v3", "exception", "get_state",
    "history", "sqlite",
}  # fmt: skip
ASYNC = SYNC | {"events v2"}
NO_FSYNC = "PRAGMA synchronous=OFF"  # the file is the same, the test is faster
PLAIN = {kind.__repr__ for kind in (dict, list, tuple, set, BaseMessage, Serializable)}
"""How what shows its parts prints itself."""
SHORT = 5  # supersteps after which the run for the exception is cut off


class Seen:
    """What each channel carried, by name of the channel."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}

    def showing(self, word: str) -> set[str]:
        """The channels in which ``word`` was seen."""
        return {name for name, text in self.texts.items() if word in text}

    def keep(self, channel: str, seen: Any) -> None:
        """Add what a channel carried."""
        self.texts[channel] = self.texts.get(channel, "") + "\n".join(texts_of(seen))

    def keep_error(self, error: Exception) -> None:
        """Add what an exception says, with its causes and whatever hangs on it."""
        self.keep("exception", [traceback.format_exception(error), error])

    @contextmanager
    def process(self) -> Iterator[None]:
        """Keep what is logged, printed and warned of in the meantime."""
        out, err = StringIO(), StringIO()
        with logged() as log, warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            with redirect_stdout(out), redirect_stderr(err):
                gc.freeze()  # what was there before need not be looked through
                yield
                gc.collect()  # an error that nobody fetched from a task is logged only then
                gc.unfreeze()
        self.keep("log", log)
        self.keep("stdout", out.getvalue())
        self.keep("stderr", err.getvalue())
        self.keep("warnings", [str(warning.message) for warning in warned])


class Taps(Seen):
    """What each channel of one graph carried.

    ``builder`` and ``failing`` make a graph by ``compile(checkpointer=…)``; the run that raises is
    made with ``failing``, or else cut off by the recursion limit. ``together`` takes the stream
    modes from one run instead of from one run each.
    """

    def __init__(
        self,
        builder: Any,
        question: Any,
        context: Any,
        folder: Path,
        *,
        failing: Any = None,
        together: bool = False,
    ) -> None:
        super().__init__()
        self.builder = builder
        self.failing = failing or builder
        self.question = question
        self.context = context
        self.folder = folder
        self.streams = [list(MODES)] if together else [[mode] for mode in MODES]
        self._threads = 0

    def collect(self) -> dict[str, str]:
        """Run the graph once per sync channel."""
        file = self.folder / "sync.db"
        with self.process(), SqliteSaver.from_conn_string(str(file)) as saver:
            saver.conn.execute(NO_FSYNC)
            self._collect(self.builder.compile(checkpointer=saver))
            graph, config = self.failing.compile(checkpointer=saver), self._config(cut_short=True)
            try:
                graph.invoke(self.question, config, context=self.context)
            except Exception as error:  # noqa: BLE001  # whatever it says is looked at
                self.keep_error(error)
            self._look(graph, config)
        self.keep("sqlite", stored(file))
        return self.texts

    def _collect(self, graph: Any) -> None:
        question, context = self.question, self.context
        printing = {"context": context, "print_mode": list(MODES)}
        invoked = self._config()
        self.keep("invoke", graph.invoke(question, invoked, **printing))
        self._look(graph, invoked)
        self.keep("batch", graph.batch([question], [self._config()], context=context))
        for modes in self.streams:
            for subgraphs in (False, True):
                chunks = graph.stream(
                    question, self._config(), context=context, stream_mode=modes,
                    subgraphs=subgraphs,
                )  # fmt: skip
                self._sort(list(chunks), modes, subgraphs)
        parts = graph.stream(
            question, self._config(), context=context, stream_mode=MODES, subgraphs=True,
            version="v2",
        )  # fmt: skip
        self.keep("stream v2", list(parts))
        run = graph.stream_events(question, self._config(), context=context, version="v3")
        self.keep("events v3", list(run))

    def _look(self, graph: Any, config: dict[str, Any]) -> None:
        """Keep what is stored of one run."""
        there = {"configurable": {"thread_id": config["configurable"]["thread_id"]}}
        self.keep("get_state", graph.get_state(there, subgraphs=True))
        self.keep("history", list(graph.get_state_history(there)))

    async def acollect(self) -> dict[str, str]:
        """Run the graph once per async channel."""
        file = self.folder / "async.db"
        with self.process():
            async with AsyncSqliteSaver.from_conn_string(str(file)) as saver:
                await saver.conn.execute(NO_FSYNC)
                await self._acollect(self.builder.compile(checkpointer=saver))
                graph = self.failing.compile(checkpointer=saver)
                config = self._config(cut_short=True)
                try:
                    await graph.ainvoke(self.question, config, context=self.context)
                except Exception as error:  # noqa: BLE001  # whatever it says is looked at
                    self.keep_error(error)
                await self._alook(graph, config)
        self.keep("sqlite", stored(file))
        return self.texts

    async def _acollect(self, graph: Any) -> None:
        question, context = self.question, self.context
        printing = {"context": context, "print_mode": list(MODES)}
        invoked = self._config()
        self.keep("invoke", await graph.ainvoke(question, invoked, **printing))
        await self._alook(graph, invoked)
        self.keep("batch", await graph.abatch([question], [self._config()], context=context))
        for modes in self.streams:
            for subgraphs in (False, True):
                chunks = graph.astream(
                    question, self._config(), context=context, stream_mode=modes,
                    subgraphs=subgraphs,
                )  # fmt: skip
                self._sort([chunk async for chunk in chunks], modes, subgraphs)
        parts = graph.astream(
            question, self._config(), context=context, stream_mode=MODES, subgraphs=True,
            version="v2",
        )  # fmt: skip
        self.keep("stream v2", [part async for part in parts])
        events = graph.astream_events(
            question, self._config(), context=context, version="v2", subgraphs=True
        )
        self.keep("events v2", [event async for event in events])
        run = await graph.astream_events(question, self._config(), context=context, version="v3")
        self.keep("events v3", [event async for event in run])

    async def _alook(self, graph: Any, config: dict[str, Any]) -> None:
        there = {"configurable": {"thread_id": config["configurable"]["thread_id"]}}
        self.keep("get_state", await graph.aget_state(there, subgraphs=True))
        self.keep("history", [state async for state in graph.aget_state_history(there)])

    def _sort(self, chunks: list[Any], modes: list[str], subgraphs: bool) -> None:
        """Keep each chunk under the name of its mode."""
        for mode in modes:
            self.keep(
                f"{mode}, {subgraphs=}",
                [chunk for chunk in chunks if chunk[int(subgraphs)] == mode],
            )

    def _config(self, *, cut_short: bool = False) -> dict[str, Any]:
        self._threads += 1
        thread = {"thread_id": str(self._threads), "cut_short": cut_short}
        return {"configurable": thread, "recursion_limit": SHORT if cut_short else 50}


def texts_of(thing: Any) -> list[str]:
    """What a printer, a serialiser or an attribute walk would show of ``thing``, each text once."""
    found: dict[str, None] = {}
    _walk(thing, found, {})
    return list(found)


def _walk(thing: Any, found: dict[str, None], met: dict[int, Any]) -> None:
    """Add the texts of ``thing`` to ``found``; what is in ``met`` was looked at, and stays alive.

    A plain container or model shows its parts and nothing else, so that only its parts are printed.
    """
    if isinstance(thing, str):
        found[thing] = None
        return
    if id(thing) in met:
        return
    met[id(thing)] = thing
    if type(thing).__repr__ not in PLAIN:
        found[repr(thing)] = None
    if isinstance(thing, BaseMessage):
        found[thing.model_dump_json()] = None
    for part in _parts(thing):
        _walk(part, found, met)


def _parts(thing: Any) -> Iterable[Any]:
    if isinstance(thing, Serializable):
        return [type(thing).__name__, vars(thing), thing.model_extra]
    if isinstance(thing, Mapping):
        return [*map(str, thing), *thing.values()]
    if isinstance(thing, list | tuple | set):
        return thing
    if is_dataclass(thing) and not isinstance(thing, type):
        return [getattr(thing, field.name) for field in fields(thing)]
    return [f"{thing} {getattr(thing, '__dict__', '')}"]


def stored(file: Path) -> str:
    """Every byte of a SQLite file and of its journal."""
    with closing(sqlite3.connect(file)) as connection:
        for table in ("checkpoints", "writes"):
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] > 0
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
