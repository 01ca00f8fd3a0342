"""`TrainingRecipe`: everything that a training run depends on, as one checked and saved object."""

from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from lance_graph.detector import EMBEDDED, EMBEDDED_NAME
from lance_graph.settings_files import read_settings

LONGEST_QUOTE = 200
RAN_WITH = "ran_with"
"""Key of a saved recipe.json that holds library versions and the like, and is no field."""


def _interval(value: float) -> float:
    if value > 1 and value != int(value):
        raise ValueError("up to 1 it is a share of an epoch, above 1 a whole number of steps")
    return value


Interval = Annotated[float, Field(gt=0), AfterValidator(_interval)]
"""Up to 1 a share of an epoch, above 1 a number of optimiser steps."""


class TrainingRecipe(BaseModel):
    """Everything that a training run depends on; written beside the checkpoint.

    ValueError (pydantic's ValidationError) names the field and the wrong value.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    data: str = Field(
        description="folder with train/ (the research data), a .jsonl file of labelled rows, "
        "hub:DATASET or hub:DATASET:SPLIT to stream one from the Hugging Face hub, or 'twins' or "
        "'twins:FOLDER' for the twins written by hand"
    )
    twins: str | None = Field(
        default=None,
        description="folder of written twins and of grammars, whose code a mix with 'contrasts' "
        "runs; null is the repository's contrasts/",
    )
    output: str = Field(description="run folder: checkpoint, recipe, metrics, logs")
    encoder: str = Field(
        default="roberta-base",
        description="folder or hub id of an encoder, or of a trained detector to go on from; "
        "'embedded' is the detector that ships",
    )
    stage: Literal["main", "contrastive"] = "main"
    objective: Literal["lance", "classifier"] = "lance"

    pooling: Literal["mean", "first"] = "mean"
    max_tokens: int = Field(default=192, ge=16, description="of a pair, special tokens included")
    semantic_size: int = Field(default=32, ge=1)
    beta_floor: float = Field(default=0.05, gt=0, le=1)
    loss_weights: tuple[float, float, float, float] = (1.0, 0.1, 0.002, 1.0)
    kl_warmup: float = Field(
        default=0.0, ge=0, le=1, description="share of steps in which w3 grows"
    )
    auxiliary: Literal["expected", "sampled"] = "expected"
    any_risk: Literal["smooth", "max", "noisy_or"] = "smooth"
    any_risk_rows: Literal["all", "binary"] = "all"
    any_risk_weight: float = Field(default=1.0, ge=0)
    detach_features: bool = True

    degree_weight: float = Field(
        default=1.0, ge=0, description="of order and degree of graded rows; other rows have none"
    )
    teachers: tuple[str, ...] = Field(
        default=(),
        description="folders of trained detectors whose degrees, averaged, the main stage learns "
        "from; 'embedded' is the detector that ships",
    )
    unlabelled: tuple[str, ...] = Field(
        default=(),
        description=".jsonl files of texts that the teachers alone label; labels in them are not read",
    )
    teacher_weight: float = Field(default=1.0, gt=0, description="of the teachers' degrees")
    label_share: float = Field(
        default=1.0, ge=0, le=1, description="what labels count beside teachers; 0: not at all"
    )
    teacher_cache: str | None = Field(
        default=None,
        description="folder of degrees that teachers gave already, for one run at a time; null is "
        "teachers/ in the run folder",
    )

    contrastive_loss: Literal["circle", "supcon"] = "circle"
    contrastive_layer: int | None = Field(
        default=None, ge=1, description="hidden state that the loss reads; the last unless told"
    )
    contrastive_margin: float = Field(default=0.25, gt=0, lt=1, description="m of the Circle loss")
    contrastive_scale: float = Field(default=32.0, gt=0, description="gamma of the Circle loss")
    contrastive_temperature: float = Field(default=0.1, gt=0, description="tau of supcon")

    mix: Mapping[str, int] = Field(
        default_factory=dict, description="rows of a kind, where not the default's (-1 all, 0 none)"
    )
    licences: Literal["all", "permissive"] = Field(
        default="all",
        description="of the research data: permissive leaves out what is non-commercial or unstated",
    )
    short_prompts: int | None = Field(
        default=None,
        ge=1,
        description="only prompts of at most so many characters, without an answer, each once; "
        "as a teacher such a run speaks of no other texts",
    )
    held_out: float = Field(
        default=0.1, ge=0, lt=1, description="share of prompts never trained on"
    )
    limit: int | None = Field(default=None, ge=1, description="train on this many rows only")

    epochs: float = Field(default=2.0, gt=0)
    max_steps: int | None = Field(
        default=None,
        ge=1,
        description="optimiser steps instead of epochs; for streams of any length",
    )
    batch_size: int = Field(default=32, ge=1, description="rows per process and forward pass")
    gradient_accumulation: int = Field(
        default=1,
        ge=1,
        description="batches per optimiser step; a step sees batch_size rows times "
        "this times the number of processes",
    )
    encoder_learning_rate: float = Field(default=8e-5, gt=0)
    head_learning_rate: float = Field(default=1e-3, gt=0)
    weight_decay: float = Field(default=0.01, ge=0)
    warmup: float = Field(default=0.06, ge=0, le=1, description="share of steps")
    hidden_dropout: float = Field(default=0.1, ge=0, lt=1)
    train_word_embeddings: bool = False
    frozen_layers: int = Field(
        default=0,
        ge=0,
        description="lowest layers of the encoder that keep their weights, embeddings among them",
    )
    precision: Literal["auto", "bf16", "fp16", "fp32"] = Field(
        default="auto", description="autocast; auto is bf16 where the GPU or CPU has it, else fp32"
    )
    workers: int = Field(default=0, ge=0, description="processes that prepare batches")
    seed: int = 13

    evaluate_every: Interval | None = Field(
        default=1.0, description="share of an epoch, or steps above 1; null: at the end only"
    )
    save_every: Interval = Field(
        default=1.0, description="likewise; with early_stopping every evaluation saves instead"
    )
    evaluation_rows: int = Field(default=2_000, ge=1, description="held-out rows at most")
    metric: Literal["auroc", "f1", "ece", "map", "loss"] = Field(
        default="auroc", description="what early stopping watches, on held-out rows"
    )
    early_stopping: int | None = Field(
        default=None,
        ge=0,
        description="evaluations without a better metric before the run stops "
        "and keeps its best weights; null or 0: off, the last weights are kept",
    )
    report_to: Literal["auto", "tensorboard", "none"] = Field(
        default="auto", description="auto: TensorBoard where it is installed"
    )

    @property
    def encoder_source(self) -> str:
        """Where the encoder is loaded from: ``encoder``, or the embedded checkpoint's folder."""
        return _folder_of(self.encoder)

    @property
    def teacher_sources(self) -> tuple[str, ...]:
        """The folders of ``teachers``, the embedded checkpoint's among them."""
        return tuple(_folder_of(teacher) for teacher in self.teachers)

    @model_validator(mode="after")
    def _early_stopping_evaluates(self) -> "TrainingRecipe":
        if self.early_stopping and not (self.evaluate_every and self.held_out):
            raise ValueError("early_stopping needs evaluate_every and a held_out above 0")
        return self

    @model_validator(mode="after")
    def _teachers_fit(self) -> "TrainingRecipe":
        if self.unlabelled and not self.teachers:
            raise ValueError(
                "unlabelled rows teach nothing without a teacher: name one in teachers"
            )
        if twice := sorted({one for one in self.teachers if self.teachers.count(one) > 1}):
            raise ValueError(f"teachers names {twice[0]!r} twice; name each once")
        return self


