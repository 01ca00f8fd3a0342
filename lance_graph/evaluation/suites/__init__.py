"""What can be evaluated: the paper's four tables, guard benchmarks, and the pipeline on any prompts."""

from collections.abc import Mapping

from lance_graph.evaluation.suites import guard, pipeline, table1, table2, table3, table4
from lance_graph.evaluation.suites.suite import Facts, Suite

__all__ = ["SUITES", "Facts", "Suite"]

SUITES: Mapping[str, Suite] = {
    module.SUITE.name: module.SUITE for module in (table1, table2, table3, table4, guard, pipeline)
}
