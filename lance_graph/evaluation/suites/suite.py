"""What a suite is: its methods and scorers, and what it makes of their records."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from lance_graph.evaluation.report.model import Report
from lance_graph.evaluation.sample import Record
from lance_graph.evaluation.suites.notes import with_notes
from lance_graph.evaluation.suites.results import Results

Facts = Mapping[str, str]
"""How records came about, by name: ``target``, ``refiner``, ``detector``, ``judge``, ``data``, ``seed``,
``backbone`` and whatever else a report should say."""


@dataclass(frozen=True)
class Suite:
    """One table or question. ``methods`` are what it compares by default, in the order of its tables.

    ``scorers`` are names for `lance_graph.evaluation.scorers.build`; ``needs_judge`` says whether a
    judge scores the answers too.
    """

    name: str
    description: str
    methods: tuple[str, ...]
    scorers: tuple[str, ...]
    needs_judge: bool
    build: Callable[[Results, Facts], Report]

    def summarise(self, records: Sequence[Record], facts: Facts) -> Report:
        """The tables and plots of records that may be incomplete, in any order.

        ValueError if a fact is not what the suite can use, such as an unknown ``backbone``.
        """
        results = Results.of(records, self.methods)
        return with_notes(self.build(results, facts), results, facts)
