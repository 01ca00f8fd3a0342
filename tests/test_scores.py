import pytest
import torch
from torch.distributions import Beta

from lance_graph.scores import RiskScore

SCORE = RiskScore(("a", "b"), (2.0, 0.5), (6.0, 4.5))


def test_moments_are_those_of_the_beta():
    q = Beta(torch.tensor(SCORE.alpha), torch.tensor(SCORE.beta))
    assert list(SCORE.mean.values()) == pytest.approx(q.mean.tolist())
    assert list(SCORE.std.values()) == pytest.approx(q.stddev.tolist())


def test_the_interval_holds_its_level():
    low, high = SCORE.interval(0.8)["a"]
    assert 0 < low < SCORE.mean["a"] < high < 1
    above_low = SCORE.probability_above(low)["a"]
    assert above_low - SCORE.probability_above(high)["a"] == pytest.approx(0.8)


def test_a_wider_level_is_a_wider_interval():
    narrow, wide = SCORE.interval(0.5)["b"], SCORE.interval(0.95)["b"]
    assert wide[0] < narrow[0] and narrow[1] < wide[1]


@pytest.mark.parametrize("level", [0, 1, -1, 2])
def test_a_wrong_level_is_named(level):
    with pytest.raises(ValueError, match=str(level)):
        SCORE.interval(level)


def test_the_largest_degree_is_nan_if_any_is():
    assert SCORE.max_risk == 0.25
    assert RiskScore(("a", "b"), (float("nan"), 1.0), (1.0, 1.0)).max_risk != SCORE.max_risk
