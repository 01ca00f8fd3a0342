"""The losses of the contrastive stage, by hand and by their properties."""

import math

import pytest
import torch
from torch.nn import functional as F

from lance_graph.training.contrastive_losses import (
    circle_loss,
    pair_similarities,
    supervised_contrastive_loss,
)

NAN = math.nan


CLASSES = [1.0, 0.0, 1.0, 0.0, NAN, 0.0, 1.0, 0.0]


LOSSES = [circle_loss, supervised_contrastive_loss]


def batch(dtype=torch.float64, classes=CLASSES, size=6):
    torch.manual_seed(3)
    return torch.randn(len(classes), size, dtype=dtype), torch.tensor(classes, dtype=dtype)


def cosines(z):
    return [[float(F.cosine_similarity(a, b, dim=0)) for b in z] for a in z]


def circle_by_hand(z, classes, m, gamma):
    s, positive, negative = cosines(z), 0.0, 0.0
    for i in range(len(z)):
        for j in range(i + 1, len(z)):
            if math.isnan(classes[i]) or math.isnan(classes[j]):
                continue
            if classes[i] == classes[j]:
                weight = max(1 + m - s[i][j], 0)
                positive += math.exp(-gamma * weight * (s[i][j] - (1 - m)))
            else:
                weight = max(s[i][j] + m, 0)
                negative += math.exp(gamma * weight * (s[i][j] - m))
    return math.log(1 + positive * negative)


def supcon_by_hand(z, classes, tau):
    s, known = cosines(z), [i for i, c in enumerate(classes) if not math.isnan(c)]
    anchors = []
    for i in known:
        others = [a for a in known if a != i]
        positives = [p for p in others if classes[p] == classes[i]]
        if positives:
            total = sum(math.exp(s[i][a] / tau) for a in others)
            terms = [math.log(math.exp(s[i][p] / tau) / total) for p in positives]
            anchors.append(-sum(terms) / len(positives))
    return sum(anchors) / len(anchors)


@pytest.mark.parametrize(("margin", "scale"), [(0.25, 32.0), (0.4, 8.0), (0.1, 1.0)])
def test_circle_loss_is_equation_6(margin, scale):
    z, unsafe = batch()
    by_hand = circle_by_hand(z, unsafe.tolist(), margin, scale)
    assert float(circle_loss(z, unsafe, margin, scale)) == pytest.approx(by_hand, rel=1e-10)


@pytest.mark.parametrize("temperature", [0.07, 0.1, 1.0])
def test_supcon_is_equation_2(temperature):
    z, unsafe = batch()
    by_hand = supcon_by_hand(z, unsafe.tolist(), temperature)
    loss = supervised_contrastive_loss(z, unsafe, temperature)
    assert float(loss) == pytest.approx(by_hand, rel=1e-10)


@pytest.mark.parametrize("loss", LOSSES)
def test_neither_order_nor_names_of_classes_nor_length_of_vectors_matters(loss):
    z, unsafe = batch()
    order, lengths = torch.randperm(len(z)), torch.rand(len(z), 1).double() * 9 + 0.1
    expected = loss(z, unsafe)
    torch.testing.assert_close(loss(z[order], unsafe[order]), expected)
    torch.testing.assert_close(loss(z, 1 - unsafe), expected)
    torch.testing.assert_close(loss(z * lengths, unsafe), expected)


@pytest.mark.parametrize("loss", LOSSES)
def test_rows_of_unknown_class_are_in_no_pair(loss):
    z, unsafe = batch()
    known = ~unsafe.isnan()
    torch.testing.assert_close(loss(z, unsafe), loss(z[known], unsafe[known]))
    z.requires_grad_()
    loss(z, unsafe).backward()
    assert not z.grad[~known].any() and z.grad[known].abs().sum(-1).min() > 0


