"""The baseline: a plain multi-label classifier on the same encoder, rows and masks."""

import torch
from torch import Tensor, nn
from transformers import AutoConfig, AutoModel

from lance_graph.detector import losses
from lance_graph.detector.config import RiskClassifierConfig
from lance_graph.detector.model import DetectorOutput, PairEncoder, Targets

CONCENTRATION = 1e4
"""alpha + beta of the Beta that stands for a point estimate: its standard deviation is below 0.005."""


class RiskClassifier(PairEncoder):
    """p_j = sigmoid(linear(h)_j), trained by binary cross entropy; no latent, no spread."""

    config_class = RiskClassifierConfig

    def __init__(self, config: RiskClassifierConfig) -> None:
        super().__init__(config)
        self.head = nn.Linear(self.hidden_size, len(config.categories))
        self.post_init()  # type: ignore[no-untyped-call]

    def posteriors(self, h: Tensor) -> DetectorOutput:
        """A Beta with p_j as its mean and next to no spread.

        So whatever reads a detector's output reads a classifier's too.
        """
        p = torch.sigmoid(self.head(self.dropout(h)).float()).clamp(losses.EPS, 1 - losses.EPS)
        return DetectorOutput(alpha=CONCENTRATION * p, beta=CONCENTRATION * (1 - p))

    def objective(
        self, h: Tensor, output: DetectorOutput, targets: Targets, kl_scale: float
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """Binary cross entropy of known labels and of the binary label."""
        p, (labels, mask, unsafe) = output.rejection.mean, targets
        bce = losses.binary_cross_entropy(p, labels, mask)
        any_bce = losses.any_risk_loss(p, labels, unsafe, self.config.any_risk)
        loss = bce + self.config.any_risk_weight * any_bce
        return loss, {"bce": bce.detach(), "any_bce": any_bce.detach()}


AutoConfig.register(RiskClassifierConfig.model_type, RiskClassifierConfig, exist_ok=True)
AutoModel.register(RiskClassifierConfig, RiskClassifier, exist_ok=True)
