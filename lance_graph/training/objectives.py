"""What each model of pairs is trained by: eq. 16, or the baseline's cross entropy; and guidance.

A `PairEncoder` knows no loss. Its ``forward`` takes one, `objective`, and calls it within the pass, so
that the decoders run under the same autocast and on the same device as the encoder.
"""

from dataclasses import dataclass
from typing import Any

from torch import Tensor

from lance_graph.detector.classifier import RiskClassifier
from lance_graph.detector.model import DetectorOutput, LanceDetector, PairEncoder, Terms
from lance_graph.training import guidance_losses, losses
from lance_graph.training.recipe import TrainingRecipe

LABELS = ("labels", "label_mask", "unsafe")
"""What a batch says of its rows' labels; `objective` tells what each means."""


@dataclass(frozen=True)
class Guidance:
    """How much wanted degrees and teachers count beside eq. 16, and the labels beside teachers.

    A weight of 0 leaves its terms out.
    """

    degree: float = 0.0
    teacher: float = 0.0
    label_share: float = 1.0

    @classmethod
    def of(cls, recipe: TrainingRecipe) -> "Guidance":
        """The recipe's weights; those of teachers count only where it names one."""
        if not recipe.teachers:
            return cls(recipe.degree_weight)
        return cls(recipe.degree_weight, recipe.teacher_weight, recipe.label_share)


NO_GUIDANCE = Guidance()


def objective(
    model: PairEncoder,
    h: Tensor,
    output: DetectorOutput,
    *,
    labels: Tensor,
    label_mask: Tensor,
    unsafe: Tensor,
    degree: Tensor | None = None,
    taught: Tensor | None = None,
    guidance: Guidance = NO_GUIDANCE,
    kl_scale: float = 1.0,
    **_: Any,
) -> tuple[Tensor, Terms]:
    """The loss of a batch and its terms by name, detached.

    ``labels`` [B, K] and which of them are known, ``label_mask`` [B, K]; ``unsafe`` [B] is 1, 0, soft
    in between, or NaN where the row as a whole has no label; ``degree`` [B] the wanted degree of a
    graded row and ``taught`` [B, K + 1] what teachers say, both NaN elsewhere; ``kl_scale`` in
    [0, 1] warms w3 up.
    """
    unsafe = binary_labels(unsafe, label_mask, model.config.any_risk_rows)
    share = guidance.label_share
    if isinstance(model, LanceDetector):
        loss, terms = variational(model, h, output, labels, label_mask, unsafe, kl_scale, share)
    elif isinstance(model, RiskClassifier):
        loss, terms = cross_entropy(model, output, labels, label_mask, unsafe, share)
    else:
        raise TypeError(f"there is no objective for a {type(model).__name__}")
    guided, told = guiding(output.rejection.mean, degree, taught, model.config.any_risk, guidance)
    return loss + guided, {**terms, **told}


def binary_labels(unsafe: Tensor, mask: Tensor, rows: str) -> Tensor:
    """``unsafe`` [B], with NaN for rows with finer labels if only ``"binary"`` rows train it."""
    return unsafe if rows == "all" else unsafe.masked_fill(mask.any(-1), float("nan"))


def guiding(
    d: Tensor, degree: Tensor | None, taught: Tensor | None, any_risk: str, weights: Guidance
) -> tuple[Tensor | float, Terms]:
    """Eqs. 17 to 19, weighted, on E[d] [B, K]; a wanted degree outranks a teacher."""
    loss: Tensor | float = 0.0
    terms: Terms = {}
    risk = losses.any_risk(d, any_risk)
    if weights.degree and degree is not None:
        terms["rank"] = guidance_losses.ranking(risk, degree)
        terms["pull"] = guidance_losses.degree_pull(risk, degree)
        loss = weights.degree * (terms["rank"] + terms["pull"])
    if weights.teacher and taught is not None:
        rows = ~taught.isnan().any(-1)
        if degree is not None:
            rows = rows & degree.isnan()
        terms["teacher"] = guidance_losses.distillation(d, risk, taught, rows)
        loss = loss + weights.teacher * terms["teacher"]
    return loss, {name: term.detach() for name, term in terms.items()}


def variational(
    model: LanceDetector,
    h: Tensor,
    output: DetectorOutput,
    labels: Tensor,
    mask: Tensor,
    unsafe: Tensor,
    kl_scale: float,
    label_share: float = 1.0,
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
    total = loss.total(config.loss_weights, config.any_risk_weight, kl_scale, label_share)
    return total, loss.terms()


def cross_entropy(
    model: RiskClassifier,
    output: DetectorOutput,
    labels: Tensor,
    mask: Tensor,
    unsafe: Tensor,
    label_share: float = 1.0,
) -> tuple[Tensor, Terms]:
    """Binary cross entropy of known labels and of the binary label, and both by name."""
    config, p = model.config, output.rejection.mean
    bce = losses.binary_cross_entropy(p, labels, mask)
    any_bce = losses.any_risk_loss(p, labels, unsafe, config.any_risk)
    loss: Tensor = label_share * (bce + config.any_risk_weight * any_bce)
    return loss, {"bce": bce.detach(), "any_bce": any_bce.detach()}
