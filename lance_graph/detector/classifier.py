"""The baseline: a plain multi-label classifier on the same encoder, rows and masks."""

from typing import Any

import torch
from torch import Tensor, nn
from transformers import AutoConfig, AutoModel

from lance_graph.detector import losses
from lance_graph.detector.config import RiskClassifierConfig
from lance_graph.detector.model import DetectorOutput, PairEncoder

CONCENTRATION = 1e4
"""alpha + beta of the Beta that stands for a point estimate: its standard deviation is below 0.005."""


class RiskClassifier(PairEncoder):
    """p_j = sigmoid(linear(h)_j), trained by binary cross entropy; no latent, no spread."""

    config_class = RiskClassifierConfig

    def __init__(self, config: RiskClassifierConfig) -> None:
        super().__init__(config)
        self.head = nn.Linear(self.hidden_size, len(config.categories))
        self.post_init()  # type: ignore[no-untyped-call]

    def forward(
        self,
        input_ids: Tensor | None = None,
        attention_mask: Tensor | None = None,
        token_type_ids: Tensor | None = None,
        inputs_embeds: Tensor | None = None,
        labels: Tensor | None = None,
        label_mask: Tensor | None = None,
        unsafe: Tensor | None = None,
        **_: Any,
    ) -> DetectorOutput:
        """Score a batch; arguments and masks as for `LanceDetector.forward`.

        The output's Beta has p_j as its mean and next to no spread, so that whatever reads a
        detector's output reads a classifier's too.
        """
        h = self.encode(
            input_ids=input_ids,
            inputs_embeds=inputs_embeds,
            attention_mask=attention_mask,
            token_type_ids=token_type_ids,
        )
        p = torch.sigmoid(self.head(self.dropout(h)).float()).clamp(losses.EPS, 1 - losses.EPS)
        output = DetectorOutput(alpha=CONCENTRATION * p, beta=CONCENTRATION * (1 - p))
        if labels is not None:
            assert label_mask is not None and unsafe is not None
            bce = losses.binary_cross_entropy(p, labels, label_mask)
            unsafe = self.binary_labels(unsafe, label_mask)
            any_bce = losses.any_risk_loss(p, labels, unsafe, self.config.any_risk)
            output.loss = bce + self.config.any_risk_weight * any_bce
            output.terms = {"bce": bce.detach(), "any_bce": any_bce.detach()}
        return output


AutoConfig.register(RiskClassifierConfig.model_type, RiskClassifierConfig, exist_ok=True)
AutoModel.register(RiskClassifierConfig, RiskClassifier, exist_ok=True)
