"""Runs methods on samples and scores the answers: bounded per model, resumable, stopped by nothing.

Every method and sample is a task of its own. Its record is stored when the answer is there, and again
when judges have scored it, so that whoever goes on asks for nothing twice.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from lance_graph.evaluation.calls import Meter
from lance_graph.evaluation.sample import (
    Answer,
    Cost,
    Method,
    Record,
    Reply,
    Sample,
    Score,
    Scorer,
)
from lance_graph.evaluation.store import Key, Store, key_of
from lance_graph.models import LOCAL

RETRIED = ("failed", "degraded")
RETRIED_SCORES = ("failed", "malformed")
Observer = Callable[[Record, Cost, Scorer | None], None]
"""Hears of a record that was answered, or scored by a scorer, and what that cost."""


@dataclass(frozen=True)
class Planned:
    """The most calls that a method or scorer will make of a model."""

    name: str
    model: str
    tasks: int
    calls: int


@dataclass(frozen=True)
class Runner:
    """Methods, scorers and how they are run.

    ``concurrency`` bounds the samples in work per model; a model on this machine takes one at a
    time. A model call longer than ``timeout`` seconds fails. With ``retry_failed`` earlier failures
    are tried again, past any cache. ``observe`` hears of each record and what it cost just now.
    """

    methods: Sequence[Method]
    scorers: Sequence[Scorer]
    concurrency: int = 4
    timeout: float | None = None
    retry_failed: bool = False
    observe: Observer = lambda record, cost, scorer: None

    async def run(self, samples: Sequence[Sample], store: Store) -> None:
        """Bring every record up to date; cancelled, it keeps what is done and starts nothing new.

        OSError if a record cannot be written.
        """
        workers: list[Method | Scorer] = [*self.methods, *self.scorers]
        gates = {model: self._gate(model) for model in map(_model_of, workers)}
        try:
            async with asyncio.TaskGroup() as group:
                for sample in samples:
                    for method in self.methods:
                        if self._is_open(store.records.get((method.name, sample.id))):
                            group.create_task(self._work(method, sample, store, gates))
        except ExceptionGroup as several:  # such as a full disk, which all tasks meet
            raise several.exceptions[0] from None

    def plan(self, samples: Sequence[Sample], done: Mapping[Key, Record]) -> list[Planned]:
        """What a run would ask for, at most, beyond what is ``done``."""
        planned = []
        answering: dict[Key, bool] = {}
        for method in self.methods:
            for sample in samples:
                record = done.get((method.name, sample.id))
                answering[method.name, sample.id] = self.needs_answer(record)
            count = sum(answering[method.name, sample.id] for sample in samples)
            calls = count * method.max_calls
            planned.append(Planned(method.name, method.model, count, calls))
        for scorer in self.scorers:
            count = sum(
                again or self.needs_score(done[key], scorer) for key, again in answering.items()
            )
            name = ", ".join(scorer.names)
            planned.append(Planned(name, _model_of(scorer), count, count * scorer.max_calls))
        return planned

    def _gate(self, model: str) -> asyncio.Semaphore:
        """How many tasks a model may have: local ones would only get in their own way."""
        is_remote = ":" in model and not model.startswith(f"{LOCAL}:")
        return asyncio.Semaphore(self.concurrency if is_remote else 1)

    def needs_answer(self, record: Record | None) -> bool:
        """Whether a method is to be asked: there is no record, or one to be tried again."""
        if record is None:
            return True
        return self.retry_failed and record["answer"]["outcome"] in RETRIED

    def needs_score(self, record: Record, scorer: Scorer) -> bool:
        """Whether a scorer is to be asked: there is an answer, and a score is not there."""
        if record["answer"]["outcome"] in RETRIED:  # a notice of an outage is nobody's answer
            return False
        scores = [record["scores"].get(name) for name in scorer.names]
        if not all(scores):
            return True
        missing = [score.get("missing") for score in scores if score]
        return self.retry_failed and any(why in RETRIED_SCORES for why in missing)

    def _is_open(self, record: Record | None) -> bool:
        if record is None or self.needs_answer(record):
            return True
        return any(self.needs_score(record, scorer) for scorer in self.scorers)

    async def _work(
        self, method: Method, sample: Sample, store: Store, gates: Mapping[str, asyncio.Semaphore]
    ) -> None:
        """One record, from where an earlier run left it."""
        record = store.records.get((method.name, sample.id))
        if record is None or self.needs_answer(record):
            async with gates[method.model]:
                record = await self._answer(method, sample, again=record is not None)
            self.observe(record, _cost_of(record["answer"]), None)
        for scorer in sorted(self.scorers, key=lambda scorer: scorer.max_calls > 0):
            if not self.needs_score(record, scorer):
                continue
            if scorer.max_calls:
                store.add(record)
            async with gates[_model_of(scorer)]:
                record, cost = await self._score(scorer, sample, record)
            self.observe(record, cost, scorer)
        store.add(record)

    async def _answer(self, method: Method, sample: Sample, *, again: bool) -> Record:
        meter = Meter(f"{method.name}/{sample.id}", fresh=again and self.retry_failed)
        try:
            reply = await meter.measure(lambda: method.answer(sample), timeout=self.timeout)
        except Exception as error:  # noqa: BLE001 - the run goes on; a type quotes no text
            reply = Reply(None, "failed", failure=type(error).__name__)
        return Record(
            method=method.name,
            id=sample.id,
            prompt=sample.prompt,
            category=sample.category,
            harmful=sample.harmful,
            type=sample.type,
            answer=cast(Answer, {**vars(reply), **meter.cost()}),
            scores={},
        )

    async def _score(self, scorer: Scorer, sample: Sample, record: Record) -> tuple[Record, Cost]:
        """The record with this scorer's scores, and what they cost."""
        key = "/".join((*key_of(record), *scorer.names))
        again = any(name in record["scores"] for name in scorer.names)
        meter = Meter(key, fresh=again and self.retry_failed)
        answer = record["answer"]
        try:
            scores = await meter.measure(lambda: scorer.score(sample, answer), timeout=self.timeout)
        except Exception as error:  # noqa: BLE001 - the run goes on; a type quotes no text
            scores = {
                name: Score(value=None, explanation=type(error).__name__, missing="failed")
                for name in scorer.names
            }
        cost = meter.cost()
        scored = Record(**{**record, "scores": {**record["scores"], **scores}})
        if cost["calls"]:
            scored["judging"] = _sum(record.get("judging"), cost)
        return scored, cost


def _model_of(worker: Method | Scorer) -> str:
    """The model that a method or scorer waits for; a scorer that names none waits on its own."""
    named: str | None = getattr(worker, "model", None)
    return named if isinstance(named, str) else type(worker).__name__


def _cost_of(answer: Answer) -> Cost:
    return Cost(
        calls=answer["calls"],
        cached=answer.get("cached", 0),
        tokens=answer["tokens"],
        seconds=answer["seconds"],
    )


def _sum(before: Cost | None, cost: Cost) -> Cost:
    if before is None:
        return cost
    known = before["tokens"] is not None and cost["tokens"] is not None
    return Cost(
        calls=before["calls"] + cost["calls"],
        cached=before["cached"] + cost["cached"],
        tokens=before["tokens"] + cost["tokens"] if known else None,  # type: ignore[operator]
        seconds=before["seconds"] + cost["seconds"],
    )
