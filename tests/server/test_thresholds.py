"""How far a client may go with thresholds."""

import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lance_graph import LanceContext, Thresholds
from lance_graph.server.errors import ApiError
from lance_graph.server.thresholds import lower, with_thresholds
from tests.fakes import SELF_HARM, VIOLENCE

with warnings.catch_warnings(action="ignore"):  # that a category is off
    OWN = LanceContext(
        thresholds={"tau": 0.3, "tau_mild": 0.5, "tau_severe": 0.7},
        category_thresholds={"violence": 0.2, "animal_abuse": "off"},
    )
DEGREES = st.floats(0.01, 0.99)


def rising():
    degrees = st.lists(DEGREES, min_size=3, max_size=3, unique=True).map(sorted)
    return degrees.map(lambda d: Thresholds(tau=d[0], tau_mild=d[1], tau_severe=d[2]))


def test_what_is_not_asked_for_stays():
    assert with_thresholds(OWN, None, None) is OWN
    found = with_thresholds(OWN, {"tau_severe": 0.6}, None).thresholds
    assert found == Thresholds(tau=0.3, tau_mild=0.5, tau_severe=0.6)


def test_exceptions_are_lowered_and_never_raised():
    found = with_thresholds(OWN, 0.1, None)
    assert found.category_thresholds[VIOLENCE].tau == 0.1
    assert found.category_thresholds["animal_abuse"] == "off"
    looser = with_thresholds(OWN, {"tau": 0.45}, Thresholds(tau=0.5, tau_mild=0.6, tau_severe=0.8))
    assert looser.thresholds.tau == 0.45 and looser.category_thresholds[VIOLENCE].tau == 0.2
    assert looser.policy.of(SELF_HARM).tau == 0.45


@pytest.mark.parametrize(
    "asked",
    [0.31, 1, 0, -1, float("nan"), {"tau": 0.1, "x": 0.1}, {"tau": 0.6}, {"tau_severe": 0.71}],
)
def test_what_may_not_be_is_an_error_that_names_the_field(asked):
    with pytest.raises(ApiError) as caught:
        with_thresholds(OWN, asked, None)
    assert (caught.value.status, caught.value.param) == (400, "lance.thresholds")


@given(rising(), rising())
def test_the_lower_of_two_rises(one, other):
    found = lower(one, other)
    assert found.tau < found.tau_mild < found.tau_severe
    assert found == lower(other, one) and lower(found, one) == found


@given(rising())
def test_a_client_never_gets_above_the_bound(asked):
    try:
        found = with_thresholds(OWN, asked.model_dump(), None)
    except ApiError:
        return
    assert lower(found.thresholds, OWN.thresholds) == found.thresholds
