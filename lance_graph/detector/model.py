"""The variational risk detector as a transformers model (METHOD eqs. 4-9)."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.distributions import Beta, Normal
from transformers import AutoConfig, AutoModel, PreTrainedModel
from transformers.utils.generic import ModelOutput

from lance_graph.detector.config import LanceDetectorConfig
from lance_graph.detector.losses import DetectorLoss, detector_loss


@dataclass
class LanceDetectorOutput(ModelOutput):
    """What one forward pass gives: the two posteriors, and with labels the loss.

    ``alpha`` and ``beta`` [B, K] are the shape parameters of ``rejection``; ``terms`` holds the
    parts of eq. 16 by name.
    """

    loss: Tensor | None = None
    alpha: Tensor | None = None
    beta: Tensor | None = None
    terms: dict[str, Tensor] | None = None


class LanceDetector(PreTrainedModel):
    """q(z, d | x) = q(z | x) q(d | x): two parallel heads on one encoder (eq. 4)."""

    config_class = LanceDetectorConfig
    base_model_prefix = "lance"

    def __init__(self, config: LanceDetectorConfig) -> None:
        super().__init__(config)
        encoder_config = AutoConfig.for_model(**config.encoder)
        hidden, latent, size = encoder_config.hidden_size, config.semantic_size, config.decoder_size
        categories = len(config.categories)
        self.encoder = AutoModel.from_config(encoder_config, **_no_pooler(encoder_config))
        self.dropout = nn.Dropout(0.1)
        self.semantic_head = nn.Linear(hidden, 2 * latent)
        self.rejection_head = nn.Linear(hidden, 2 * categories)
        self.rejection_decoder = _mlp(categories, size, categories)
        self.semantic_decoder = _mlp(latent + categories, size, hidden)
        self.post_init()  # type: ignore[no-untyped-call]

    def _init_weights(self, module: nn.Module) -> None:
        if isinstance(module, nn.Linear):
            nn.init.normal_(module.weight, std=0.02)
            nn.init.zeros_(module.bias)

    def encode(self, **inputs: Tensor) -> Tensor:
        """Context feature h [B, H] of a batch of token ids [B, T] (pooled as the encoder was)."""
        if getattr(self.encoder.config, "type_vocab_size", 2) < 2:  # RoBERTa knows no segments
            inputs.pop("token_type_ids", None)
        states: Tensor = self.encoder(**inputs).last_hidden_state
        if self.config.pooling == "first":
            return states[:, 0]
        mask = inputs["attention_mask"].unsqueeze(-1).to(states.dtype)
        return (states * mask).sum(1) / mask.sum(1).clamp_min(1.0)

    def semantic(self, h: Tensor) -> Normal:
        """Eq. 5: q(z | x) = N(mu(h), diag sigma(h)^2), z in R^Z."""
        mu, log_sigma = self.semantic_head(h).float().chunk(2, dim=-1)
        return Normal(mu, log_sigma.clamp(-6.0, 4.0).exp())

    def rejection(self, h: Tensor) -> Beta:
        """Eq. 6: q(d_j | x) = Beta(alpha_j, beta_j), softplus(linear(h)) + floor each, d in (0,1)^K."""
        alpha, beta = self.rejection_head(h).float().chunk(2, dim=-1)
        floor = self.config.beta_floor
        return Beta(
            nn.functional.softplus(alpha) + floor,
            nn.functional.softplus(beta) + floor,
            validate_args=False,
        )

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
    ) -> LanceDetectorOutput:
        """Score a batch; with ``labels`` [B, K], ``label_mask`` [B, K] and ``unsafe`` [B] also train.

        ``unsafe`` is 1, 0, or NaN where the row's binary label adds nothing.
        """
        inputs = {
            "input_ids": input_ids,
            "inputs_embeds": inputs_embeds,
            "attention_mask": attention_mask,
            "token_type_ids": token_type_ids,
        }
        h = self.encode(**{name: value for name, value in inputs.items() if value is not None})
        rejection = self.rejection(self.dropout(h))
        output = LanceDetectorOutput(alpha=rejection.concentration1, beta=rejection.concentration0)
        if labels is not None:
            assert label_mask is not None and unsafe is not None
            loss = self._loss(h, rejection, labels, label_mask, unsafe)
            output.loss, output.terms = loss.total(self.config.loss_weights), loss.terms()
        return output

    def _loss(
        self, h: Tensor, rejection: Beta, labels: Tensor, mask: Tensor, unsafe: Tensor
    ) -> DetectorLoss:
        semantic = self.semantic(h)
        z, d = semantic.rsample(), rejection.rsample()
        l_hat_logits = self.rejection_decoder(d).float()
        h_hat = self.semantic_decoder(torch.cat([z, d], dim=-1)).float()
        return detector_loss(
            semantic, rejection, d, l_hat_logits, h.float(), h_hat, labels, mask, unsafe
        )


def _mlp(inputs: int, hidden: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(inputs, hidden), nn.GELU(), nn.Linear(hidden, outputs))


def _no_pooler(encoder_config: Any) -> dict[str, bool]:
    """BERT-like encoders carry a pooler that nothing here reads."""
    return {"add_pooling_layer": False} if encoder_config.model_type in ("bert", "roberta") else {}


AutoConfig.register(LanceDetectorConfig.model_type, LanceDetectorConfig, exist_ok=True)
AutoModel.register(LanceDetectorConfig, LanceDetector, exist_ok=True)
