"""Table 4: models."""

from lance_graph.evaluation.suites import SUITES
from tests.evaluation.suites.made import FACTS, figure, judged, rows, table


def test_table4_finds_each_models_row_by_its_name():
    records = [
        judged("vanilla@openai:gpt-4o", 1, 9.0, 3.0, 6.0),
        judged("vanilla@openai:unheard-of", 1, 9.0, 5.0, 6.0),
        judged("lance", 1, 10.0, 8.0, 8.0),
    ]
    report = SUITES["table4"].summarise(records, FACTS)
    found = {str(row[0]): row for row in report.tables[0].rows}
    assert figure(found["Vanilla (openai:gpt-4o)"][4]).value == 3.58
    assert found["Vanilla (openai:unheard-of)"][4] is None
    assert figure(found["Lance"][2]).value == 9.55
    differences = rows(table(report, "Paired differences"))
    assert figure(differences["Vanilla (openai:gpt-4o) − Lance"]["Helpfulness"]).value == -5


def test_a_method_is_compared_with_lance_on_the_same_model():
    records = [
        judged(f"{method}@{model}", 1, score, 5.0, 5.0)
        for method, model, score in [
            ("lance", "a", 9.0), ("lance", "b", 7.0), ("vanilla", "a", 5.0), ("vanilla", "b", 6.0),
        ]
    ]  # fmt: skip
    found = rows(table(SUITES["table4"].summarise(records, FACTS), "Paired differences"))
    assert {name: figure(cells["Safety"]).value for name, cells in found.items()} == {
        "Vanilla (a) − Lance (a)": -4.0,
        "Vanilla (b) − Lance (b)": -1.0,
    }
