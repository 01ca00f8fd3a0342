import pytest
import torch
from torch.distributions import Beta, Normal
from transformers import BertConfig

from lance_graph.detector.config import LanceDetectorConfig
from lance_graph.detector.model import DetectorOutput, LanceDetector, PairEncoder
from lance_graph.training import losses
from lance_graph.training.objectives import NO_GUIDANCE, Guidance, binary_labels, objective
from lance_graph.training.recipe import TrainingRecipe

B, T, K, Z, H = 3, 7, 14, 32, 16
NAN = float("nan")
HEADS = ("semantic_head", "rejection_head", "semantic_decoder", "rejection_decoder")


def new_model(**options):
    encoder = BertConfig(
        vocab_size=50,
        hidden_size=H,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=32,
    )
    torch.manual_seed(0)
    return LanceDetector(LanceDetectorConfig(encoder=encoder.to_dict(), **options))


@pytest.fixture
def batch():
    ids = torch.randint(5, 50, (B, T), generator=torch.Generator().manual_seed(1))
    mask = torch.ones(B, T, dtype=torch.long)
    mask[0, 4:] = 0
    return {"input_ids": ids, "attention_mask": mask, "token_type_ids": torch.zeros_like(ids)}


@pytest.fixture
def targets():
    return {
        "labels": torch.randint(2, (B, K), generator=torch.Generator().manual_seed(2)).float(),
        "label_mask": torch.ones(B, K),
        "unsafe": torch.tensor([1.0, NAN, NAN]),
    }


def loss_of(model, batch, targets, **options):
    torch.manual_seed(0)  # the same sample of z and d, the same dropout
    return model(**batch, **targets, objective=objective, **options)


def gradient_of_the_encoder(model):
    return model.encoder.embeddings.word_embeddings.weight.grad


@pytest.mark.parametrize("auxiliary", ["expected", "sampled"])
@pytest.mark.parametrize("any_risk", ["smooth", "max", "noisy_or"])
def test_every_head_gets_a_gradient(batch, targets, auxiliary, any_risk):
    model = new_model(auxiliary=auxiliary, any_risk=any_risk).train()
    model(**batch, **targets, objective=objective).loss.backward()
    for name, parameter in model.named_parameters():
        if name.startswith(HEADS):
            assert parameter.grad is not None and parameter.grad.abs().sum() > 0, name
    assert gradient_of_the_encoder(model).abs().sum() > 0


@pytest.mark.parametrize(
    ("term", "wanted"),
    [
        (0, {"rejection_head", "rejection_decoder"}),  # L_rec_d
        (1, {"semantic_head", "rejection_head", "semantic_decoder"}),  # L_rec_z
        (2, {"semantic_head", "rejection_head"}),  # L_KL
        (3, {"rejection_head"}),  # L_aux
    ],
)
def test_each_term_reaches_the_heads_that_it_reads(batch, targets, term, wanted):
    weights = [float(place == term) for place in range(4)]
    model = new_model(loss_weights=weights).train()
    model(**batch, **targets, objective=objective).loss.backward()
    trained = {n for n, p in model.named_parameters() if p.grad is not None and p.grad.any()}
    reached = {name.split(".")[0] for name in trained}
    assert reached == {*wanted, "encoder"}


@pytest.mark.parametrize("detach", [True, False])
def test_detached_features_are_a_fixed_target(batch, targets, detach):
    model = new_model(detach_features=detach, loss_weights=(0.0, 1.0, 0.0, 0.0)).train()
    for head in (model.semantic_head, model.rejection_head):  # only the target's path is left
        head.weight.data.zero_()
    loss_of(model, batch, targets).loss.backward()
    assert (gradient_of_the_encoder(model).abs().sum() == 0) == detach


def test_the_loss_is_the_weighted_sum_of_its_terms(batch, targets):
    weights = (1.0, 0.5, 0.25, 2.0)
    output = loss_of(new_model(loss_weights=weights).eval(), batch, targets)
    told = losses.DetectorLoss(**output.terms)
    torch.testing.assert_close(output.loss.detach(), told.total(weights))


def test_the_kl_term_is_that_of_the_outputs_distributions(batch, targets):
    output = loss_of(new_model().eval(), batch, targets)
    prior = Beta(torch.ones(B, K), torch.ones(B, K))
    rejection = torch.distributions.kl_divergence(output.rejection, prior).sum(-1)
    normal = Normal(torch.zeros(B, Z), torch.ones(B, Z))
    semantic = torch.distributions.kl_divergence(output.semantic, normal).sum(-1)
    expected = (semantic + rejection).mean()
    torch.testing.assert_close(output.terms["kl"], expected, rtol=1e-4, atol=1e-4)


def test_the_kl_scale_scales_the_kl_term(batch, targets):
    model = new_model(loss_weights=(1.0, 1.0, 3.0, 1.0)).eval()
    whole, half, none = (
        loss_of(model, batch, targets, kl_scale=scale) for scale in (1.0, 0.5, 0.0)
    )
    torch.testing.assert_close(whole.loss - none.loss, 3 * whole.terms["kl"])
    torch.testing.assert_close(whole.loss - half.loss, 1.5 * whole.terms["kl"])


def test_only_the_sampled_auxiliary_is_noisy(batch, targets):
    for auxiliary, noisy in (("expected", False), ("sampled", True)):
        model = new_model(auxiliary=auxiliary).eval()
        first, second = (model(**batch, **targets, objective=objective).terms for _ in range(2))
        assert bool(first["aux"] != second["aux"]) == noisy
        assert bool(first["any_aux"] != second["any_aux"]) == noisy


