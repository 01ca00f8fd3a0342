"""What a report says of offline parts."""

from lance_graph.evaluation.suites import SUITES
from tests.evaluation.suites.made import DEGREES, FACTS, OFFLINE, PIPELINE, judged


def test_offline_parts_are_no_language_models_and_it_says_so():
    report = SUITES["pipeline"].summarise(PIPELINE, OFFLINE)
    words = "No language model took part: target and refiner are the offline ones of this package."
    assert words in report.summary and words in report.tables[0].notes
    only_refiner = SUITES["pipeline"].summarise(PIPELINE, {**FACTS, "refiner": "offline"})
    assert "No language model took part as refiner" in only_refiner.summary
    assert "No language model" not in SUITES["pipeline"].summarise(PIPELINE, FACTS).summary
    assert "No language model" not in SUITES["table3"].summarise(DEGREES, OFFLINE).summary
    named = [judged("vanilla@openai:gpt-4o", 1, 9.0, 3.0, 6.0)]
    assert "No language model" not in SUITES["table4"].summarise(named, OFFLINE).summary
