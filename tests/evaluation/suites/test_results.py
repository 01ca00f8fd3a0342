"""Records as figures: pairs, repeats, titles, failures."""

from importlib import import_module

from lance_graph.evaluation import methods
from lance_graph.evaluation.suites import SUITES
from lance_graph.evaluation.suites.results import TITLES
from tests.evaluation.suites.made import FACTS, THREE, figure, judged, record, rows, table


def test_differences_are_paired_and_say_what_is_not():
    found = rows(table(SUITES["table1"].summarise(THREE, FACTS), "Paired differences"))
    assert list(found) == ["Vanilla − Lance"]
    safety, helpfulness = (figure(found["Vanilla − Lance"][n]) for n in ("Safety", "Helpfulness"))
    assert (safety.value, safety.count, safety.missing) == (-5.0, 1, 2)
    assert (helpfulness.value, helpfulness.count, helpfulness.missing) == (-2.0, 2, 0)


def test_of_a_sample_that_was_run_twice_the_last_record_counts():
    records = [
        record("lance", 1, outcome="failed", failure="TimeoutError"),
        judged("lance", 1, 9.0, 8.0, 7.0),
    ]
    report = SUITES["table1"].summarise(records, FACTS)
    assert figure(report.tables[0].rows[0][1]).value == 9.0
    assert not [one for one in report.tables if one.title == "What failed"]


def test_methods_are_named_as_they_name_themselves():
    for name, kind in methods._CLASSES.items():
        module = import_module(f"lance_graph.evaluation.methods.{name.replace('-', '_')}")
        assert getattr(module, kind).title == TITLES[name]


def test_a_notice_of_an_outage_is_nobodys_answer():
    """A degraded run must not lower its method's risk, nor count as an answer that refused nothing."""
    from lance_graph.evaluation.suites.results import is_failed, score_of

    record = {
        "answer": {"outcome": "degraded"},
        "scores": {"residual_risk": {"value": 0.02}},
    }
    assert is_failed(record) and score_of(record, "residual_risk") is None
    record["answer"]["outcome"] = "fell_back"
    assert not is_failed(record) and score_of(record, "residual_risk") == 0.02
