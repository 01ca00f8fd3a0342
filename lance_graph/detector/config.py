"""Configuration of the variational risk detector."""

from collections.abc import Sequence
from typing import Any

from transformers import PretrainedConfig

from lance_graph.categories import KEYS

POOLINGS = ("mean", "first")
ANY_RISKS = ("smooth", "max", "noisy_or")
ANY_RISK_ROWS = ("all", "binary")
AUXILIARIES = ("expected", "sampled")


class PairConfig(PretrainedConfig):
    """What a model of pairs needs: an encoder, how it pools, its categories and how it is trained.

    ``encoder`` is the configuration of any Hugging Face encoder as a plain dict; ``pooling`` says
    how that encoder was trained to summarise a text (``"mean"`` of the tokens or ``"first"``).
    ``max_tokens`` is in tokens, for the pair and its special tokens together.
    ``any_risk`` is how the degrees become one risk for the binary label, ``any_risk_rows`` the rows
    that it trains, ``any_risk_weight`` its weight (`lance_graph.detector.losses`).
    ``calibration`` is what `lance_graph.detector.calibration` found, None before it ran.
    """

    def __init__(
        self,
        encoder: dict[str, Any] | None = None,
        categories: Sequence[str] | None = None,
        pooling: str = "mean",
        max_tokens: int = 256,
        any_risk: str = "smooth",
        any_risk_rows: str = "all",
        any_risk_weight: float = 1.0,
        calibration: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        _check("pooling", pooling, POOLINGS)
        _check("any_risk", any_risk, ANY_RISKS)
        _check("any_risk_rows", any_risk_rows, ANY_RISK_ROWS)
        self.encoder = encoder or {}
        self.categories = list(categories or KEYS)
        self.pooling = pooling
        self.max_tokens = max_tokens
        self.any_risk = any_risk
        self.any_risk_rows = any_risk_rows
        self.any_risk_weight = any_risk_weight
        self.calibration = calibration
        super().__init__(**kwargs)


class LanceDetectorConfig(PairConfig):
    """Sizes, choices and loss weights of `LanceDetector`.

    ``beta_floor`` is added to both shape parameters of the rejection head (eq. 6).
    ``loss_weights`` are w1..w4 of eq. 16: L_rec_d, L_rec_z, L_KL, L_aux.
    ``auxiliary`` takes eq. 15 at a sample of d, or its expectation under q(d | x) in closed form.
    ``detach_features`` makes h a fixed target in eq. 10, so that it cannot shrink to please h_hat.
    """

    model_type = "lance_detector"

    def __init__(
        self,
        semantic_size: int = 32,
        decoder_size: int = 256,
        beta_floor: float = 0.05,
        loss_weights: Sequence[float] = (1.0, 0.1, 0.002, 1.0),
        auxiliary: str = "expected",
        detach_features: bool = True,
        **kwargs: Any,
    ) -> None:
        _check("auxiliary", auxiliary, AUXILIARIES)
        self.semantic_size = semantic_size
        self.decoder_size = decoder_size
        self.beta_floor = beta_floor
        self.loss_weights = tuple(loss_weights)
        self.auxiliary = auxiliary
        self.detach_features = detach_features
        super().__init__(**kwargs)


class RiskClassifierConfig(PairConfig):
    """The plain multi-label classifier that label enhancement is compared with."""

    model_type = "lance_risk_classifier"

    def __init__(self, **kwargs: Any) -> None:  # without one transformers makes one of its own
        super().__init__(**kwargs)


def _check(name: str, value: str, allowed: Sequence[str]) -> None:
    if value not in allowed:
        raise ValueError(f"{name} is {value!r}; it must be one of {', '.join(map(repr, allowed))}")
