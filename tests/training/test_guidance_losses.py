import pytest
import torch

from lance_graph.training import guidance_losses as guidance
from lance_graph.training import losses
from lance_graph.training.data.example import DEGREES

NAN = float("nan")
K = 14


def degrees(*values):
    return torch.tensor(values, dtype=torch.float64, requires_grad=True)


def random_rows(n, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(n, generator=generator, dtype=torch.float64) * 0.98 + 0.01


def test_equal_distributions_diverge_by_nothing_and_others_by_torchs_kl():
    p, target = random_rows(50), random_rows(50, seed=1)
    bernoulli = torch.distributions.Bernoulli
    expected = torch.distributions.kl_divergence(bernoulli(target), bernoulli(p))
    torch.testing.assert_close(guidance.bernoulli_kl(p, target), expected)
    assert guidance.bernoulli_kl(p, p).abs().max() < 1e-12
    ends = torch.tensor([0.0, 1.0], requires_grad=True)
    there = guidance.bernoulli_kl(ends, torch.tensor([1.0, 0.0])).sum()
    there.backward()
    assert there.isfinite() and ends.grad.isfinite().all()


def test_degrees_that_are_right_keep_every_margin():
    """No two degrees of any size make the ranking and the pull contradict each other."""
    wanted = torch.linspace(0.001, 0.999, 200, dtype=torch.float64)
    assert guidance.ranking(wanted, wanted) == 0
    assert guidance.ranking(degrees(*DEGREES), degrees(*DEGREES)) == 0
    assert guidance.degree_pull(degrees(*DEGREES), degrees(*DEGREES)).abs() < 1e-12


def test_a_wrong_order_raises_the_higher_rung_and_lowers_the_lower_one():
    risk = degrees(0.6, 0.4)
    guidance.ranking(risk, torch.tensor([0.5, 0.9]).double()).backward()
    assert risk.grad[0] > 0 > risk.grad[1]  # descent lowers the first, raises the second


def test_a_right_order_without_the_margin_still_costs():
    wanted = torch.tensor([0.5, 0.9]).double()
    near, far = degrees(0.5, 0.55), degrees(0.5, 0.95)
    assert guidance.ranking(near, wanted) > 0
    assert guidance.ranking(far, wanted) == 0


def test_the_margin_grows_with_the_difference_of_the_wanted_degrees():
    tied = degrees(0.5, 0.5)
    close, wide = (
        guidance.ranking(tied, torch.tensor([0.5, other], dtype=torch.float64)).item()
        for other in (0.6, 0.9)
    )
    assert wide / close == pytest.approx(4.0)
    assert close == pytest.approx(guidance.SLOPE * 0.1)


def test_rows_without_a_wanted_degree_are_in_no_pair():
    wanted = torch.tensor([0.5, 0.9, NAN]).double()
    risk = degrees(0.6, 0.4, 0.99)
    loss = guidance.ranking(risk, wanted) + guidance.degree_pull(risk, wanted)
    loss.backward()
    assert risk.grad[2] == 0 and (risk.grad[:2] != 0).all()
    alone = degrees(0.6, 0.4)
    pair = guidance.ranking(alone, wanted[:2]) + guidance.degree_pull(alone, wanted[:2])
    torch.testing.assert_close(loss * 3, pair * 2)  # each row weighs 1 / B


@pytest.mark.parametrize("wanted", [[NAN, NAN], [0.5, 0.5], [NAN, 0.9]])
def test_without_two_different_degrees_there_is_no_order(wanted):
    risk = degrees(0.2, 0.7)
    loss = guidance.ranking(risk, torch.tensor(wanted).double())
    loss.backward()
    assert loss == 0 and (risk.grad == 0).all()


def test_no_graded_row_adds_exactly_nothing():
    risk = degrees(1e-9, 0.5, 1.0)
    none = torch.full((3,), NAN, dtype=torch.float64)
    loss = guidance.ranking(risk, none) + guidance.degree_pull(risk, none)
    loss.backward()
    assert loss == 0 and (risk.grad == 0).all()


@pytest.mark.parametrize("how", ["smooth", "max", "noisy_or"])
def test_descent_brings_rungs_to_their_order_and_their_degrees(how):
    generator = torch.Generator().manual_seed(3)
    logits = (torch.randn(len(DEGREES), K, generator=generator) - 2).requires_grad_()
    wanted = torch.tensor(DEGREES)
    optimizer = torch.optim.Adam([logits], lr=0.1)
    for _ in range(800):
        optimizer.zero_grad()
        risk = losses.any_risk(torch.sigmoid(logits), how)
        (guidance.ranking(risk, wanted) + guidance.degree_pull(risk, wanted)).backward()
        optimizer.step()
    risk = losses.any_risk(torch.sigmoid(logits), how)
    torch.testing.assert_close(risk, wanted, atol=0.02, rtol=0)


def test_distillation_is_nothing_at_the_teachers_degrees_and_pulls_there():
    d = (torch.rand(3, K, dtype=torch.float64) * 0.9 + 0.05).requires_grad_()
    risk = losses.any_risk(d, "smooth")
    same = torch.cat([d, risk[:, None]], -1).detach()
    every = torch.ones(3, dtype=torch.bool)
    assert guidance.distillation(d, risk, same, every).abs() < 1e-12
    higher = same.clone()
    higher[0, 5], higher[0, -1] = 0.99, 0.99
    guidance.distillation(d, risk, higher, every).backward()
    assert d.grad[0, 5] < 0 and d.grad[1:].abs().max() < 1e-9


def test_distillation_leaves_rows_without_a_teacher_out():
    d = torch.rand(2, K, requires_grad=True)
    taught = torch.full((2, K + 1), NAN)
    taught[0] = 0.3
    rows = torch.tensor([True, False])
    loss = guidance.distillation(d, losses.any_risk(d, "smooth"), taught, rows)
    loss.backward()
    assert loss > 0 and d.grad.isfinite().all() and (d.grad[1] == 0).all()
