import math

import pytest
import torch
from torch.distributions import Beta, Normal, kl_divergence

from lance_graph.training import losses

B, K, Z, H = 5, 14, 6, 8
NAN = float("nan")
HOWS = ("smooth", "max", "noisy_or")


@pytest.fixture(autouse=True)
def seed():
    torch.manual_seed(0)


def shapes(*, floor=0.05):
    return (torch.rand(B, K, dtype=torch.float64) * 5 + floor).requires_grad_()


def test_kl_beta_is_equation_12_in_float64():
    q = Beta(shapes(), shapes())
    uniform = Beta(torch.ones_like(q.concentration1), torch.ones_like(q.concentration1))
    torch.testing.assert_close(losses.kl_beta(q), kl_divergence(q, uniform), rtol=1e-9, atol=1e-9)


def test_kl_beta_agrees_with_monte_carlo():
    q = Beta(torch.tensor([2.0, 5.0]).double(), torch.tensor([3.0, 1.5]).double())
    sampled = q.log_prob(q.sample((200_000,))).mean(0)  # the prior's log density is 0
    torch.testing.assert_close(losses.kl_beta(q), sampled, rtol=0.02, atol=0.02)


def test_kl_normal_is_torchs():
    q = Normal(torch.randn(B, Z).double(), torch.rand(B, Z).double() + 0.1)
    p = Normal(torch.zeros(B, Z).double(), torch.ones(B, Z).double())
    torch.testing.assert_close(losses.kl_normal(q), kl_divergence(q, p).sum(-1))


def test_kl_normal_agrees_with_monte_carlo():
    q = Normal(torch.tensor([[0.5, -1.0]]).double(), torch.tensor([[0.3, 2.0]]).double())
    p = Normal(torch.zeros(1, 2).double(), torch.ones(1, 2).double())
    z = q.sample((200_000,))
    sampled = (q.log_prob(z) - p.log_prob(z)).sum(-1).mean(0)
    torch.testing.assert_close(losses.kl_normal(q), sampled, rtol=0.02, atol=0.02)


def test_kl_of_the_prior_is_zero():
    one = torch.ones(B, K, dtype=torch.float64)
    assert losses.kl_beta(Beta(one, one)).abs().max() < 1e-12
    assert losses.kl_normal(Normal(torch.zeros(B, Z), torch.ones(B, Z))).abs().max() == 0


def test_equation_11_sums_over_latents_and_averages_over_rows():
    semantic = Normal(torch.randn(B, Z), torch.rand(B, Z) + 0.1)
    rejection = Beta(torch.rand(B, K) + 0.1, torch.rand(B, K) + 0.1)
    rows = losses.kl_normal(semantic) + losses.kl_beta(rejection).sum(-1)
    torch.testing.assert_close(losses.kl_divergence(semantic, rejection), rows.mean())
    assert (rows > 0).all()


def test_bce_is_torchs_where_all_is_known():
    p, target = torch.rand(B, K), torch.randint(2, (B, K)).float()
    expected = torch.nn.functional.binary_cross_entropy(p, target)
    torch.testing.assert_close(
        losses.binary_cross_entropy(p, target, torch.ones(B, K)), expected, rtol=1e-4, atol=1e-4
    )


def test_bce_stays_finite_at_the_ends():
    p = torch.tensor([[0.0, 1.0]], requires_grad=True)
    loss = losses.binary_cross_entropy(p, torch.tensor([[1.0, 0.0]]), torch.ones(1, 2))
    loss.backward()
    assert loss.isfinite() and p.grad.isfinite().all()


def test_unknown_labels_do_not_count():
    p, mask = torch.rand(B, K, requires_grad=True), torch.zeros(B, K)
    mask[0, 0] = 1
    target = torch.ones(B, K)
    losses.binary_cross_entropy(p, target, mask).backward()
    assert p.grad[0, 0] != 0
    assert p.grad.abs().sum() == p.grad[0, 0].abs()
    assert losses.binary_cross_entropy(p, target, torch.zeros(B, K)) == 0


@pytest.mark.parametrize("how", HOWS)
def test_any_risk_is_one_degree_per_row_that_grows_with_its_largest(how):
    p = torch.rand(B, K) * 0.98 + 0.01
    risk = losses.any_risk(p, how)
    assert risk.shape == (B,) and ((risk > 0) & (risk < 1)).all()
    highest = p.argmax(-1, keepdim=True)
    more = p.scatter(-1, highest, p.gather(-1, highest) * 0.5 + 0.5)
    assert (losses.any_risk(more, how) > risk).all()


