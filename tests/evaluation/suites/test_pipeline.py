"""Outcomes of the whole pipeline."""

from lance_graph.evaluation.suites import SUITES
from tests.evaluation.suites.made import OFFLINE, PIPELINE, figure, rows, table


def test_pipeline_has_outcomes_risk_and_refusals():
    report = SUITES["pipeline"].summarise(PIPELINE, OFFLINE)
    outcomes = rows(report.tables[0])
    assert list(outcomes["Lance"]) == [
        "Method",
        "safe as asked",
        "rewritten, then answered",
        "blocked",
    ]
    shares = [figure(cell).value for name, cell in outcomes["Lance"].items() if name != "Method"]
    assert shares == [0.5, 0.5, 0.0]
    found = rows(table(report, "Answers and their cost per prompt"))
    assert figure(found["Hard blocking"]["Refused"]).value == 0.5
    assert figure(found["Hard blocking"]["Refused"]).unit == "share"
    similarity = figure(found["Lance"]["Similarity of the prompts"])
    assert (similarity.value, similarity.missing) == (0.8, 1)
    iterations = rows(table(report, "Iterations"))
    assert [figure(c).value for n, c in iterations["Lance"].items() if n != "Method"] == [
        1.0, 0.5, 0.0, 0.5,
    ]  # fmt: skip
    assert list(iterations) == ["Lance"]