def test_binary_rows_alone_train_the_any_risk_if_so_told(targets):
    targets["unsafe"] = torch.tensor([1.0, 1.0, 1.0])
    targets["label_mask"][1:] = 0
    targets["label_mask"][2, 5] = 1  # one known category counts as finer than a binary label
    kept = binary_labels(targets["unsafe"], targets["label_mask"], "binary")
    assert kept.isnan().tolist() == [True, False, True]
    every = binary_labels(targets["unsafe"], targets["label_mask"], "all")
    assert not every.isnan().any()


def test_rows_without_any_label_train_nothing_but_the_latents(batch, targets):
    targets["label_mask"].zero_()
    targets["unsafe"].fill_(NAN)
    output = loss_of(new_model(), batch, targets)
    assert all(output.terms[name] == 0 for name in ("rec_d", "aux", "any_rec_d", "any_aux"))
    assert output.loss.isfinite() and output.loss > 0


def test_training_fits_the_degrees_to_the_labels(batch, targets):
    model = new_model().eval()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    for _ in range(100):
        optimizer.zero_grad()
        model(**batch, **targets, objective=objective).loss.backward()
        optimizer.step()
    degrees = model(**batch).rejection.mean
    assert ((degrees > 0.5).float() == targets["labels"]).float().mean() > 0.9


def test_the_loss_is_float32_under_autocast(batch, targets):
    with torch.autocast("cpu", dtype=torch.bfloat16):
        output = loss_of(new_model(), batch, targets)
    assert output.alpha.dtype == output.loss.dtype == torch.float32
    output.loss.backward()
    assert output.loss.isfinite()


def test_a_model_without_an_objective_is_refused(batch, targets):
    class Headless(PairEncoder):
        def posteriors(self, h):
            return DetectorOutput()

    model = Headless(new_model().config)
    with pytest.raises(TypeError, match="there is no objective for a Headless"):
        model(**batch, **targets, objective=objective)


def test_the_kind_of_rows_that_the_config_names_trains_the_any_risk(batch, targets):
    """All rows have finer labels here, so that with "binary" no row is left for it."""
    every, none = (
        loss_of(new_model(any_risk_rows=rows).eval(), batch, targets).terms["any_rec_d"]
        for rows in ("all", "binary")
    )
    assert every > 0 and none == 0


ALL_GUIDANCE = Guidance(degree=1.0, teacher=1.0)


def test_rows_that_are_not_graded_and_have_no_teacher_lose_what_they_lost(batch, targets):
    model = new_model().eval()
    nothing = {"degree": torch.full((B,), NAN), "taught": torch.full((B, K + 1), NAN)}
    before = loss_of(model, batch, targets)
    after = loss_of(model, batch, {**targets, **nothing}, guidance=ALL_GUIDANCE)
    assert torch.equal(before.loss, after.loss)
    assert after.terms["rank"] == after.terms["pull"] == after.terms["teacher"] == 0
    gradients = [
        torch.autograd.grad(one.loss, model.rejection_head.weight)[0] for one in (before, after)
    ]
    assert torch.equal(*gradients)


def test_guidance_adds_its_weighted_terms(batch, targets):
    model = new_model().eval()
    more = {"degree": torch.tensor([0.05, 0.9, NAN]), "taught": torch.full((B, K + 1), 0.3)}
    without = loss_of(model, batch, {**targets, **more}, guidance=NO_GUIDANCE)
    both = loss_of(model, batch, {**targets, **more}, guidance=Guidance(2.0, 3.0))
    assert {"rank", "pull", "teacher"} & without.terms.keys() == set()
    terms = both.terms
    assert min(terms["rank"], terms["pull"], terms["teacher"]) > 0
    added = 2 * (terms["rank"] + terms["pull"]) + 3 * terms["teacher"]
    torch.testing.assert_close(both.loss - without.loss, added)


def test_a_wanted_degree_outranks_a_teacher(batch, targets):
    model = new_model().eval()
    taught = {"taught": torch.full((B, K + 1), 0.3)}
    graded = {**taught, "degree": torch.tensor([0.5, 0.5, 0.5])}
    assert loss_of(model, batch, {**targets, **graded}, guidance=ALL_GUIDANCE).terms["teacher"] == 0
    assert loss_of(model, batch, {**targets, **taught}, guidance=ALL_GUIDANCE).terms["teacher"] > 0


@pytest.mark.parametrize("w3", [0.02, 0.1])
def test_any_weight_of_the_kl_term_trains(batch, targets, w3):
    model = new_model(loss_weights=(1.0, 0.1, w3, 1.0)).eval()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    first = loss_of(model, batch, targets).loss.item()
    for _ in range(30):
        optimizer.zero_grad()
        loss_of(model, batch, targets).loss.backward()
        optimizer.step()
    assert loss_of(model, batch, targets).loss.item() < first


def test_teachers_weigh_nothing_in_a_recipe_that_names_none():
    told = {
        "data": "d",
        "output": "o",
        "degree_weight": 2.0,
        "teacher_weight": 3.0,
        "label_share": 0.5,
    }
    assert Guidance.of(TrainingRecipe(**told)) == Guidance(2.0, 0.0, 1.0)
    assert Guidance.of(TrainingRecipe(**told, teachers=("t",))) == Guidance(2.0, 3.0, 0.5)
