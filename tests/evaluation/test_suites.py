import math
import random
from importlib import import_module
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lance_graph.evaluation import methods
from lance_graph.evaluation.report.model import Cell, Estimate, Report, Table
from lance_graph.evaluation.sample import Answer, Record, Score
from lance_graph.evaluation.suites import SUITES
from lance_graph.evaluation.suites.results import TITLES

FACTS = {"target": "openai:some-model", "refiner": "openai:small", "judge": "deepseek:v3"}
OFFLINE = {"target": "offline", "refiner": "offline", "detector": "embedded"}


def answer(**changes: Any) -> Answer:
    plain = Answer(
        response="an answer",
        outcome="answered",
        refined_prompt=None,
        iterations=0,
        initial_risk=None,
        risk=None,
        failure=None,
        calls=1,
        tokens=100,
        seconds=0.5,
    )
    return Answer(**{**plain, **changes})  # type: ignore[typeddict-item]


def record(
    method: str, sample: object, scores: dict[str, Any] | None = None, **changes: Any
) -> Record:
    """A score is a number, or the reason why it is missing."""
    given_scores = {
        name: Score(value=None, missing=value) if isinstance(value, str) else Score(value=value)
        for name, value in (scores or {}).items()
    }
    own = {key: changes.pop(key, None) for key in ("category", "harmful", "type")}
    return Record(
        method=method,
        id=str(sample),
        prompt=f"prompt {sample}",
        answer=answer(**changes),
        scores=given_scores,
        **own,
    )


def table(report: Report, heading: str) -> Table:
    (found,) = [one for one in report.tables if one.title == heading]
    return found


def rows(found: Table) -> dict[str, dict[str, Cell]]:
    """Cells by row and column; columns of the same name are numbered."""
    named = {}
    for row in found.rows:
        assert len(row) == len(found.columns)
        cells: dict[str, Cell] = {}
        for column, cell in zip(found.columns, row, strict=True):
            cells[f"{column} {len(cells)}" if column in cells else column] = cell
        named[str(row[0])] = cells
    return named


def figure(cell: Cell) -> Estimate:
    assert isinstance(cell, Estimate)
    return cell


def judged(method: str, sample: object, *scores: Any, **changes: Any) -> Record:
    names = ("safety", "helpfulness", "naturalness")
    return record(method, sample, dict(zip(names, scores, strict=True)), **changes)


THREE = [
    judged("lance", 1, 9.0, 8.0, 9.0, category="self_harm"),
    judged("lance", 2, 10.0, 7.0, 8.0, category="self_harm"),
    judged("lance", 3, 8.0, "malformed", 9.0, category="animal_abuse"),
    judged("vanilla", 1, 4.0, 6.0, 7.0, category="self_harm"),
    judged("vanilla", 2, "refused", 5.0, 7.0, category="self_harm"),
    record("vanilla", 3, outcome="failed", failure="TimeoutError", response=None),
]


def test_table1_has_means_beside_the_papers():
    report = SUITES["table1"].summarise(THREE, {**FACTS, "backbone": "llama3-8b"})
    first = report.tables[0]
    assert first.columns[1:3] == ("Safety", "published")
    found = {str(row[0]): row for row in first.rows}
    assert list(found) == ["Vanilla", "Lance"]
    safety, published, helpfulness = (figure(cell) for cell in found["Lance"][1:4])
    assert (safety.value, safety.count, safety.missing) == (9.0, 3, 0)
    assert (published.value, published.low) == (9.23, None)
    assert (helpfulness.value, helpfulness.count, helpfulness.missing) == (7.5, 2, 1)
    assert figure(found["Vanilla"][1]).missing == 2


def test_without_a_backbone_the_papers_rows_stand_apart():
    report = SUITES["table1"].summarise(THREE, FACTS)
    assert "published" not in report.tables[0].columns
    published = table(report, "Table 1 as published")
    assert len(published.rows) == 18
    assert figure(rows(published)["Lance on qwen2.5-7b"]["Safety"]).value == 9.88


def test_an_unknown_backbone_is_named():
    with pytest.raises(ValueError, match="'llama-9' is not in the paper's Table 1"):
        SUITES["table1"].summarise(THREE, {**FACTS, "backbone": "llama-9"})


def test_differences_are_paired_and_say_what_is_not():
    found = rows(table(SUITES["table1"].summarise(THREE, FACTS), "Paired differences"))
    assert list(found) == ["Vanilla − Lance"]
    safety, helpfulness = (figure(found["Vanilla − Lance"][n]) for n in ("Safety", "Helpfulness"))
    assert (safety.value, safety.count, safety.missing) == (-5.0, 1, 2)
    assert (helpfulness.value, helpfulness.count, helpfulness.missing) == (-2.0, 2, 0)


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


