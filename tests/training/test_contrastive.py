import json
import math
from collections import Counter

import pytest
import torch
from safetensors.torch import load_file
from torch.nn import functional as F
from transformers import AutoConfig, AutoModel, AutoTokenizer, TrainerCallback

from lance_graph.detector.detector import RiskDetector
from lance_graph.training.contrastive import (
    ContrastiveEncoder,
    PairsCollator,
    load_pairs,
    train_contrastive,
)
from lance_graph.training.contrastive_losses import (
    circle_loss,
    pair_similarities,
    supervised_contrastive_loss,
)
from lance_graph.training.data.example import Example
from lance_graph.training.data.mix import held_out_rows
from lance_graph.training.data.opposites import kindred_rows, opposite_pairs
from lance_graph.training.data.twins import written_rows
from lance_graph.training.models import new_model
from lance_graph.training.recipe import TrainingRecipe, read_recipe
from lance_graph.training.run_folder import last_checkpoint
from lance_graph.training.training import train

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


def row(prompt, unsafe):
    return Example.binary(prompt, None) if unsafe else Example.full(prompt, None, ())


def test_twins_share_a_pair_and_the_rest_meets_the_other_class():
    twins = [(f"twin {n}", row(f"{n} {side}", side)) for n in range(20) for side in (True, False)]
    alone = [("benign", row(f"alone {n}", False)) for n in range(30)]
    unknown = Example("?", None, (0.0,) * 14, (0.0,) * 14)
    pairs = opposite_pairs([*twins, *alone, ("?", unknown)], seed=1)
    assert all((unsafe.unsafe, safe.unsafe) == (1.0, 0.0) for unsafe, safe in pairs)
    prompts = Counter(example.prompt for pair in pairs for example in pair)
    assert {example.prompt for _, example in twins + alone} == set(prompts)
    together = {(unsafe.prompt, safe.prompt) for unsafe, safe in pairs}
    assert all((f"{n} True", f"{n} False") in together for n in range(20))
    assert len(pairs) == 50 and all(prompts[f"alone {n}"] == 1 for n in range(30))
    assert pairs == opposite_pairs([*twins, *alone], seed=1)
    assert pairs != opposite_pairs([*twins, *alone], seed=2)


def test_one_class_alone_is_refused():
    with pytest.raises(ValueError, match="0 unsafe rows and 1 safe ones"):
        opposite_pairs([("x", row("hello", False))], seed=0)


def test_written_twins_carry_one_key():
    lines = {}
    for written in written_rows():
        lines.setdefault(written["twin"], []).append(written["is_safe"])
    assert all(sorted(sides) in ([False], [True], [False, True]) for sides in lines.values())
    assert sum(len(sides) == 2 for sides in lines.values()) > 1000


