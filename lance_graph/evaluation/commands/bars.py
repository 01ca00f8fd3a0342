"""The progress display of an evaluation: overall, per method, and of the judge, with the costs."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from lance_graph.cli.bars import counting_bar

if TYPE_CHECKING:
    from lance_graph.evaluation.runner import Runner
    from lance_graph.evaluation.sample import Cost, Record, Sample, Scorer
    from lance_graph.evaluation.store import Store

OVERALL, JUDGE = "overall", "judge"


@dataclass
class Spent:
    """What calls have cost in this run; ``known`` is off once one did not report its tokens."""

    calls: int = 0
    cached: int = 0
    tokens: int = 0
    known: bool = True

    def add(self, cost: "Cost") -> None:
        """Add what one piece of work cost."""
        self.calls += cost["calls"]
        self.cached += cost["cached"]
        self.tokens += cost["tokens"] or 0
        self.known = self.known and cost["tokens"] is not None

    def __str__(self) -> str:
        cached = f" ({self.cached:,} cached)" if self.cached else ""
        calls = f"{self.calls:,} call{'' if self.calls == 1 else 's'}{cached}"
        return f"{calls}, {'' if self.known else 'at least '}{self.tokens:,} tokens"


class EvaluationBars:
    """Bars on standard error where that is a terminal, and one line of figures at the end."""

    def __init__(self, runner: "Runner", samples: "Sequence[Sample]", store: "Store") -> None:
        self.records = store.records
        self.keys = [(method.name, sample.id) for method in runner.methods for sample in samples]
        self.judges = [scorer for scorer in runner.scorers if scorer.max_calls]
        self.titles = {OVERALL: OVERALL} | {m.name: m.title for m in runner.methods}
        if self.judges:
            self.titles[JUDGE] = JUDGE
        self.spent = {name: Spent() for name in self.titles}
        self.earlier = sum(key in self.records for key in self.keys)
        done = self._count(runner)
        self.progress = counting_bar()
        answers = {method.name: len(samples) for method in runner.methods}
        totals = answers | {JUDGE: len(self.keys) * len(self.judges)}
        totals[OVERALL] = sum(totals.values())
        self.tasks = {
            name: self.progress.add_task(title, total=totals[name], completed=done[name])
            for name, title in self.titles.items()
        }

    def __enter__(self) -> Self:
        self.progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.progress.stop()

    def observe(self, record: "Record", cost: "Cost", scorer: "Scorer | None") -> None:
        """A record came, or its scores did; that is what it cost."""
        if scorer and scorer not in self.judges:
            return
        paying = (OVERALL, JUDGE if scorer else record["method"])
        done = Counter(paying)
        if not scorer and record["answer"]["outcome"] == "failed":  # never judged
            done.update({OVERALL: len(self.judges), JUDGE: len(self.judges)})
        for name in paying:
            self.spent[name].add(cost)
        for name in done.keys() & self.tasks.keys():
            text = f"{self.titles[name]}  {self.spent[name]}"
            self.progress.update(self.tasks[name], advance=done[name], description=text)

    def summary(self) -> str:
        """One line for a person: what is there, and what it cost this time."""
        records = [self.records[key] for key in self.keys if key in self.records]
        failures = Counter(
            record["answer"]["failure"] or record["answer"]["outcome"]
            for record in records
            if record["answer"]["outcome"] in ("failed", "degraded")
        )
        before = f" ({self.earlier} of them by an earlier run)" if self.earlier else ""
        kinds = ", ".join(f"{count} {kind}" for kind, count in failures.most_common(3))
        again = f" ({kinds}; --retry-failed asks again)" if failures else ""
        return (
            f"{len(records)} of {len(self.keys)} answers{before}, "
            f"{failures.total()} failed{again}, {self.spent[OVERALL]}"
        )

    def _count(self, runner: "Runner") -> Counter[str]:
        """How much needs not be done again, by name."""
        done: Counter[str] = Counter()
        for key in self.keys:
            record = self.records.get(key)
            if record is None or runner.needs_answer(record):
                continue
            judged = sum(not runner.needs_score(record, judge) for judge in self.judges)
            done.update({OVERALL: 1 + judged, key[0]: 1, JUDGE: judged})
        return done
