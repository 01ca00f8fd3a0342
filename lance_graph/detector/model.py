"""The variational risk detector as a transformers model (METHOD eqs. 4-9)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.distributions import Beta, Normal
from transformers import AutoConfig, AutoModel, PreTrainedModel
from transformers.utils.generic import ModelOutput

from lance_graph.detector.config import LanceDetectorConfig, PairConfig


@dataclass
class DetectorOutput(ModelOutput):
    """What one forward pass gives: the two posteriors, and with an objective its loss.

    ``alpha`` and ``beta`` [B, K] are the shapes of ``rejection``, ``loc`` and ``scale`` [B, Z] those
    of ``semantic`` (None from a classifier); ``terms`` holds the parts of the loss by name; ``early``
    [B, H] is the pooled state of the layer that was asked for, ``states`` the hidden states [B, T, H] of
    the embeddings and all layers, where they were.
    """

    loss: Tensor | None = None
    alpha: Tensor | None = None
    beta: Tensor | None = None
    loc: Tensor | None = None
    scale: Tensor | None = None
    terms: dict[str, Tensor] | None = None
    early: Tensor | None = None
    states: tuple[Tensor, ...] | None = None

    @property
    def rejection(self) -> Beta:
        """q(d_j | x) = Beta(alpha_j, beta_j) [B, K] (eq. 6)."""
        assert self.alpha is not None and self.beta is not None
        return Beta(self.alpha, self.beta, validate_args=False)

    @property
    def semantic(self) -> Normal:
        """q(z | x) = N(mu, diag sigma^2) [B, Z] (eq. 5)."""
        assert self.loc is not None and self.scale is not None, (
            "a classifier has no semantic latent"
        )
        return Normal(self.loc, self.scale, validate_args=False)


Terms = dict[str, Tensor]
"""The parts of a loss by name, detached."""

Objective = Callable[..., tuple[Tensor, Terms]]
"""(the model, its h [B, H], its output, what is known of the batch) to the loss and its terms."""


class PairEncoder(PreTrainedModel):
    """A pretrained encoder and the pooling that turns a pair of texts into h (METHOD, notation).

    A subclass says what its heads make of h (`posteriors`). How they train is no business of the
    model: whoever trains it hands ``forward`` an objective.
    """

    base_model_prefix = "lance"

    def __init__(self, config: PairConfig) -> None:
        super().__init__(config)
        encoder_config = AutoConfig.for_model(**config.encoder)
        self.hidden_size = int(encoder_config.hidden_size)
        self.encoder = AutoModel.from_config(encoder_config, **_no_pooler(encoder_config))
        self.dropout = nn.Dropout(0.1)

    def forward(
        self,
        input_ids: Tensor | None = None,
        attention_mask: Tensor | None = None,
        token_type_ids: Tensor | None = None,
        inputs_embeds: Tensor | None = None,
        objective: Objective | None = None,
        early_layer: int | None = None,
        with_states: bool = False,
        **known: Any,
    ) -> DetectorOutput:
        """Score a batch; an ``objective`` is handed what is ``known`` of the batch, such as labels.

        ``early_layer`` also gives that layer's pooled state, ``with_states`` all hidden states, from
        the same pass.
        """
        h, early, states = self._encode(
            early_layer,
            with_states,
            input_ids=input_ids,
            inputs_embeds=inputs_embeds,
            attention_mask=attention_mask,
            token_type_ids=token_type_ids,
        )
        output = self.posteriors(h)
        output.early, output.states = early, states
        if objective is not None:
            output.loss, output.terms = objective(self, h, output, **known)
        return output

    def posteriors(self, h: Tensor) -> DetectorOutput:
        """What the heads make of h [B, H]."""
        raise NotImplementedError(f"{type(self).__name__} has no heads")

    def _init_weights(self, module: nn.Module) -> None:
        if isinstance(module, nn.Linear):
            nn.init.normal_(module.weight, std=0.02)
            nn.init.zeros_(module.bias)

    def encode(self, *, layer: int | None = None, **inputs: Tensor | None) -> Tensor:
        """Context feature h [B, H] of a batch of token ids [B, T] (pooled as the encoder was).

        ``layer`` pools an earlier hidden state: 1 that of the first layer, and so on.
        """
        last, early, _ = self._encode(layer, False, **inputs)
        return last if early is None else early

    def _encode(
        self, layer: int | None, with_states: bool, **inputs: Tensor | None
    ) -> tuple[Tensor, Tensor | None, tuple[Tensor, ...] | None]:
        """h, the pooled state of ``layer`` if one is named, all states if wanted, from one pass."""
        given = {name: value for name, value in inputs.items() if value is not None}
        if getattr(self.encoder.config, "type_vocab_size", 2) < 2:  # RoBERTa knows no segments
            given.pop("token_type_ids", None)
        output = self.encoder(**given, output_hidden_states=with_states or layer is not None)
        mask, how = given["attention_mask"], self.config.pooling
        early = None if layer is None else pool(output.hidden_states[layer], mask, how)
        return pool(output.last_hidden_state, mask, how), early, output.hidden_states


def pool(states: Tensor, attention_mask: Tensor, how: str) -> Tensor:
    """One vector [B, H] of the token states [B, T, H]: the first, or the mean over real tokens."""
    if how == "first":
        return states[:, 0]
    mask = attention_mask.unsqueeze(-1).to(states.dtype)
    return (states * mask).sum(1) / mask.sum(1).clamp_min(1.0)


def longest_input(encoder: nn.Module) -> int | None:
    """How many tokens an encoder has positions for; None if it has no table of them."""
    table = getattr(getattr(encoder, "embeddings", None), "position_embeddings", None)
    if not isinstance(table, nn.Embedding):
        return None
    unused = 0 if table.padding_idx is None else table.padding_idx + 1  # RoBERTa counts from there
    return table.num_embeddings - unused


class LanceDetector(PairEncoder):
    """q(z, d | x) = q(z | x) q(d | x): two parallel heads on one encoder (eq. 4)."""

    config_class = LanceDetectorConfig

    def __init__(self, config: LanceDetectorConfig) -> None:
        super().__init__(config)
        latent, size, categories = (
            config.semantic_size,
            config.decoder_size,
            len(config.categories),
        )
        self.semantic_head = nn.Linear(self.hidden_size, 2 * latent)
        self.rejection_head = nn.Linear(self.hidden_size, 2 * categories)
        self.rejection_decoder = _mlp(categories, size, categories)
        self.semantic_decoder = _mlp(latent + categories, size, self.hidden_size)
        self.post_init()  # type: ignore[no-untyped-call]

    def semantic(self, h: Tensor) -> Normal:
        """Eq. 5: q(z | x) = N(mu(h), diag sigma(h)^2), z in R^Z."""
        mu, log_sigma = self.semantic_head(h).float().chunk(2, dim=-1)
        return Normal(mu, log_sigma.clamp(-6.0, 4.0).exp(), validate_args=False)

    def rejection(self, h: Tensor) -> Beta:
        """Eq. 6: q(d_j | x) = Beta(alpha_j, beta_j), softplus(linear(h)) + floor each, d in (0,1)^K."""
        alpha, beta = self.rejection_head(h).float().chunk(2, dim=-1)
        floor = self.config.beta_floor
        return Beta(
            nn.functional.softplus(alpha) + floor,
            nn.functional.softplus(beta) + floor,
            validate_args=False,
        )

    def posteriors(self, h: Tensor) -> DetectorOutput:
        """Both heads on h [B, H]; dropout before the rejection head only."""
        semantic, rejection = self.semantic(h), self.rejection(self.dropout(h))
        return DetectorOutput(
            alpha=rejection.concentration1,
            beta=rejection.concentration0,
            loc=semantic.loc,
            scale=semantic.scale,
        )

    def decode(self, z: Tensor, d: Tensor) -> tuple[Tensor, Tensor]:
        """Eqs. 7 and 9: l_hat = sigmoid(MLP(d)) [B, K] and h_hat = MLP(z, d) [B, H]."""
        l_hat = torch.sigmoid(self.rejection_decoder(d).float())
        return l_hat, self.semantic_decoder(torch.cat([z, d], dim=-1)).float()


def _mlp(inputs: int, hidden: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(inputs, hidden), nn.GELU(), nn.Linear(hidden, outputs))


def _no_pooler(encoder_config: Any) -> dict[str, bool]:
    """BERT-like encoders carry a pooler that nothing here reads."""
    return {"add_pooling_layer": False} if encoder_config.model_type in ("bert", "roberta") else {}


AutoConfig.register(LanceDetectorConfig.model_type, LanceDetectorConfig, exist_ok=True)
AutoModel.register(LanceDetectorConfig, LanceDetector, exist_ok=True)
