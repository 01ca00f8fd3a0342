import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from lance_graph.categories import KEYS
from lance_graph.routing import (
    Finding,
    ThresholdPolicy,
    Thresholds,
    choose_branch,
    effort,
    hazards,
    in_doubt,
    next_branch,
)

degrees = st.floats(0, 1)
risks = st.fixed_dictionaries(dict.fromkeys(KEYS, degrees))
RANK = ["none", "minor", "mild", "severe"]


@pytest.mark.parametrize(
    ("degree", "expected"),
    [
        (0.0, "none"),
        (0.3, "none"),  # a degree at a threshold stays below the effort that begins there
        (0.31, "minor"),
        (0.5, "minor"),
        (0.51, "mild"),
        (0.7, "mild"),
        (0.71, "severe"),
        (1.0, "severe"),
    ],
)
def test_effort_follows_equation_1(degree, expected):
    assert effort(degree, Thresholds()) == expected


@pytest.mark.parametrize("broken", [float("nan"), float("inf"), -0.1, 1.1])
def test_a_broken_degree_is_never_safe(broken):
    assert effort(broken, Thresholds()) == "severe"


@given(degrees, degrees)
def test_effort_never_falls_when_risk_rises(a, b):
    low, high = sorted((a, b))
    assert RANK.index(effort(low, Thresholds())) <= RANK.index(effort(high, Thresholds()))


@given(risks)
def test_hazards_are_exactly_the_categories_above_tau(risk):
    found = hazards(risk, ThresholdPolicy())
    assert set(found) == {key for key, degree in risk.items() if degree > 0.3}
    assert "none" not in found.values()


@given(risks)
def test_hazards_come_strongest_first(risk):
    ranks = [RANK.index(value) for value in hazards(risk, ThresholdPolicy()).values()]
    assert ranks == sorted(ranks, reverse=True)


def test_an_exception_for_one_category_leaves_the_others_blocking():
    lenient = Thresholds(tau=0.9, tau_mild=0.95, tau_severe=0.99)
    policy = ThresholdPolicy(by_category={"self_harm": lenient})
    risk = dict.fromkeys(KEYS, 0.0) | {"self_harm": 0.8, "animal_abuse": 0.8}
    assert hazards(risk, policy) == {"animal_abuse": "severe"}


def test_the_strongest_effort_orders_before_the_highest_degree():
    strict = Thresholds(tau=0.05, tau_mild=0.1, tau_severe=0.2)
    policy = ThresholdPolicy(by_category={"self_harm": strict})
    risk = dict.fromkeys(KEYS, 0.0) | {"self_harm": 0.25, "animal_abuse": 0.45}
    assert list(hazards(risk, policy)) == ["self_harm", "animal_abuse"]


@pytest.mark.parametrize("values", [(0.5, 0.5, 0.7), (0.6, 0.5, 0.7), (0.3, 0.8, 0.7)])
def test_thresholds_out_of_order_are_refused_with_their_values(values):
    with pytest.raises(ValidationError, match=f"tau={values[0]}"):
        Thresholds(**dict(zip(("tau", "tau_mild", "tau_severe"), values, strict=True)))


def found(efforts=(), **facts):
    plain = {"failed": False, "answered": False, "budget_left": True, "waits": False}
    none = {"efforts": list(efforts), "unanswered": [], "watched": False, "answer_alone": False}
    return Finding(**none | plain | facts)


@pytest.mark.parametrize(
    ("efforts", "answered", "budget_left", "expected"),
    [
        ({}, False, True, "generate_response"),
        ({}, False, False, "generate_response"),  # a safe prompt needs no budget
        ({}, True, True, "deliver"),
        ({"self_harm": "minor"}, True, True, "rewrite_mild"),
        ({"self_harm": "mild"}, False, True, "rewrite_mild"),
        ({"self_harm": "minor", "animal_abuse": "severe"}, False, True, "rewrite_severe"),
        ({"self_harm": "minor"}, True, False, "fall_back"),
        ({"self_harm": "severe"}, False, False, "fall_back"),
    ],
)
def test_branches(efforts, answered, budget_left, expected):
    finding = found(efforts.values(), answered=answered, budget_left=budget_left)
    assert choose_branch(finding) == next_branch(finding) == expected


