"""Contrastive losses on two classes of texts: one equation, one function.

``unsafe`` [B] is the class, 1 truly toxic, 0 seemingly toxic or harmless, NaN where nobody knows it:
such a row is in no pair. Embeddings [B, H] are normalised here, so that every similarity is a cosine,
and computed in float32 at least, also under autocast: a scale of 32 would magnify what bfloat16
rounds away.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F


@dataclass
class PairSimilarities:
    """Cosines of all rows of a batch with each other, and which pairs count as what, all [B, B].

    ``positive`` pairs are of one class, ``negative`` ones of two. Both masks are symmetric, empty on
    the diagonal and for rows of unknown class.
    """

    cosine: Tensor
    positive: Tensor
    negative: Tensor


def pair_similarities(embeddings: Tensor, unsafe: Tensor) -> PairSimilarities:
    """All pairs of a batch; ValueError where ``embeddings`` [B, H] and ``unsafe`` [B] do not fit."""
    if embeddings.ndim != 2 or unsafe.shape != embeddings.shape[:1]:
        raise ValueError(
            f"embeddings {list(embeddings.shape)} and unsafe {list(unsafe.shape)} do not fit; "
            "give [B, H] and [B]"
        )
    with torch.autocast(embeddings.device.type, enabled=False):
        z = F.normalize(embeddings.to(torch.promote_types(embeddings.dtype, torch.float32)), dim=-1)
        cosine = z @ z.T
    known = ~unsafe.isnan()
    pairs = known[:, None] & known[None, :]
    pairs.fill_diagonal_(False)
    same = unsafe[:, None] == unsafe[None, :]
    return PairSimilarities(cosine, positive=pairs & same, negative=pairs & ~same)


def circle_loss(
    embeddings: Tensor, unsafe: Tensor, margin: float = 0.25, scale: float = 32.0
) -> Tensor:
    """Circle loss over all pairs of the batch, each counted once (Sun et al. 2020, eqs. 5, 6 and 8).

    L = log[1 + sum_j exp(g a_n^j (s_n^j - m)) sum_i exp(-g a_p^i (s_p^i - 1 + m))], where s_p are
    the cosines of pairs of one class and s_n of two, m the margin and g the scale. The weights
    a_p = [1 + m - s_p]_+ and a_n = [s_n + m]_+ take no gradient: each pair is pulled as hard as it
    is far from its optimum. Scalar; 0 where a batch has no positive or no negative pair.
    arXiv 2002.10857.
    """
    pairs = pair_similarities(embeddings, unsafe)
    s = pairs.cosine
    a_p, a_n = (1 + margin - s.detach()).clamp_min(0), (s.detach() + margin).clamp_min(0)
    positives = _log_sum_exp(-scale * a_p * (s - 1 + margin), pairs.positive.triu(1), (0, 1))
    negatives = _log_sum_exp(scale * a_n * (s - margin), pairs.negative.triu(1), (0, 1))
    return F.softplus(positives + negatives)


def supervised_contrastive_loss(
    embeddings: Tensor, unsafe: Tensor, temperature: float = 0.1
) -> Tensor:
    """Supervised contrastive loss, L_out (Khosla et al. 2020, eq. 2), as the mean over anchors.

    L = sum_i -1/|P(i)| sum_{p in P(i)} log[exp(z_i z_p / t) / sum_{a in A(i)} exp(z_i z_a / t)]:
    P(i) are the other rows of the anchor's class, A(i) all other rows, t the temperature. Anchors
    without a P(i) are left out. Scalar; 0 where a batch has no positive pair, log |A| at the least
    where it has no negative one. arXiv 2004.11362.
    """
    pairs = pair_similarities(embeddings, unsafe)
    logits = pairs.cosine / temperature
    others = _log_sum_exp(logits, pairs.positive | pairs.negative, -1)
    positives = pairs.positive.to(logits.dtype)
    count = positives.sum(-1)
    mean_positive = (logits * positives).sum(-1) / count.clamp_min(1)
    anchors = count > 0
    per_anchor = torch.where(anchors, others - mean_positive, torch.zeros_like(others))
    return per_anchor.sum() / anchors.sum().clamp_min(1)


def _log_sum_exp(logits: Tensor, mask: Tensor, dims: int | tuple[int, int]) -> Tensor:
    """Log sum exp over masked entries; where there are none, so low that it and its gradient vanish.

    A finite fill, because the gradient of logsumexp over -inf alone is NaN.
    """
    lowest = torch.finfo(logits.dtype).min / 4
    return logits.masked_fill(~mask, lowest).logsumexp(dims)
