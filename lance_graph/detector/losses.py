"""The training objective: one equation, one function (METHOD eqs. 8-16).

Rows know different amounts about their labels. ``mask`` [B, K] is 1 where l_j is known; terms on
labels average over known entries only. A row of which only the binary label is known has an empty
mask and ``unsafe`` in {0, 1}; it trains the strongest category, max_j d_j, which is what routing
compares with its thresholds. ``unsafe`` is NaN where the row's own labels already say it.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.distributions import Beta, Normal
from torch.nn import functional as F

EPS = 1e-6


def binary_cross_entropy(p: Tensor, target: Tensor, mask: Tensor) -> Tensor:
    """Mean over known entries of -l ln p - (1 - l) ln(1 - p), all [B, K]; 0 when none is known."""
    p = p.clamp(EPS, 1 - EPS)
    entries = -(target * p.log() + (1 - target) * (1 - p).log())
    return (entries * mask).sum() / mask.sum().clamp_min(1.0)


def any_risk_loss(p: Tensor, unsafe: Tensor) -> Tensor:
    """BCE of max_j p_j, p [B, K], against ``unsafe`` [B], rows with NaN left out."""
    known = ~unsafe.isnan()
    return binary_cross_entropy(p.amax(-1), unsafe.nan_to_num(0.0), known.to(p.dtype))


def rejection_reconstruction(l_hat: Tensor, labels: Tensor, mask: Tensor) -> Tensor:
    """Eq. 8: L_rec_d = BCE(l_hat, l), l_hat = sigmoid(MLP(d)) [B, K]."""
    return binary_cross_entropy(l_hat, labels, mask)


def semantic_reconstruction(h: Tensor, h_hat: Tensor) -> Tensor:
    """Eq. 10: L_rec_z = MSE(h, h_hat) [B, H]; h is the target, so no gradient flows into it."""
    return F.mse_loss(h_hat, h.detach())


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


@dataclass
class DetectorLoss:
    """The parts of eq. 16, each a scalar; ``any_*`` are the binary-label parts of L_rec_d and L_aux."""

    rec_d: Tensor
    rec_z: Tensor
    kl: Tensor
    aux: Tensor
    any_rec_d: Tensor
    any_aux: Tensor

    def total(self, weights: tuple[float, float, float, float]) -> Tensor:
        """Eq. 16: w1 L_rec_d + w2 L_rec_z + w3 L_KL + w4 L_aux."""
        w1, w2, w3, w4 = weights
        risk = w1 * (self.rec_d + self.any_rec_d) + w4 * (self.aux + self.any_aux)
        return risk + w2 * self.rec_z + w3 * self.kl

    def terms(self) -> dict[str, Tensor]:
        """The parts by name, detached, for a log."""
        return {name: term.detach() for name, term in vars(self).items()}


def detector_loss(
    semantic: Normal,
    rejection: Beta,
    d: Tensor,
    l_hat_logits: Tensor,
    h: Tensor,
    h_hat: Tensor,
    labels: Tensor,
    mask: Tensor,
    unsafe: Tensor,
) -> DetectorLoss:
    """All terms of eq. 16 for one batch, from one sample of z and d."""
    l_hat = torch.sigmoid(l_hat_logits)
    return DetectorLoss(
        rec_d=rejection_reconstruction(l_hat, labels, mask),
        rec_z=semantic_reconstruction(h, h_hat),
        kl=kl_divergence(semantic, rejection),
        aux=auxiliary(d, labels, mask),
        any_rec_d=any_risk_loss(l_hat, unsafe),
        any_aux=any_risk_loss(d, unsafe),
    )
