"""What a row's wanted degree and its teachers add to eq. 16: one equation, one function (METHOD eqs. 17-19).

Both speak of E[d] [B, K], what the detector gives at inference, and of its `any_risk` [B]. A term is a
sum over its rows divided by the size B of the batch: such a row weighs as much as any other, however
many of them a batch holds, and a batch without one adds exactly 0.
"""

import torch
from torch import Tensor

from lance_graph.training.losses import EPS

SLOPE = 4.0
"""m of eq. 17. A logit rises at least four times as fast as its degree, so that degrees which are right
keep every margin up to this slope: order and calibration never ask for different things."""


def bernoulli_kl(p: Tensor, target: Tensor) -> Tensor:
    """KL(Bernoulli(target) || Bernoulli(p)), entry by entry; 0 where they agree.

    Its gradient is that of the cross entropy; the entropy of a soft target is left out of the log.
    """
    p = p.clamp(EPS, 1 - EPS)
    surprise = torch.xlogy(target, target / p)
    return surprise + torch.xlogy(1 - target, (1 - target) / (1 - p))


def ranking(risk: Tensor, degree: Tensor) -> Tensor:
    """Eq. 17: hinges on the logits of the any-risk [B] of all pairs whose wanted degrees [B] differ.

    L_rank = 1/B sum_i mean_{j: y_j != y_i} max(0, m |y_i - y_j| - sign(y_i - y_j) (s_i - s_j)) with
    s = logit risk, y = degree, m = `SLOPE`. Rows of NaN are in no pair.
    """
    s = torch.logit(risk, EPS)
    wanted = (degree[:, None] - degree[None, :]).nan_to_num(0.0)
    pairs = (wanted != 0).to(s.dtype)
    hinge = (SLOPE * wanted.abs() - wanted.sign() * (s[:, None] - s[None, :])).relu() * pairs
    return (hinge.sum(-1) / pairs.sum(-1).clamp_min(1.0)).sum() / len(degree)


def degree_pull(risk: Tensor, degree: Tensor) -> Tensor:
    """Eq. 18: L_pull = 1/B sum_i KL(y_i || any-risk_i) over rows with a wanted degree y_i [B]."""
    graded = ~degree.isnan()
    return _share(bernoulli_kl(risk, degree.nan_to_num(0.5)), graded)


def distillation(d: Tensor, risk: Tensor, taught: Tensor, rows: Tensor) -> Tensor:
    """Eq. 19: L_T = 1/B sum_i [1/K sum_j KL(t_ij || E[d_ij]) + KL(t_i || any-risk_i)].

    ``taught`` [B, K + 1] holds the teachers' t_ij of the degrees ``d`` [B, K] and at the end t_i of
    the any-risk ``risk`` [B]; the sum is over ``rows`` [B]. Hinton et al. 2015, arXiv 1503.02531, at
    temperature 1.
    """
    target = torch.where(rows.unsqueeze(-1), taught, 0.5)
    by_category = bernoulli_kl(d, target[:, :-1]).mean(-1)
    return _share(by_category + bernoulli_kl(risk, target[:, -1]), rows)


def _share(per_row: Tensor, rows: Tensor) -> Tensor:
    return (per_row * rows).sum() / len(rows)
