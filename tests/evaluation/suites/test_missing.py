"""What is missing, by its reason."""

from lance_graph.evaluation.suites import SUITES
from tests.evaluation.suites.made import FACTS, THREE, figure, judged, rows, table


def test_what_is_missing_is_counted_by_its_reason():
    report = SUITES["table1"].summarise([*THREE, judged("lance", 4, 9.0, 8.0, 9.0)], FACTS)
    found = rows(table(report, "What is missing"))
    counts = {
        name: figure(cell).value for name, cell in found["Vanilla"].items() if name != "Method"
    }
    assert counts["Samples"] == 3 and counts["No record"] == 1
    assert counts["Failed answers"] == 1 and counts["Judge refused"] == 1
    assert figure(found["Lance"]["Judgement malformed"]).value == 1
    assert counts["Not scored"] == 2 * 5  # two answers have none of the five unjudged scores
    failures = table(report, "What failed").rows
    assert [(row[0], row[1], figure(row[2]).value) for row in failures] == [
        ("Vanilla", "TimeoutError", 1)
    ]