@pytest.fixture
def rows_file(tmp_path):
    """Prompts with an answer of each class: natural twins."""
    path = tmp_path / "rows.jsonl"
    lines = [
        {"prompt": f"how do i {verb} {n}", "response": answer, "is_safe": answer == "please do not"}
        for n in range(24)
        for verb in ("bake bread", "walk the cat")
        for answer in ("please do not", "make it hurt")
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


@pytest.fixture
def encoder(tiny_checkpoint, tmp_path):
    """A bare encoder of three layers with the tiny checkpoint's tokenizer."""
    folder = tmp_path / "encoder"
    detector = RiskDetector.from_pretrained(tiny_checkpoint)
    config = AutoConfig.for_model(**{**detector.model.config.encoder, "num_hidden_layers": 3})
    torch.manual_seed(0)
    AutoModel.from_config(config).save_pretrained(folder)
    detector.tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture
def recipe(rows_file, encoder, tmp_path):
    def with_changes(**changes):
        settings = {
            "data": str(rows_file),
            "encoder": str(encoder),
            "output": str(tmp_path / "refined"),
            "stage": "contrastive",
            "epochs": 4,
            "batch_size": 16,
            "max_tokens": 32,
            "encoder_learning_rate": 3e-3,
            "hidden_dropout": 0.0,
        }
        return TrainingRecipe(**{**settings, **changes})

    return with_changes


def gap(folder, recipe, layer=None):
    """Mean cosine of pairs of one class less that of pairs of two."""
    start = recipe.model_copy(update={"encoder": str(folder)})
    model = ContrastiveEncoder(new_model(start), start).eval()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    inputs = PairsCollator(tokenizer, recipe.max_tokens)(load_pairs(recipe))
    given = {name: inputs[name] for name in ("input_ids", "attention_mask", "token_type_ids")}
    with torch.no_grad():
        pairs = pair_similarities(model.encode(layer=layer, **given), inputs["unsafe"])
    return float(pairs.cosine[pairs.positive].mean() - pairs.cosine[pairs.negative].mean())


@pytest.mark.parametrize("loss", ["circle", "supcon"])
def test_the_stage_separates_and_the_main_stage_starts_from_it(recipe, encoder, tmp_path, loss):
    stage = recipe(contrastive_loss=loss)
    folder = train_contrastive(stage)
    assert gap(folder, stage) > gap(encoder, stage) + 0.2
    assert read_recipe(folder / "recipe.json") == stage
    before, after = (load_file(path / "model.safetensors") for path in (encoder, folder))
    fixed = "embeddings.word_embeddings.weight"
    assert torch.equal(before[fixed], after[fixed])
    assert any(not torch.equal(before[name], after[name]) for name in after)
    main = recipe(encoder=str(folder), stage="main", epochs=1, output=str(tmp_path / "detector"))
    start = new_model(main).encoder.state_dict()
    assert all(torch.equal(start[name], tensor) for name, tensor in after.items())
    (score,) = RiskDetector.from_pretrained(train(main)).score(["how do i bake bread"])
    assert 0 < score.max_risk < 1


def test_an_earlier_layer_is_trained_alone(recipe, encoder):
    stage = recipe(contrastive_layer=2, output=recipe().output + "_2")
    folder = train_contrastive(stage)
    assert gap(folder, stage, layer=2) > gap(encoder, stage, layer=2) + 0.2
    before, after = (load_file(path / "model.safetensors") for path in (encoder, folder))
    changed = {name for name in after if not torch.equal(before[name], after[name])}
    assert any("layer.1." in name for name in changed)
    assert not any("layer.2." in name for name in changed)


def test_a_trained_detector_gives_its_encoder(recipe, tiny_checkpoint):
    folder = train_contrastive(recipe(encoder=str(tiny_checkpoint), epochs=1))
    assert AutoConfig.from_pretrained(folder).model_type == "bert"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"batch_size": 15}, "batch_size is 15"),
        ({"batch_size": 2}, "batch_size is 2"),
        ({"contrastive_layer": 4}, "contrastive_layer is 4, but .* has 3 layers"),
    ],
)
def test_wrong_settings_are_named(recipe, changes, message):
    with pytest.raises(ValueError, match=message):
        train_contrastive(recipe(**changes))


def test_limit_counts_rows_and_keeps_both_classes(recipe):
    pairs = load_pairs(recipe(limit=21))
    assert len(pairs) == 10
    assert all(unsafe.prompt == safe.prompt for unsafe, safe in pairs)  # two answers to one prompt


class Killed(Exception):
    pass


class Kill(TrainerCallback):
    """Ends a run in the middle, after a checkpoint."""

    def on_step_end(self, args, state, control, **_):
        if state.global_step == 9:
            raise Killed


def test_a_killed_stage_goes_on_to_the_same_weights(recipe, tmp_path):
    stage = recipe(epochs=2, hidden_dropout=0.1)
    whole = load_file(train(stage) / "model.safetensors")
    again = stage.model_copy(update={"output": str(tmp_path / "again")})
    with pytest.raises(Killed):
        train(again, callbacks=[Kill()])
    assert last_checkpoint(tmp_path / "again") is not None
    resumed = load_file(train(again, resume=True) / "model.safetensors")
    assert all(torch.equal(whole[name], resumed[name]) for name in whole)
    with pytest.raises(FileExistsError, match="a finished run"):
        train(again)


def test_research_rows_keep_clear_of_what_is_held_out(shared_data):
    quotas = {"contrasts": 300, "benign_prompts": 100, "pairs": 5}
    rows = list(kindred_rows(shared_data, quotas, 0.1, 13))
    sides = held_out_rows(shared_data, 0.1, 13).values()
    held = {row.prompt for rows in sides for row in rows}
    assert held.isdisjoint({row.prompt for _, row in rows})
    kinds = Counter(kin.partition(":")[0] for kin, _ in rows)
    assert kinds["contrasts"] == 300 and 80 <= kinds["benign"] <= 100
    assert kinds["judged"] > 3000 and len(kinds) > 5
    pairs = opposite_pairs(rows, 13)
    assert {row.prompt for _, row in rows} == {row.prompt for pair in pairs for row in pair}
    assert len(pairs) < 0.75 * len(rows)
    with pytest.raises(ValueError, match="'twin' is no kind"):
        list(kindred_rows(shared_data, {"twin": 1}, 0.1, 13))