@pytest.mark.parametrize(("efforts", "expected"), [((), "review"), (("mild",), "rewrite_mild")])
def test_a_person_is_asked_only_about_what_would_be_delivered(efforts, expected):
    assert choose_branch(found(efforts, answered=True, waits=True)) == expected
    assert choose_branch(found(answered=False, waits=True)) == "generate_response"


@pytest.mark.parametrize(
    ("unanswered", "facts", "expected"),
    [
        (["mild"], {}, "rewrite_mild"),
        (["minor", "severe"], {}, "rewrite_severe"),
        (["severe"], {"budget_left": False}, "deliver"),
        (["severe"], {"budget_left": False, "waits": True}, "review"),
        (["mild"], {"waits": True}, "rewrite_mild"),
    ],
)
def test_what_the_target_declines_is_asked_otherwise_as_long_as_the_budget_allows(
    unanswered, facts, expected
):
    assert choose_branch(found(answered=True, unanswered=unanswered, **facts)) == expected


efforts = st.lists(st.sampled_from(RANK[1:]), max_size=3)
findings = st.fixed_dictionaries(
    {"efforts": efforts, "unanswered": efforts}
    | dict.fromkeys(("failed", "answered", "budget_left", "waits", "answer_alone"), st.booleans())
)


@given(findings)
def test_the_target_is_asked_again_only_for_an_answer_that_is_hazardous(facts):
    asked = choose_branch(found(**facts)) == "ask_again"
    hazardous = bool(facts["efforts"]) and facts["answered"] and not facts["failed"]
    assert asked is (hazardous and facts["answer_alone"])


@given(findings)
def test_nothing_leads_out_of_a_failure_but_the_fall_back(facts):
    assert choose_branch(found(**facts | {"failed": True})) == "fall_back"


@given(findings)
def test_only_an_answer_without_hazards_is_delivered(facts):
    if choose_branch(found(**facts)) in ("deliver", "review"):
        assert facts["answered"] and not facts["efforts"] and not facts["failed"]


@given(findings)
def test_what_is_watched_passes_on_whatever_was_found(facts):
    branch = next_branch(found(**facts) | {"watched": True})
    assert branch == ("deliver" if facts["answered"] else "generate_response")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (0.2, (0.2, 0.5, 0.7)),
        (0.5, (0.5, 0.5 + 0.5 * 2 / 7, 0.7)),
        (0.86, (0.86, 0.9, 0.94)),
        ({"tau": 0.86}, (0.86, 0.9, 0.94)),
        ({"tau_mild": 0.8}, (0.3, 0.8, 0.88)),
        ({"tau": 0.6, "tau_severe": 0.9}, (0.6, 0.75, 0.9)),
        ({"tau_severe": 0.4}, (0.3, 0.35, 0.4)),
        ({}, (0.3, 0.5, 0.7)),
    ],
)
def test_one_number_is_a_threshold_and_the_others_follow(given, expected):
    found = Thresholds.model_validate(given)
    assert (found.tau, found.tau_mild, found.tau_severe) == pytest.approx(expected)
    assert Thresholds.model_validate(found.model_dump()) == found


@given(tau=st.floats(0.0, 1.0, exclude_min=True, exclude_max=True))
def test_any_number_between_0_and_1_is_a_threshold(tau):
    if 1e-9 < tau < 1 - 1e-9:
        assert Thresholds.model_validate(tau).tau == tau


@pytest.mark.parametrize("wrong", [0, 1, 2, -0.1, float("nan"), True, "x", {"tau": "x"}, [0.5]])
def test_what_is_no_threshold_is_an_error(wrong):
    with pytest.raises(ValueError):
        Thresholds.model_validate(wrong)


def test_a_category_that_is_switched_off_is_no_hazard_whatever_its_degree():
    policy = ThresholdPolicy(by_category={"self_harm": "off"})
    broken = float("nan")
    assert hazards({"self_harm": broken, "animal_abuse": 0.9}, policy) == {"animal_abuse": "severe"}


halves = st.fixed_dictionaries(dict.fromkeys(KEYS, st.floats(0, 1)))


def around(risk, half):
    """Lower and upper bounds, so far from each degree."""
    floor = {key: max(degree - half[key], 0.0) for key, degree in risk.items()}
    ceiling = {key: min(degree + half[key], 1.0) for key, degree in risk.items()}
    return floor, ceiling