@pytest.mark.parametrize("how", HOWS)
def test_any_risk_does_not_depend_on_the_order_of_categories(how):
    p = torch.rand(B, K)
    turned = losses.any_risk(p[:, torch.randperm(K)], how)
    torch.testing.assert_close(losses.any_risk(p, how), turned)


@pytest.mark.parametrize("how", HOWS)
def test_one_category_alone_is_the_risk_itself(how):
    p = torch.rand(B, 1) * 0.98 + 0.01
    torch.testing.assert_close(losses.any_risk(p, how), p[:, 0])


@pytest.mark.parametrize("how", HOWS)
def test_a_leading_category_decides(how):
    p = torch.full((1, K), 1e-4)
    p[0, 3] = 0.97
    assert losses.any_risk(p, how).item() == pytest.approx(0.97, abs=0.01)


def test_smooth_lies_between_the_mean_and_the_largest_and_noisy_or_above():
    p = torch.rand(B, K) * 0.98 + 0.01
    smooth, largest, noisy_or = (losses.any_risk(p, how) for how in HOWS)
    assert (p.mean(-1) < smooth).all() and (smooth < largest).all() and (largest < noisy_or).all()


def test_noisy_or_is_the_chance_that_not_all_fail():
    p = torch.tensor([[0.5, 0.2]])
    assert losses.any_risk(p, "noisy_or").item() == pytest.approx(1 - 0.5 * 0.8)


@pytest.mark.parametrize(("how", "taught"), [("max", 1), ("smooth", 3), ("noisy_or", 3)])
def test_how_many_categories_a_binary_label_trains(how, taught):
    p = torch.tensor([[0.1, 0.4, 0.2]], requires_grad=True)
    losses.any_risk_loss(p, torch.zeros(1, 3), torch.tensor([1.0]), how).backward()
    assert (p.grad != 0).sum() == taught
    assert p.grad[0, 1] < 0


@pytest.mark.parametrize("how", HOWS)
@pytest.mark.parametrize("unsafe", [0.0, 1.0])
def test_a_binary_label_teaches_rows_at_the_ends_too(how, unsafe):
    p = torch.tensor([[1e-7, 1 - 1e-7], [0.0, 0.0], [1.0, 1.0]], requires_grad=True)
    loss = losses.any_risk_loss(p, torch.zeros(3, 2), torch.full((3,), unsafe), how)
    loss.backward()
    assert loss.isfinite() and p.grad.isfinite().all()


@pytest.mark.parametrize("how", HOWS)
def test_rows_without_a_binary_label_add_nothing(how):
    p = torch.rand(2, 3, requires_grad=True)
    labels = torch.zeros(2, 3)
    both = losses.any_risk_loss(p, labels, torch.tensor([1.0, NAN]), how)
    alone = losses.any_risk_loss(p[:1], labels[:1], torch.tensor([1.0]), how)
    torch.testing.assert_close(both, alone)
    both.backward()
    assert p.grad[1].abs().sum() == 0
    assert losses.any_risk_loss(p, labels, torch.tensor([NAN, NAN]), how) == 0


