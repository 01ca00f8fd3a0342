"""Configuration of the variational risk detector."""

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

from transformers import PretrainedConfig

from lance_graph.categories import KEYS

POOLINGS = ("mean", "first")
ANY_RISKS = ("smooth", "max", "noisy_or")
ANY_RISK_ROWS = ("all", "binary")
AUXILIARIES = ("expected", "sampled")
SHORTEST = 16
"""Least ``max_tokens``: below it a window holds hardly a clause, and harm is cut into harmless pieces."""
HIGHEST_FLOOR = 1.0
"""Above this floor no degree comes near 0 or 1, whatever the encoder reads."""


class PairConfig(PretrainedConfig):
    """What a model of pairs needs: an encoder, how it pools, its categories and how it is trained.

    ``encoder`` is the configuration of any Hugging Face encoder as a plain dict; ``pooling`` says
    how that encoder was trained to summarise a text (``"mean"`` of the tokens or ``"first"``).
    ``max_tokens`` is in tokens, for the pair and its special tokens together.
    ``any_risk`` is how the degrees become one risk for the binary label, ``any_risk_rows`` the rows
    that it trains, ``any_risk_weight`` its weight (`lance_graph.training.losses`).
    ``calibration`` is what `lance_graph.detector.calibration` found, None before it ran.
    ``languages`` are those that the encoder reads (ISO 639-1); None says nothing of it.
    ``reference`` is what known sentences scored when the weights were written: degrees before
    calibration, in the order of ``categories``.

    ValueError names a value with which no detector can work.
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
        languages: Sequence[str] | None = None,
        reference: Mapping[str, Sequence[float]] | None = None,
        **kwargs: Any,
    ) -> None:
        _check("pooling", pooling, POOLINGS)
        _check("any_risk", any_risk, ANY_RISKS)
        _check("any_risk_rows", any_risk_rows, ANY_RISK_ROWS)
        _check_whole("max_tokens", max_tokens, SHORTEST)
        _check_number("any_risk_weight", any_risk_weight, 0.0)
        _check_names("categories", categories)
        _check_names("languages", languages)
        self.encoder = encoder or {}
        self.categories = list(KEYS if categories is None else categories)
        _check_reference(reference, len(self.categories))
        self.pooling = pooling
        self.max_tokens = max_tokens
        self.any_risk = any_risk
        self.any_risk_rows = any_risk_rows
        self.any_risk_weight = any_risk_weight
        self.calibration = calibration
        self.languages = None if languages is None else list(languages)
        self.reference = None if reference is None else dict(reference)
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
        _check_whole("semantic_size", semantic_size, 1)
        _check_whole("decoder_size", decoder_size, 1)
        _check_number("beta_floor", beta_floor, 0.0, HIGHEST_FLOOR, inclusive=False)
        _check_weights(loss_weights)
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


def _check_whole(name: str, value: Any, least: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise ValueError(f"{name} is {value!r}; it must be a whole number of at least {least}")


def _check_number(
    name: str, value: Any, least: float, most: float | None = None, *, inclusive: bool = True
) -> None:
    number = isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
    low = number and (value >= least if inclusive else value > least)
    if not low or (most is not None and value > most):
        limits = f"{'at least' if inclusive else 'above'} {least:g}"
        limits += "" if most is None else f" and at most {most:g}"
        raise ValueError(f"{name} is {value!r}; it must be a finite number, {limits}")


def _check_weights(weights: Any) -> None:
    if not isinstance(weights, list | tuple) or len(weights) != 4:
        raise ValueError(f"loss_weights is {weights!r}; it must be the four weights w1 to w4")
    for weight in weights:
        _check_number("loss_weights", weight, 0.0)


def _check_names(name: str, value: Any) -> None:
    if value is None:
        return
    listed = isinstance(value, list | tuple) and value
    if not listed or not all(isinstance(one, str) and one.strip() for one in value):
        raise ValueError(f"{name} is {value!r}; it must be a list of names, or left out")
    if twice := sorted({one for one in value if value.count(one) > 1}):
        raise ValueError(f"{name} names {', '.join(map(repr, twice))} more than once")


def _check_reference(reference: Any, categories: int) -> None:
    if reference is None:
        return
    if not isinstance(reference, Mapping):
        raise ValueError(f"reference is {reference!r}; it must map sentences on degrees")
    for sentence, degrees in reference.items():
        if not isinstance(degrees, list | tuple) or len(degrees) != categories:
            raise ValueError(
                f"reference has no {categories} degrees, one a category, for {sentence!r}"
            )
        for degree in degrees:
            _check_number("reference", degree, 0.0, 1.0)