def _folder_of(name: str) -> str:
    return str(EMBEDDED) if name == EMBEDDED_NAME else name


def read_recipe(path: Path | None, **changes: Any) -> TrainingRecipe:
    """A recipe from a YAML or JSON file, fields in ``changes`` over it; ValueError says what is wrong.

    The recipe.json of an earlier run is such a file.
    """
    settings: dict[str, Any] = {}
    if path is not None:
        loaded = read_settings(path, "recipe")
        settings = {name: value for name, value in loaded.items() if name != RAN_WITH}
    try:
        return TrainingRecipe(**{**settings, **changes})
    except ValidationError as error:
        raise ValueError(f"recipe: {_explain(error.errors()[0])}") from error


def _explain(error: Any) -> str:
    """One of pydantic's errors with the field, the value and a remedy."""
    name = ".".join(map(str, error["loc"]))
    if error["type"] == "missing" and len(error["loc"]) == 1:
        purpose = TrainingRecipe.model_fields[name].description
        return f"{name} is missing: {purpose}"
    given = repr(error["input"])
    given = given if len(given) <= LONGEST_QUOTE else f"{given[:LONGEST_QUOTE]}…"
    if error["type"] == "extra_forbidden":
        near = get_close_matches(name, TrainingRecipe.model_fields, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        return f"there is no field {name!r} (got {given}){hint}"
    message = error["msg"].removeprefix("Value error, ")
    return f"{name}: {message} (got {given})" if name else str(message)
