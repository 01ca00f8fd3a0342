"""The baseline: a plain multi-label classifier on the same encoder, rows and masks."""

import torch
from torch import Tensor, nn
from transformers import AutoConfig, AutoModel

from lance_graph.detector.config import RiskClassifierConfig
from lance_graph.detector.model import DetectorOutput, PairEncoder

EPS = 1e-6
CONCENTRATION = 1e4
"""alpha + beta of the Beta that stands for a point estimate: its standard deviation is below 0.005."""


class RiskClassifier(PairEncoder):
    """p_j = sigmoid(linear(h)_j), no latent, no spread."""

    config_class = RiskClassifierConfig

    def __init__(self, config: RiskClassifierConfig) -> None:
        super().__init__(config)
        self.head = nn.Linear(self.hidden_size, len(config.categories))
        self.post_init()  # type: ignore[no-untyped-call]

    def posteriors(self, h: Tensor) -> DetectorOutput:
        """A Beta with p_j as its mean and next to no spread.

        So whatever reads a detector's output reads a classifier's too.
        """
        p = torch.sigmoid(self.head(self.dropout(h)).float()).clamp(EPS, 1 - EPS)
        return DetectorOutput(alpha=CONCENTRATION * p, beta=CONCENTRATION * (1 - p))


AutoConfig.register(RiskClassifierConfig.model_type, RiskClassifierConfig, exist_ok=True)
AutoModel.register(RiskClassifierConfig, RiskClassifier, exist_ok=True)
