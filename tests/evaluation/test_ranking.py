import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, f1_score, roc_auc_score

from lance_graph.evaluation.ranking import GRID, THRESHOLDS, Ranking

ROWS = st.lists(
    st.tuples(st.sampled_from([0.0, 0.1, 0.3, 0.5, 0.50001, 0.7, 0.9, 1.0]), st.booleans()),
    min_size=1,
    max_size=40,
)


@given(ROWS)
@settings(max_examples=60)
def test_figures_are_those_of_scikit_learn_with_ties(rows):
    degrees, harmful = zip(*rows, strict=True)
    found = Ranking.of(degrees, harmful)
    flagged = np.array(degrees) > 0.5
    if len(set(harmful)) == 2:
        assert found.auroc().value == pytest.approx(roc_auc_score(harmful, degrees))
    else:
        assert math.isnan(found.auroc().value)
    if any(harmful):
        assert found.auprc().value == pytest.approx(average_precision_score(harmful, degrees))
    else:
        assert math.isnan(found.auprc().value)
    if any(harmful) or flagged.any():
        assert found.f1(0.5).value == pytest.approx(f1_score(harmful, flagged))
    else:
        assert math.isnan(found.f1(0.5).value)


def figures(ranking: Ranking) -> str:
    return repr([ranking.auroc(), ranking.auprc(), ranking.f1(0.5), ranking.detection(0.3)])


@given(ROWS, st.randoms())
@settings(max_examples=30)
def test_the_order_of_rows_changes_nothing(rows, rng):
    shuffled = list(rows)
    rng.shuffle(shuffled)
    one, other = (Ranking.of(*zip(*some, strict=True)) for some in (rows, shuffled))
    assert figures(one) == figures(other)


def drawn(rng: np.random.Generator, count: int) -> tuple[list[float], list[bool]]:
    harmful = rng.random(count) < 0.4
    return (rng.normal(size=count) + harmful).tolist(), harmful.tolist()


def test_intervals_of_auroc_cover_the_truth_about_as_often_as_they_say():
    rng = np.random.default_rng(5)
    truth = 0.5 * (1 + math.erf(0.5))  # P(N(1, 1) > N(0, 1))
    found = [Ranking.of(*drawn(rng, 100)).auroc() for _ in range(150)]
    inside = np.mean([e.low <= truth <= e.high for e in found])  # type: ignore[operator]
    assert 0.89 <= inside <= 0.99


def test_every_figure_lies_in_its_interval():
    found = Ranking.of(*drawn(np.random.default_rng(6), 200))
    for figure in (found.auroc(), found.auprc(), found.f1(0.5)):
        assert figure.low < figure.value < figure.high  # type: ignore[operator]
        assert figure.count == 200


def test_a_kind_with_few_texts_has_figures_without_intervals():
    found = Ranking.of([0.1] * 50 + [0.9] * 3, [False] * 50 + [True] * 3)
    assert found.auroc().value == 1 and found.auroc().low is None


def test_the_curve_counts_degrees_above_the_threshold_and_not_at_it():
    found = Ranking.of([0.3, 0.31, 0.7, 0.9], [False, False, True, True])
    assert [found.false_positives(t).value for t in THRESHOLDS] == [0.5, 0.0, 0.0]
    assert [found.detection(t).value for t in THRESHOLDS] == [1.0, 1.0, 0.5]
    assert found.precision(0.3).value == pytest.approx(2 / 3)
    assert math.isnan(found.precision(0.95).value)


@given(ROWS)
def test_both_shares_fall_along_the_curve(rows):
    found = Ranking.of(*zip(*rows, strict=True))
    for share in (found.false_positives, found.detection):
        values = [share(at).value for at in GRID[::7]]
        assert all(math.isnan(v) for v in values) or values == sorted(values, reverse=True)


def test_texts_without_a_degree_are_missing_from_their_own_kind():
    found = Ranking.of([0.9, None, math.nan, 0.1], [True, True, False, False])
    assert found.missing == 2
    assert (found.detection(0.5).missing, found.false_positives(0.5).missing) == (1, 1)
    assert found.auroc().missing == 2 and found.auroc().value == 1


def test_no_text_at_all_is_undefined():
    found = Ranking.of([None], [True])
    assert math.isnan(found.auroc().value) and found.auroc().missing == 1
    assert math.isnan(found.detection(0.5).value)
