import pytest
import torch
from torch.distributions import Beta, Normal, kl_divergence

from lance_graph.detector import losses

B, K, Z, H = 5, 14, 6, 8


@pytest.fixture(autouse=True)
def seed():
    torch.manual_seed(0)


def shapes():
    return torch.rand(B, K, dtype=torch.float64) * 5 + 0.05


def test_kl_beta_is_equation_12_in_float64():
    q = Beta(shapes(), shapes())
    uniform = Beta(torch.ones_like(q.concentration1), torch.ones_like(q.concentration1))
    torch.testing.assert_close(losses.kl_beta(q), kl_divergence(q, uniform), rtol=1e-9, atol=1e-9)


def test_kl_beta_agrees_with_monte_carlo():
    q = Beta(torch.tensor([2.0, 5.0]).double(), torch.tensor([3.0, 1.5]).double())
    sampled = q.log_prob(q.sample((200_000,))).mean(0)  # the prior's log density is 0
    torch.testing.assert_close(losses.kl_beta(q), sampled, rtol=0.02, atol=0.02)


def test_kl_of_the_prior_is_zero():
    one = torch.ones(B, K, dtype=torch.float64)
    assert losses.kl_beta(Beta(one, one)).abs().max() < 1e-12
    assert losses.kl_normal(Normal(torch.zeros(B, Z), torch.ones(B, Z))).abs().max() == 0


def test_kl_normal_is_torchs():
    q = Normal(torch.randn(B, Z).double(), torch.rand(B, Z).double() + 0.1)
    p = Normal(torch.zeros(B, Z).double(), torch.ones(B, Z).double())
    torch.testing.assert_close(losses.kl_normal(q), kl_divergence(q, p).sum(-1))


def test_bce_is_torchs_where_all_is_known():
    p, target = torch.rand(B, K), torch.randint(2, (B, K)).float()
    expected = torch.nn.functional.binary_cross_entropy(p, target)
    torch.testing.assert_close(
        losses.binary_cross_entropy(p, target, torch.ones(B, K)), expected, rtol=1e-4, atol=1e-4
    )


def test_unknown_labels_do_not_count():
    p, mask = torch.rand(B, K, requires_grad=True), torch.zeros(B, K)
    mask[0, 0] = 1
    target = torch.ones(B, K)
    losses.binary_cross_entropy(p, target, mask).backward()
    assert p.grad is not None
    assert p.grad[0, 0] != 0
    assert p.grad.abs().sum() == p.grad[0, 0].abs()
    assert losses.binary_cross_entropy(p, target, torch.zeros(B, K)) == 0


def test_a_binary_label_trains_the_strongest_category_only():
    p = torch.tensor([[0.1, 0.4, 0.2]], requires_grad=True)
    losses.any_risk_loss(p, torch.tensor([1.0])).backward()
    assert p.grad is not None
    assert p.grad[0, 1] < 0 and p.grad[0, 0] == p.grad[0, 2] == 0


def test_rows_without_a_binary_label_add_nothing():
    p = torch.rand(2, 3)
    nan = float("nan")
    both = losses.any_risk_loss(p, torch.tensor([1.0, nan]))
    torch.testing.assert_close(both, losses.any_risk_loss(p[:1], torch.tensor([1.0])))
    assert losses.any_risk_loss(p, torch.tensor([nan, nan])) == 0


def test_the_total_is_the_weighted_sum_of_equation_16():
    terms = [torch.tensor(float(number)) for number in (1, 2, 3, 4, 5, 6)]
    loss = losses.DetectorLoss(*terms)
    assert loss.total((1.0, 10.0, 100.0, 1000.0)) == (1 + 5) + 20 + 300 + 1000 * (4 + 6)
    assert set(loss.terms()) == {"rec_d", "rec_z", "kl", "aux", "any_rec_d", "any_aux"}


def test_no_gradient_flows_into_the_reconstruction_target():
    h, h_hat = torch.randn(B, H, requires_grad=True), torch.randn(B, H, requires_grad=True)
    losses.semantic_reconstruction(h, h_hat).backward()
    assert h.grad is None and h_hat.grad is not None
