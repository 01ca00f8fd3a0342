"""What can be evaluated: the paper's four tables, guard benchmarks, and the pipeline on any prompts.

A suite a file: `table1` to `table4`, `guard`, `pipeline`; `suite` says what one is. Their reports share
`judged` (three judged scores), `detection` (how well degrees tell), `tables`, `risks`, `iterations` and
`plots`, made of `results`; `notes` and `missing` say what a reader must know.
"""

from collections.abc import Mapping

from lance_graph.evaluation.suites import guard, pipeline, table1, table2, table3, table4
from lance_graph.evaluation.suites.suite import Facts, Suite

__all__ = ["SUITES", "Facts", "Suite"]

SUITES: Mapping[str, Suite] = {
    module.SUITE.name: module.SUITE for module in (table1, table2, table3, table4, guard, pipeline)
}