def test_pairs_are_symmetric_and_never_of_one_row():
    z, unsafe = batch()
    pairs = pair_similarities(z, unsafe)
    for matrix in (pairs.positive, pairs.negative, pairs.cosine):
        assert torch.equal(matrix, matrix.T)
    assert not (pairs.positive | pairs.negative).diagonal().any()
    assert not (pairs.positive & pairs.negative).any()


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize(
    "classes", [[1.0], [NAN, NAN, NAN], [1.0, 0.0], [1.0, NAN], [1.0, 1.0], [0.0] * 4]
)
def test_batches_without_positive_or_negative_pairs_are_finite(loss, classes):
    z, unsafe = batch(torch.float32, classes)
    z.requires_grad_()
    value = loss(z, unsafe)
    value.backward()
    assert value.isfinite() and z.grad.isfinite().all()
    one_class = loss is supervised_contrastive_loss and len(classes) > 1 and len(set(classes)) == 1
    if not (one_class and not math.isnan(classes[0])):  # eq. 2 sums over A(i), positives included
        assert value == 0 and not z.grad.any()


@pytest.mark.parametrize("loss", LOSSES)
def test_the_gradient_pulls_one_class_together_and_pushes_two_apart(loss):
    z = torch.eye(5, requires_grad=True)  # so that entry i, j of the gradient is along cosine i, j
    unsafe = torch.tensor([1.0, 1.0, 0.0, 0.0, 0.0])
    loss(z, unsafe).backward()
    pairs = pair_similarities(z, unsafe)
    assert (z.grad[pairs.positive] < 0).all() and (z.grad[pairs.negative] > 0).all()


@pytest.mark.parametrize("scale", [1.0, 32.0, 256.0])
def test_circle_loss_vanishes_on_separate_classes_and_is_large_on_mixed_ones(scale):
    unsafe = torch.tensor([1.0, 1.0, 0.0, 0.0])
    apart = torch.tensor([[1.0, 0], [1, 0], [-1, 0], [-1, 0]])
    mixed = torch.tensor([[1.0, 0], [-1, 0], [1, 0], [-1, 0]])
    # optimum: s_p = 1 gives exp(-g m^2), s_n = -1 has weight 0
    best = math.log1p(2 * math.exp(-scale * 0.25**2) * 4)
    assert float(circle_loss(apart, unsafe, 0.25, scale)) == pytest.approx(best, rel=1e-4)
    assert circle_loss(mixed, unsafe, 0.25, scale) > scale


def test_pairs_beyond_the_optimum_get_no_weight_in_circle_loss():
    z = torch.tensor([[1.0, 0.0], [1.0, 0.02], [-1.0, 0.1]], requires_grad=True)
    circle_loss(z, torch.tensor([1.0, 1.0, 0.0])).backward()
    assert not z.grad[2].any()  # s_n < -m


def test_supcon_reaches_its_bound_on_separate_classes():
    unsafe = torch.tensor([1.0] * 4 + [0.0] * 4)
    z = torch.stack([2 * unsafe - 1, torch.zeros(8)], -1)
    assert float(supervised_contrastive_loss(z, unsafe, 0.05)) == pytest.approx(math.log(3))
    everywhere = torch.ones(8, 2)
    assert float(supervised_contrastive_loss(everywhere, unsafe)) == pytest.approx(math.log(7))


@pytest.mark.parametrize("loss", LOSSES)
def test_float32_follows_float64_also_at_large_scales_and_under_autocast(loss):
    sharp = 256.0 if loss is circle_loss else 0.01
    arguments = (0.25, sharp) if loss is circle_loss else (sharp,)
    z, unsafe = batch(classes=[1.0, 0.0] * 32, size=48)
    exact = loss(z, unsafe, *arguments)
    small = z.float().requires_grad_()
    with torch.autocast("cpu", torch.bfloat16):
        rounded = loss(small, unsafe.float(), *arguments)
    rounded.backward()
    assert rounded.item() == pytest.approx(float(exact), rel=1e-4)
    assert small.grad.isfinite().all() and small.grad.any()


@pytest.mark.parametrize("loss", LOSSES)
def test_gradients_are_those_of_finite_differences(loss):
    z, unsafe = batch()
    z.requires_grad_()
    if loss is supervised_contrastive_loss:  # Circle's weights take no gradient by design
        assert torch.autograd.gradcheck(lambda x: loss(x, unsafe), z)
    for wrong in (unsafe[:-1], unsafe[None]):
        with pytest.raises(ValueError, match=r"do not fit"):
            loss(z, wrong)
