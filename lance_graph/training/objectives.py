"""What each model of pairs is trained by: eq. 16, or the baseline's cross entropy.

A `PairEncoder` knows no loss. Its ``forward`` takes one, `objective`, and calls it within the pass, so
that the decoders run under the same autocast and on the same device as the encoder.
"""

from typing import Any

from torch import Tensor

from lance_graph.detector.classifier import RiskClassifier
from lance_graph.detector.model import DetectorOutput, LanceDetector, PairEncoder, Terms
from lance_graph.training import losses

LABELS = ("labels", "label_mask", "unsafe")
"""What a batch says of its rows; `objective` tells what each means."""


def objective(
    model: PairEncoder,
    h: Tensor,
    output: DetectorOutput,
    *,
    labels: Tensor,
    label_mask: Tensor,
    unsafe: Tensor,
    kl_scale: float = 1.0,
    **_: Any,
) -> tuple[Tensor, Terms]:
    """The loss of a batch and its terms by name, detached.

    ``labels`` [B, K] and which of them are known, ``label_mask`` [B, K]; ``unsafe`` [B] is 1, 0, or
    NaN where the row as a whole has no label; ``kl_scale`` in [0, 1] warms w3 up.
    """
    unsafe = binary_labels(unsafe, label_mask, model.config.any_risk_rows)
    if isinstance(model, LanceDetector):
        return variational(model, h, output, labels, label_mask, unsafe, kl_scale)
    if isinstance(model, RiskClassifier):
        return cross_entropy(model, output, labels, label_mask, unsafe)
    raise TypeError(f"there is no objective for a {type(model).__name__}")


def binary_labels(unsafe: Tensor, mask: Tensor, rows: str) -> Tensor:
    """``unsafe`` [B], with NaN for rows with finer labels if only ``"binary"`` rows train it."""
    return unsafe if rows == "all" else unsafe.masked_fill(mask.any(-1), float("nan"))


def variational(
    model: LanceDetector,
    h: Tensor,
    output: DetectorOutput,
    labels: Tensor,
    mask: Tensor,
    unsafe: Tensor,
    kl_scale: float,
) -> tuple[Tensor, Terms]:
    """Eq. 16 and its terms, from one sample of z [B, Z] and d [B, K]."""
    config, semantic, rejection = model.config, output.semantic, output.rejection
    z, d = semantic.rsample(), rejection.rsample()
    l_hat, h_hat = model.decode(z, d)
    target = h.detach() if config.detach_features else h
    expected = config.auxiliary == "expected"
    loss = losses.DetectorLoss(
        rec_d=losses.rejection_reconstruction(l_hat, labels, mask),
        rec_z=losses.semantic_reconstruction(target.float(), h_hat),
        kl=losses.kl_divergence(semantic, rejection),
        aux=losses.expected_auxiliary(rejection, labels, mask)
        if expected
        else losses.auxiliary(d, labels, mask),
        any_rec_d=losses.any_risk_loss(l_hat, labels, unsafe, config.any_risk),
        any_aux=losses.any_risk_loss(
            rejection.mean if expected else d, labels, unsafe, config.any_risk
        ),
    )
    return loss.total(config.loss_weights, config.any_risk_weight, kl_scale), loss.terms()


def cross_entropy(
    model: RiskClassifier, output: DetectorOutput, labels: Tensor, mask: Tensor, unsafe: Tensor
) -> tuple[Tensor, Terms]:
    """Binary cross entropy of known labels and of the binary label, and both by name."""
    config, p = model.config, output.rejection.mean
    bce = losses.binary_cross_entropy(p, labels, mask)
    any_bce = losses.any_risk_loss(p, labels, unsafe, config.any_risk)
    loss: Tensor = bce + config.any_risk_weight * any_bce
    return loss, {"bce": bce.detach(), "any_bce": any_bce.detach()}
