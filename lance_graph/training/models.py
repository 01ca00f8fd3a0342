"""The model that a run starts from: a pretrained encoder under new heads, or a whole checkpoint."""

from collections.abc import Sequence
from typing import Any, cast

import torch
from torch import nn
from transformers import AutoConfig, AutoModel, PretrainedConfig, PreTrainedModel

from lance_graph.detector.classifier import RiskClassifier
from lance_graph.detector.config import LanceDetectorConfig, PairConfig, RiskClassifierConfig
from lance_graph.detector.model import LanceDetector, PairEncoder, longest_input
from lance_graph.training.recipe import TrainingRecipe

OF_TRAINING = (
    "max_tokens", "any_risk", "any_risk_rows", "any_risk_weight", "loss_weights", "auxiliary",
    "detach_features",
)  # fmt: skip
"""Fields of a model's configuration that a later stage may change."""


def new_model(recipe: TrainingRecipe) -> PairEncoder:
    """The recipe's model: its encoder starts from pretrained weights, or all of it from a checkpoint."""
    encoder_config = AutoConfig.from_pretrained(recipe.encoder_source)
    if isinstance(encoder_config, PairConfig):
        return _prepared(_trained(encoder_config, recipe), recipe)
    model = random_model(encoder_config, recipe)
    loading: Any = AutoModel.from_pretrained(recipe.encoder_source, output_loading_info=True)
    pretrained, loaded = loading
    missing, _ = model.encoder.load_state_dict(pretrained.state_dict(), strict=False)
    initialised = set(loaded["missing_keys"]) & set(model.encoder.state_dict())
    _check_whole([*missing, *sorted(initialised)], recipe)
    return _prepared(model, recipe)


def random_model(encoder_config: PretrainedConfig, recipe: TrainingRecipe) -> PairEncoder:
    """The recipe's model on such an encoder, with the recipe's dropout and all weights random."""
    encoder_config.attention_probs_dropout_prob = 0.0  # dropout there costs a third of a CPU step
    encoder_config.hidden_dropout_prob = recipe.hidden_dropout
    shared: dict[str, Any] = {
        "encoder": {k: v for k, v in encoder_config.to_dict().items() if k != "_name_or_path"},
        "pooling": recipe.pooling,
        "max_tokens": recipe.max_tokens,
        "any_risk": recipe.any_risk,
        "any_risk_rows": recipe.any_risk_rows,
        "any_risk_weight": recipe.any_risk_weight,
    }
    if recipe.objective == "classifier":
        return RiskClassifier(RiskClassifierConfig(**shared))
    return LanceDetector(
        LanceDetectorConfig(
            semantic_size=recipe.semantic_size,
            beta_floor=recipe.beta_floor,
            loss_weights=recipe.loss_weights,
            auxiliary=recipe.auxiliary,
            detach_features=recipe.detach_features,
            **shared,
        )
    )


def _trained(config: PairConfig, recipe: TrainingRecipe) -> PairEncoder:
    """The checkpoint to go on from, in float32 (one that ships is not), trained as the recipe says."""
    _check_same_model(config, recipe)
    for name in OF_TRAINING:
        if hasattr(config, name):  # a classifier has fewer
            setattr(config, name, getattr(recipe, name))
    config.encoder = {**config.encoder, "hidden_dropout_prob": recipe.hidden_dropout}
    config.calibration = config.reference = None  # of the weights as they were
    loading: Any = AutoModel.from_pretrained(
        recipe.encoder_source, config=config, dtype=torch.float32, output_loading_info=True
    )
    model, loaded = loading
    _check_whole(sorted(loaded["missing_keys"]), recipe)
    return cast(PairEncoder, model)


def _check_whole(missing: Sequence[str], recipe: TrainingRecipe) -> None:
    if missing:
        raise ValueError(
            f"{recipe.encoder} has no weights for {missing[:3]} ...; is it an encoder?"
        )


def _check_same_model(config: PairConfig, recipe: TrainingRecipe) -> None:
    found = "classifier" if isinstance(config, RiskClassifierConfig) else "lance"
    main = recipe.stage == "main"  # the contrastive stage leaves the heads behind
    if main and recipe.objective != found:
        raise ValueError(
            f"objective is {recipe.objective!r}, but encoder {recipe.encoder} is a checkpoint "
            f"of objective {found!r}; give a bare encoder or the same objective"
        )
    for name in ("pooling", *(("semantic_size", "beta_floor") if main else ())):
        wanted = getattr(recipe, name)
        if getattr(config, name, wanted) != wanted:
            raise ValueError(
                f"{name} is {wanted!r}, but the checkpoint {recipe.encoder} has "
                f"{getattr(config, name)!r}; give the same"
            )


def _prepared(model: PairEncoder, recipe: TrainingRecipe) -> PairEncoder:
    longest = longest_input(model.encoder)
    if longest is not None and recipe.max_tokens > longest:
        raise ValueError(
            f"max_tokens is {recipe.max_tokens}, but {recipe.encoder} reads at most {longest} "
            f"tokens; set max_tokens to {longest} or less"
        )
    # eager attention is the fastest on CPU; a saved model does not care
    model.encoder.set_attn_implementation("eager")
    if not recipe.train_word_embeddings:
        model.encoder.get_input_embeddings().requires_grad_(False)
    if recipe.frozen_layers:
        _freeze(model.encoder, recipe)
    return model


def _freeze(encoder: PreTrainedModel, recipe: TrainingRecipe) -> None:
    """Keep the embeddings and the recipe's lowest layers as they are."""
    layers = _layers_of(encoder)
    if recipe.frozen_layers > len(layers):
        raise ValueError(
            f"frozen_layers is {recipe.frozen_layers}, but {recipe.encoder} has {len(layers)} layers; "
            f"set frozen_layers to {len(layers)} or less"
        )
    encoder.get_input_embeddings().requires_grad_(False)
    for name, weight in encoder.named_parameters():
        if name.startswith("embeddings"):  # or what projects them: ``embeddings_project``
            weight.requires_grad_(False)
    for layer in layers[: recipe.frozen_layers]:
        layer.requires_grad_(False)


def _layers_of(encoder: PreTrainedModel) -> nn.ModuleList:
    """The stack of an encoder's layers: its one list of as many modules as the configuration says."""
    count = encoder.config.num_hidden_layers
    for module in encoder.modules():
        if isinstance(module, nn.ModuleList) and len(module) == count:
            return module
    raise ValueError(f"frozen_layers: {type(encoder).__name__} keeps its layers in no list")
