"""Table 2: the ablations."""

from lance_graph.evaluation.suites import SUITES
from tests.evaluation.suites.made import FACTS, figure, judged, rows, table


def test_table2_has_the_ablations_rows():
    records = [judged(m, 1, 5.0, 6.0, 7.0) for m in ("lance", "lance-nf", "lance-nr")]
    first = SUITES["table2"].summarise(records, FACTS).tables[0]
    assert [(row[0], figure(row[2]).value) for row in first.rows] == [
        ("Lance-NR", 4.57),
        ("Lance-NF", 8.64),
        ("Lance", 9.23),
    ]


def test_costs_are_of_every_prompt():
    records = [
        judged("lance", 1, 9.0, 8.0, 9.0, calls=3, tokens=None, seconds=1.0),
        judged("lance", 2, 9.0, 8.0, 9.0, calls=1, tokens=50, seconds=3.0),
    ]
    found = rows(
        table(SUITES["table2"].summarise(records, FACTS), "Answers and their cost per prompt")
    )
    lance = found["Lance"]
    assert figure(lance["Calls"]).value == 2 and figure(lance["Time"]).value == 2.0
    assert (figure(lance["Tokens"]).value, figure(lance["Tokens"]).missing) == (50, 1)