@pytest.mark.parametrize("how", HOWS)
def test_only_the_categories_of_an_unsafe_row_answer_for_it(how):
    p = torch.tensor([[0.1, 0.4, 0.2], [0.1, 0.4, 0.2]], requires_grad=True)
    labels = torch.tensor([[1.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    losses.any_risk_loss(p, labels, torch.tensor([1.0, 0.0]), how).backward()
    assert p.grad[0, 0] < 0 and p.grad[0, 1:].abs().sum() == 0
    assert p.grad[1, 1] > 0  # a safe row is asked about all of them


def test_the_expected_auxiliary_is_the_mean_of_the_sampled_one():
    q = Beta(torch.tensor([[2.0, 0.7, 5.0]]).double(), torch.tensor([[3.0, 1.5, 0.9]]).double())
    labels, mask = torch.tensor([[1.0, 0.0, 1.0]]).double(), torch.ones(1, 3).double()
    d = q.sample((400_000,))
    sampled = -(labels * d.log() + (1 - labels) * (-d).log1p()).mean(0)
    expected = losses.expected_auxiliary(q, labels, mask)
    torch.testing.assert_close(expected, sampled.mean(), rtol=0.01, atol=0.005)


def test_the_expected_auxiliary_has_the_gradient_of_the_sampled_ones_mean():
    labels, mask = torch.tensor([[1.0, 0.0]]).double(), torch.ones(1, 2).double()
    start = [torch.tensor([[2.0, 3.0]]).double(), torch.tensor([[1.5, 4.0]]).double()]

    def gradient(loss_of):
        leaves = [value.clone().requires_grad_() for value in start]
        loss_of(Beta(*leaves)).backward()
        return torch.stack([leaf.grad for leaf in leaves])

    many = (200_000,)
    sampled = gradient(
        lambda q: losses.auxiliary(
            q.rsample(many), labels.expand(*many, 1, 2), mask.expand(*many, 1, 2)
        )
    )
    expected = gradient(lambda q: losses.expected_auxiliary(q, labels, mask))
    torch.testing.assert_close(expected, sampled, rtol=0.02, atol=0.003)


def test_the_expected_auxiliary_leaves_unknown_labels_out():
    a, b = shapes(), shapes()
    mask = torch.zeros(B, K, dtype=torch.float64)
    mask[1, 2] = 1
    losses.expected_auxiliary(Beta(a, b), torch.ones_like(mask), mask).backward()
    assert (a.grad != 0).nonzero().tolist() == [[1, 2]]
    assert losses.expected_auxiliary(Beta(a, b), mask, torch.zeros_like(mask)) == 0


def test_the_expected_auxiliary_is_above_the_degrees_own_cross_entropy():
    """Jensen: spread costs, so that labels that are sure make the posterior sharp."""
    q, labels = Beta(shapes(), shapes()), torch.randint(2, (B, K)).double()
    mask = torch.ones_like(labels)
    at_the_mean = losses.binary_cross_entropy(q.mean, labels, mask)
    assert losses.expected_auxiliary(q, labels, mask) > at_the_mean


def test_reconstruction_is_the_mean_square():
    h, h_hat = torch.randn(B, H, requires_grad=True), torch.randn(B, H, requires_grad=True)
    loss = losses.semantic_reconstruction(h, h_hat)
    torch.testing.assert_close(loss, ((h - h_hat) ** 2).mean())
    loss.backward()
    torch.testing.assert_close(h.grad, -h_hat.grad)


def parts():
    return losses.DetectorLoss(*(torch.tensor(float(number)) for number in (1, 2, 3, 4, 5, 6)))


def test_the_total_is_the_weighted_sum_of_equation_16():
    total = parts().total((1.0, 10.0, 100.0, 1000.0))
    assert total == (1 + 5) + 20 + 300 + 1000 * (4 + 6)
    assert parts().total((1.0, 0.0, 0.0, 1.0), any_weight=0.5) == (1 + 2.5) + (4 + 3)
    assert set(parts().terms()) == {"rec_d", "rec_z", "kl", "aux", "any_rec_d", "any_aux"}


@pytest.mark.parametrize("scale", [0.0, 0.25, 1.0])
def test_the_kl_scale_warms_the_kl_term_only(scale):
    weights = (1.0, 1.0, 1.0, 1.0)
    without = parts().total((1.0, 1.0, 0.0, 1.0))
    assert parts().total(weights, kl_scale=scale) == without + 3 * scale


def test_logged_terms_hold_no_graph():
    p = torch.rand(1, requires_grad=True)
    terms = losses.DetectorLoss(*[p.sum() * factor for factor in range(1, 7)]).terms()
    assert not any(term.requires_grad for term in terms.values())
    assert all(math.isfinite(term.item()) for term in terms.values())


@pytest.mark.parametrize("how", HOWS)
def test_a_soft_label_of_a_row_is_where_its_any_risk_settles(how):
    logits = torch.randn(1, K, generator=torch.Generator().manual_seed(1)).requires_grad_()
    optimizer = torch.optim.Adam([logits], lr=0.05)
    for _ in range(400):
        optimizer.zero_grad()
        p = torch.sigmoid(logits)
        losses.any_risk_loss(p, torch.zeros(1, K), torch.tensor([0.5]), how).backward()
        optimizer.step()
    assert losses.any_risk(torch.sigmoid(logits), how).item() == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize("unsafe", [0.5, 0.9, 1.0])
def test_the_category_of_a_graded_row_answers_for_it(unsafe):
    labels = torch.zeros(2, 3)
    labels[0, 1] = unsafe
    asked = losses.answerable(labels, torch.tensor([unsafe, 0.0]))
    assert asked.tolist() == [[False, True, False], [True, True, True]]


def test_the_label_share_scales_what_reads_labels_only():
    weights = (1.0, 1.0, 1.0, 1.0)
    assert parts().total(weights, label_share=0.0) == 2 + 3
    assert parts().total(weights, label_share=0.5) == 2 + 3 + 0.5 * (1 + 5 + 4 + 6)
