"""How many rewrites answers took."""

from lance_graph.evaluation.metrics import mean, rate
from lance_graph.evaluation.report.model import Plot, Series, Table
from lance_graph.evaluation.suites.results import Results, is_failed, title
from lance_graph.evaluation.suites.tables import Rows


def plots(results: Results) -> list[Plot]:
    """How many rewrites each answer took, of the methods that rewrite."""
    series = tuple(
        Series(title(method), x=tuple(sorted(float(number) for number in numbers)))
        for method in results.methods
        if any(numbers := _iterations(results, method))
    )
    if not series:
        return []
    return [Plot("Iterations", "histogram", "iterations", "answers", series)]


def tables(results: Results) -> list[Table]:
    """The same as shares, with their mean."""
    methods = [method for method in results.methods if any(_iterations(results, method))]
    most = max((max(_iterations(results, method)) for method in methods), default=0)
    rows: Rows = []
    for method in methods:
        numbers = _iterations(results, method)
        shares = (rate(number == n for number in numbers) for n in range(most + 1))
        rows.append((title(method), mean(numbers), *shares))
    columns = ("Method", "Mean", *map(str, range(most + 1)))
    return [Table("Iterations", columns, tuple(rows))] if rows else []


def _iterations(results: Results, method: str) -> list[int]:
    records = results.of_method(method)
    return [record["answer"]["iterations"] for record in records if not is_failed(record)]
