import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lance_graph.evaluation import methods
from lance_graph.evaluation.suites import SUITES
from lance_graph.evaluation.suites.results import TITLES
from tests.evaluation.suites.made import FACTS, figure, judged


@pytest.mark.parametrize("name", SUITES)
def test_no_records_make_a_report_that_says_so(name):
    report = SUITES[name].summarise([], FACTS)
    assert "0 " in report.summary and report.tables
    for one in report.tables:
        assert all(len(row) == len(one.columns) for row in one.rows)


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
@settings(max_examples=60)
def test_the_order_of_records_changes_nothing(records, name, seed):
    shuffled = list(records)
    random.Random(seed).shuffle(shuffled)
    one, other = (SUITES[name].summarise(some, FACTS) for some in (records, shuffled))
    assert repr(one) == repr(other)


@given(JUDGED_RECORDS)
@settings(max_examples=40)
def test_every_record_is_counted_or_missing(records):
    first = SUITES["table1"].summarise(records, FACTS).tables[0]
    for row in first.rows:
        total = sum(TITLES[made["method"]] == row[0] for made in records)
        for cell in row[1:]:
            assert figure(cell).count + figure(cell).missing == total
