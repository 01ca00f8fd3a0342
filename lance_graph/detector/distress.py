"""The distress head: statements of danger to oneself, read from an early layer of the encoder.

The rejection head learned from requests; who writes "nobody would notice if I were gone" requests
nothing. A checkpoint may bring a small network for that, `FILE`, on the pooled hidden state of
``layer``, which the detector's own forward pass gives. It can only raise the degree of self_harm.
"""

from collections.abc import Sequence
from math import isnan
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from lance_graph.scores import RiskScore

FILE = "distress.safetensors"
CATEGORY = "self_harm"
HIGHEST = 1 - 1e-6


class DistressHead(nn.Module):
    """P(the writer or someone near is in danger from themselves | pooled state [B, H]).

    ``layer`` counts the encoder's hidden states as transformers does: 1 is that of the first layer.
    """

    def __init__(self, hidden_size: int, units: int, layer: int) -> None:
        super().__init__()
        self.layer = layer
        self.inner = nn.Linear(hidden_size, units)
        self.outer = nn.Linear(units, 1)

    def forward(self, state: Tensor) -> Tensor:
        """Degrees [B] in (0, 1) of pooled states [B, H]."""
        return torch.sigmoid(self.log_odds(state))

    def log_odds(self, state: Tensor) -> Tensor:
        """The logits [B] of those degrees."""
        inner: Tensor = nn.functional.gelu(self.inner(state.float()))
        odds: Tensor = self.outer(inner).squeeze(-1)
        return odds


def load_head(
    folder: str | Path, hidden_size: int, layers: int, categories: Sequence[str]
) -> DistressHead | None:
    """The head in a checkpoint folder, None if it brings none; ValueError if it does not fit."""
    path = Path(folder) / FILE
    if not path.is_file():
        return None
    try:
        with safe_open(str(path), "pt") as stored:
            weights = {name: stored.get_tensor(name).float() for name in stored.keys()}  # noqa: SIM118  # no dict
            layer = int((stored.metadata() or {})["layer"])
        head = DistressHead(hidden_size, len(weights["inner.bias"]), layer)
        head.load_state_dict(weights)
    except (SafetensorError, KeyError, RuntimeError, ValueError) as error:
        raise ValueError(f"{path} is no distress head of this encoder: {error}") from error
    if not 1 <= layer <= layers or not all(w.isfinite().all() for w in weights.values()):
        raise ValueError(
            f"{path} reads layer {layer} of {layers}, or holds weights that are no numbers"
        )
    if CATEGORY not in categories:
        raise ValueError(f"{path} raises {CATEGORY!r}, which the checkpoint does not score")
    head.train(False)
    return head


def raised(score: RiskScore, degree: float) -> RiskScore:
    """``score`` with the mean of self_harm at least ``degree`` and the same alpha + beta.

    A degree that is no number stays visible as one.
    """
    place = score.categories.index(CATEGORY)
    alpha, beta = score.alpha[place], score.beta[place]
    if not isnan(degree) and alpha / (alpha + beta) >= degree:
        return score
    mean = degree if isnan(degree) else min(degree, HIGHEST)
    total = alpha + beta
    return RiskScore(
        score.categories,
        (*score.alpha[:place], total * mean, *score.alpha[place + 1 :]),
        (*score.beta[:place], total * (1 - mean), *score.beta[place + 1 :]),
    )
