"""Configuration of the variational risk detector."""

from typing import Any

from transformers import PretrainedConfig

from lance_graph.categories import KEYS


class LanceDetectorConfig(PretrainedConfig):
    """Sizes, choices and loss weights of `LanceDetector`.

    ``encoder`` is the configuration of any Hugging Face encoder as a plain dict; ``pooling`` says
    how that encoder was trained to summarise a text (``"mean"`` of the tokens or ``"first"``).
    ``beta_floor`` is added to both shape parameters of the rejection head (eq. 6).
    ``loss_weights`` are w1..w4 of eq. 16: L_rec_d, L_rec_z, L_KL, L_aux.
    ``max_tokens`` is in tokens, for the pair and its special tokens together.
    """

    model_type = "lance_detector"

    def __init__(
        self,
        encoder: dict[str, Any] | None = None,
        categories: list[str] | None = None,
        pooling: str = "mean",
        semantic_size: int = 32,
        decoder_size: int = 256,
        beta_floor: float = 0.05,
        loss_weights: tuple[float, float, float, float] = (1.0, 0.1, 0.002, 1.0),
        max_tokens: int = 256,
        **kwargs: Any,
    ) -> None:
        if pooling not in ("mean", "first"):
            raise ValueError(f"pooling is {pooling!r}; it must be 'mean' or 'first'")
        self.encoder = encoder or {}
        self.categories = list(categories or KEYS)
        self.pooling = pooling
        self.semantic_size = semantic_size
        self.decoder_size = decoder_size
        self.beta_floor = beta_floor
        self.loss_weights = tuple(loss_weights)
        self.max_tokens = max_tokens
        super().__init__(**kwargs)