def test_scores_by_category_leave_out_failed_answers_without_hiding_them():
    report = SUITES["table1"].summarise(THREE, FACTS)
    found = rows(table(report, "Safety by category"))
    assert list(found) == ["Animal abuse", "Self-harm"]
    assert figure(found["Self-harm"]["Lance"]).value == 9.5
    assert math.isnan(figure(found["Animal abuse"]["Vanilla"]).value)


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


def test_the_scatter_has_measured_and_published_points():
    report = SUITES["table1"].summarise(THREE, {**FACTS, "backbone": "llama3-8b"})
    (plot,) = [plot for plot in report.plots if plot.kind == "scatter"]
    measured, published = plot.series
    assert dict(zip(measured.labels, zip(measured.x, measured.y, strict=True), strict=True)) == {
        "Vanilla": (5.5, 4.0),
        "Lance": (7.5, 9.0),
    }
    assert measured.low == () and published.y == (4.57, 9.23)


def test_table2_has_the_ablations_rows():
    records = [judged(m, 1, 5.0, 6.0, 7.0) for m in ("lance", "lance-nf", "lance-nr")]
    first = SUITES["table2"].summarise(records, FACTS).tables[0]
    assert [(row[0], figure(row[2]).value) for row in first.rows] == [
        ("Lance-NR", 4.57),
        ("Lance-NF", 8.64),
        ("Lance", 9.23),
    ]


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


def scored(sample: int, degree: float | None, harmful: bool | None, **more: Any) -> Record:
    risk = {"self_harm": degree, "animal_abuse": 0.01 if degree is not None else None}
    return record("detector", sample, outcome="scored", risk=risk, harmful=harmful, **more)


DEGREES = [
    scored(1, 0.2, False, type="homonyms", seconds=0.010),
    scored(2, 0.4, False, type="homonyms", seconds=0.020),
    scored(3, 0.6, False, type="figurative", seconds=0.030),
    scored(4, 0.65, True, type="contrast_homonyms", seconds=0.040),
    scored(5, 0.9, True, type="contrast_homonyms", seconds=0.050),
    scored(6, None, True, type="contrast_homonyms"),
    scored(7, 0.9, None),
    record("detector", 8, outcome="failed", failure="GuardVerdictError", harmful=True),
]


def test_table3_has_false_positives_and_detection_by_threshold():
    report = SUITES["table3"].summarise(DEGREES, OFFLINE)
    first = report.tables[0]
    assert first.columns[2:6] == (
        "False positives (safe)",
        "published",
        "Detection (harmful)",
        "published",
    )
    shares = [[figure(cell).value for cell in row[2:6]] for row in first.rows]
    assert shares == [
        [pytest.approx(2 / 3), 0.2167, 1.0, 0.9638],
        [pytest.approx(1 / 3), 0.1371, 1.0, 0.9258],
        [0.0, 0.0881, 0.5, 0.9064],
    ]
    assert figure(first.rows[0][4]).missing == 2  # one without a degree, one failed
    (plot,) = report.plots
    assert [len(line.x) for line in plot.series] == [99, 99]


def test_table3_by_type_and_what_was_scored():
    report = SUITES["table3"].summarise(DEGREES, OFFLINE)
    found = rows(table(report, "Share above the threshold by type: Detector"))
    assert figure(found["homonyms"]["above 0.3"]).value == 0.5
    harmful = figure(found["contrast_homonyms"]["above 0.7"])
    assert (harmful.value, harmful.count, harmful.missing) == (0.5, 2, 1)
    what = rows(table(report, "What was scored"))["Detector"]
    assert [figure(cell).value for name, cell in what.items() if name != "Method"] == [
        8, 4, 3, 1, 2, 1,
    ]  # fmt: skip
    assert table(report, "What failed").rows[0][1] == "GuardVerdictError"


def test_guard_has_the_figures_of_a_classifier():
    report = SUITES["guard"].summarise(DEGREES, OFFLINE)
    (row,) = table(report, "Classification").rows
    values = dict(zip(report.tables[0].columns, row, strict=True))
    assert figure(values["F1 above 0.5"]).value == pytest.approx(0.8)  # 2 found, 1 too many
    assert figure(values["AUROC"]).value == 1.0 and figure(values["AUPRC"]).value == 1.0
    assert figure(values["AUROC"]).missing == 2
    assert figure(values["Latency, median"]).value == pytest.approx(0.045)


def test_a_method_that_only_blocks_counts_by_what_it_did():
    records = [
        record("guard", 1, outcome="blocked", harmful=True),
        record("guard", 2, outcome="answered", harmful=False),
        record("guard", 3, outcome="degraded", harmful=False),
    ]
    first = table(SUITES["guard"].summarise(records, {}), "False positives and detection")
    false_positives, detection = (figure(cell) for cell in first.rows[1][2:4])
    assert (detection.value, false_positives.value, false_positives.missing) == (1.0, 0.0, 1)


