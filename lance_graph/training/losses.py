"""The training objective: one equation, one function (METHOD eqs. 8-16).

Rows know different amounts about their labels. ``mask`` [B, K] is 1 where l_j is known; terms on
labels average over known entries only: all 14 of a fully labelled row, one entry of a row with one
known category, none of a row with a binary label. ``unsafe`` [B] is that binary label, 1, 0, soft in
between, or NaN where nobody knows it; it trains one risk per row, `any_risk` of its degrees, because
routing and every guard benchmark ask for the strongest category first. An unsafe row whose categories
are known is asked about those only: else one category learns to answer for all.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.distributions import Beta, Normal
from torch.nn import functional as F

EPS = 1e-6
SHARPNESS = 2.0


def binary_cross_entropy(p: Tensor, target: Tensor, mask: Tensor) -> Tensor:
    """Mean over known entries of -l ln p - (1 - l) ln(1 - p), all [B, K]; 0 when none is known."""
    p = p.clamp(EPS, 1 - EPS)
    return _masked_mean(-(target * p.log() + (1 - target) * (1 - p).log()), mask)


def answerable(labels: Tensor, unsafe: Tensor) -> Tensor:
    """Which categories may answer for a row's binary label [B, K]: those that apply, or else all."""
    applies = (labels > 0) & (unsafe > 0).unsqueeze(-1)
    return applies | ~applies.any(-1, keepdim=True)


def any_risk(p: Tensor, how: str) -> Tensor:
    """One risk per row from the degrees p [B, K]: [B], in (0, 1); a degree of 0 adds nothing.

    ``"max"`` is what routing reads, and trains one category only. ``"smooth"`` is the mean of p
    weighted by softmax(2 logit p): near the maximum where one category leads, and a row
    without a leading category teaches all of them a little. ``"noisy_or"`` is 1 - prod(1 - p_j).
    """
    if how == "max":
        return p.amax(-1)
    if how == "noisy_or":
        return 1 - torch.log1p(-p.clamp_max(1 - EPS)).sum(-1).exp()
    return (torch.softmax(SHARPNESS * torch.logit(p, EPS), -1) * p).sum(-1)


def any_risk_loss(p: Tensor, labels: Tensor, unsafe: Tensor, how: str) -> Tensor:
    """BCE of `any_risk` of p [B, K] against ``unsafe`` [B], rows with NaN left out."""
    known = ~unsafe.isnan()
    risk = any_risk(p * answerable(labels, unsafe), how)
    return binary_cross_entropy(risk, unsafe.nan_to_num(0.0), known.to(p.dtype))


def rejection_reconstruction(l_hat: Tensor, labels: Tensor, mask: Tensor) -> Tensor:
    """Eq. 8: L_rec_d = BCE(l_hat, l), l_hat = sigmoid(MLP(d)) [B, K]."""
    return binary_cross_entropy(l_hat, labels, mask)


def semantic_reconstruction(h: Tensor, h_hat: Tensor) -> Tensor:
    """Eq. 10: L_rec_z = MSE(h, h_hat) [B, H]."""
    return F.mse_loss(h_hat, h)


def kl_normal(q: Normal) -> Tensor:
    """First part of eq. 11: KL(N(mu, sigma^2) || N(0, I)) [B], summed over Z."""
    variance = q.scale.square()
    return 0.5 * (variance + q.loc.square() - 1.0 - variance.log()).sum(-1)


def kl_beta(q: Beta) -> Tensor:
    """Eq. 12: KL(Beta(a, b) || Beta(1, 1)) [B, K]."""
    a, b = q.concentration1, q.concentration0
    log_beta = torch.lgamma(a) + torch.lgamma(b) - torch.lgamma(a + b)
    psi = torch.digamma
    return -log_beta + (a - 1) * psi(a) + (b - 1) * psi(b) - (a + b - 2) * psi(a + b)


def kl_divergence(semantic: Normal, rejection: Beta) -> Tensor:
    """Eq. 11: L_KL, the mean over the batch of both divergences, each summed over its latent."""
    return (kl_normal(semantic) + kl_beta(rejection).sum(-1)).mean()


def auxiliary(d: Tensor, labels: Tensor, mask: Tensor) -> Tensor:
    """Eq. 15: L_aux = BCE(d, l) on the sampled d [B, K], before the MLP of eq. 7."""
    return binary_cross_entropy(d, labels, mask)


def expected_auxiliary(q: Beta, labels: Tensor, mask: Tensor) -> Tensor:
    """Eq. 15 in expectation: E_q[-l ln d - (1-l) ln(1-d)] = psi(a+b) - l psi(a) - (1-l) psi(b)."""
    a, b = q.concentration1, q.concentration0
    psi = torch.digamma
    return _masked_mean(psi(a + b) - labels * psi(a) - (1 - labels) * psi(b), mask)


def _masked_mean(entries: Tensor, mask: Tensor) -> Tensor:
    return (entries * mask).sum() / mask.sum().clamp_min(1.0)


@dataclass
class DetectorLoss:
    """The parts of eq. 16, each a scalar; ``any_*`` are the whole row's parts of L_rec_d and L_aux."""

    rec_d: Tensor
    rec_z: Tensor
    kl: Tensor
    aux: Tensor
    any_rec_d: Tensor
    any_aux: Tensor

    def total(
        self,
        weights: tuple[float, float, float, float],
        any_weight: float = 1.0,
        kl_scale: float = 1.0,
        label_share: float = 1.0,
    ) -> Tensor:
        """Eq. 16: w1 L_rec_d + w2 L_rec_z + w3 L_KL + w4 L_aux.

        ``any_weight`` is the share of the binary parts in the first and the last term; ``kl_scale``
        in [0, 1] warms w3 up; ``label_share`` is what the labels count beside a teacher.
        """
        w1, w2, w3, w4 = weights
        w1, w4 = label_share * w1, label_share * w4
        rec_d, aux = self.rec_d + any_weight * self.any_rec_d, self.aux + any_weight * self.any_aux
        return w1 * rec_d + w2 * self.rec_z + kl_scale * w3 * self.kl + w4 * aux

    def terms(self) -> dict[str, Tensor]:
        """The parts by name, detached, for a log."""
        return {name: term.detach() for name, term in vars(self).items()}