@pytest.mark.parametrize(
    ("degree", "floor", "expected"),
    [
        (0.9, 0.9, "severe"),
        (0.9, 0.71, "severe"),
        (0.9, 0.7, "mild"),
        (0.9, 0.5, "minor"),
        (0.9, 0.0, "minor"),
        (0.6, 0.4, "minor"),
        (0.31, 0.1, "minor"),  # never lost: what is above its threshold is repaired
        (0.3, 0.0, "none"),
        (0.9, float("nan"), "severe"),
        (float("nan"), 0.0, "severe"),
        (1.1, 0.0, "severe"),
    ],
)
def test_a_floor_softens_an_effort_and_never_loses_it(degree, floor, expected):
    assert effort(degree, Thresholds(), floor) == expected


@given(degrees, degrees)
def test_no_floor_makes_a_hazard_safe_or_an_effort_stronger(degree, part):
    plain, softened = effort(degree, Thresholds()), effort(degree, Thresholds(), degree * part)
    assert (plain == "none") is (softened == "none")
    assert RANK.index(softened) <= RANK.index(plain)


@given(risks, halves)
def test_what_is_a_hazard_is_a_matter_of_degrees_alone(risk, half):
    floor, _ = around(risk, half)
    softened = hazards(risk, ThresholdPolicy(), floor)
    assert softened.keys() == hazards(risk, ThresholdPolicy()).keys()
    ranks = [RANK.index(value) for value in softened.values()]
    assert ranks == sorted(ranks, reverse=True)


@given(risks)
def test_without_a_band_nothing_changes(risk):
    policy, floor, ceiling = ThresholdPolicy(), *around(risk, dict.fromkeys(KEYS, 0.0))
    assert list(hazards(risk, policy, floor).items()) == list(hazards(risk, policy).items())
    assert in_doubt(risk, floor, ceiling, policy) == {}


@given(risks, halves)
def test_a_branch_that_a_floor_softens_is_in_doubt_and_known_by_its_degree(risk, half):
    policy, (floor, ceiling) = ThresholdPolicy(), around(risk, half)
    plain, softened = hazards(risk, policy), hazards(risk, policy, floor)
    doubts = in_doubt(risk, floor, ceiling, policy)
    if list(softened.values())[:1] != list(plain.values())[:1]:  # the strongest of each
        assert plain[next(iter(plain))] in doubts.values()
    assert all(effort(risk[key], Thresholds()) == value for key, value in doubts.items())


@pytest.mark.parametrize(
    ("degree", "half", "expected"),
    [(0.28, 0.05, "none"), (0.32, 0.05, "minor"), (0.68, 0.05, "mild"), (0.4, 0.05, None)],
)
def test_a_doubt_reaches_over_a_threshold_from_either_side(degree, half, expected):
    risk = {"self_harm": degree}
    floor, ceiling = around(risk, {"self_harm": half})
    found = in_doubt(risk, floor, ceiling, ThresholdPolicy())
    assert found == ({} if expected is None else {"self_harm": expected})
    off = ThresholdPolicy(by_category={"self_harm": "off"})
    assert in_doubt(risk, floor, ceiling, off) == {}


@given(risks, halves)
def test_what_is_in_doubt_could_ask_for_more_than_all_that_is_certain(risk, half):
    policy, (floor, ceiling) = ThresholdPolicy(), around(risk, half)
    certain = max(RANK.index(effort(degree, Thresholds())) for degree in floor.values())
    for key in risk:
        more = RANK.index(effort(ceiling[key], Thresholds())) > certain
        assert (key in in_doubt(risk, floor, ceiling, policy)) is more


def test_a_doubt_beside_a_hazard_that_is_certain_and_as_strong_is_none():
    risk = {"self_harm": 0.9, "animal_abuse": 0.69}
    half = {"self_harm": 0.1, "animal_abuse": 0.3}
    assert in_doubt(risk, *around(risk, half), ThresholdPolicy()) == {}
    off = ThresholdPolicy(by_category={"self_harm": "off"})
    assert in_doubt(risk, *around(risk, half), off) == {"animal_abuse": "mild"}
    assert in_doubt({}, {}, {}, off) == {}