PIPELINE = [
    record("lance", 1, {"residual_risk": 0.1, "similarity": 0.8, "refusal": 0.0, "template": 0.0},
           outcome="rewritten", iterations=2, initial_risk={"a": 0.9, "b": None}, risk={"a": 0.1},
           category="self_harm"),
    record("lance", 2, {"residual_risk": 0.2, "similarity": "undefined", "refusal": 0.0,
                        "template": 0.0},
           outcome="safe", initial_risk={"a": 0.2}, risk={"a": 0.2}, category="animal_abuse"),
    record("hard-block", 1, {"residual_risk": 0.0, "refusal": 1.0, "template": 1.0},
           outcome="blocked", initial_risk={"a": 0.9}, category="self_harm"),
    record("hard-block", 2, {"residual_risk": 0.2, "refusal": 0.0, "template": 0.0},
           outcome="safe", initial_risk={"a": 0.2}, risk={"a": 0.2}, category="animal_abuse"),
]  # fmt: skip


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


def test_pipeline_has_risk_before_and_after():
    report = SUITES["pipeline"].summarise(PIPELINE, OFFLINE)
    found = rows(table(report, "Risk before and after"))
    before, after, change = (
        figure(found["Lance"][name]) for name in ("Before", "After", "After − before")
    )
    assert (before.value, after.value) == (pytest.approx(0.55), pytest.approx(0.15))
    assert change.value == pytest.approx(-0.4)
    blocked = figure(found["Hard blocking"]["Before"])
    assert (blocked.value, blocked.count, blocked.missing) == (0.2, 1, 1)
    (bars,) = [plot for plot in report.plots if plot.kind == "bars"]
    assert [series.name for series in bars.series] == ["before", "after"]
    assert bars.series[0].labels == ("Animal abuse", "Self-harm") and bars.series[0].y == (0.2, 0.9)
    (histogram,) = [plot for plot in report.plots if plot.kind == "histogram"]
    assert histogram.series[0].x == (0.0, 2.0)


def test_rewriting_without_degrees_draws_no_risk():
    records = [record("lance-nf", 1, outcome="rewritten", iterations=1)]
    report = SUITES["table2"].summarise(records, FACTS)
    assert [plot.kind for plot in report.plots] == ["scatter", "histogram"]
    assert not [one for one in report.tables if one.title == "Risk before and after"]


def test_an_answer_without_degrees_is_missing_from_risk_before_and_after():
    failed = record("lance", 3, outcome="failed", failure="TimeoutError")
    report = SUITES["pipeline"].summarise([*PIPELINE, failed], OFFLINE)
    before = figure(rows(table(report, "Risk before and after"))["Lance"]["Before"])
    assert (before.count, before.missing) == (2, 1)


@pytest.mark.parametrize("name", SUITES)
def test_no_records_make_a_report_that_says_so(name):
    report = SUITES[name].summarise([], FACTS)
    assert "0 " in report.summary and report.tables
    for one in report.tables:
        assert all(len(row) == len(one.columns) for row in one.rows)


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


def test_every_suite_asks_for_methods_and_scorers_that_exist():
    for suite in SUITES.values():
        assert set(suite.methods) <= set(methods.NAMES)
        assert set(suite.scorers) <= {"risk", "refusal", "similarity"}


SCORES = st.one_of(st.floats(1, 10), st.sampled_from(["refused", "malformed", "failed"]))
JUDGED_RECORDS = st.lists(
    st.builds(
        judged,
        st.sampled_from(["lance", "vanilla", "sys-prompt"]),
        st.integers(1, 6),
        SCORES,
        SCORES,
        SCORES,
        category=st.sampled_from([None, "self_harm", "elsewhere"]),
        outcome=st.sampled_from(["answered", "rewritten", "degraded"]),
    ),
    max_size=18,
    unique_by=lambda made: (made["method"], made["id"]),
)


@given(JUDGED_RECORDS, st.sampled_from(sorted(SUITES)), st.integers(0, 99))
@settings(max_examples=60, deadline=None)
def test_the_order_of_records_changes_nothing(records, name, seed):
    shuffled = list(records)
    random.Random(seed).shuffle(shuffled)
    one, other = (SUITES[name].summarise(some, FACTS) for some in (records, shuffled))
    assert repr(one) == repr(other)


@given(JUDGED_RECORDS)
@settings(max_examples=40, deadline=None)
def test_every_record_is_counted_or_missing(records):
    first = SUITES["table1"].summarise(records, FACTS).tables[0]
    for row in first.rows:
        total = sum(TITLES[made["method"]] == row[0] for made in records)
        for cell in row[1:]:
            assert figure(cell).count + figure(cell).missing == total


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
