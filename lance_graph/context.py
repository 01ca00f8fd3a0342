"""What a caller may set for one run. Studio and the LangGraph server show it as a form."""

import warnings
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from langchain_core.runnables import Runnable
from langgraph.runtime import Runtime
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from lance_graph.categories import check_keys, key_of
from lance_graph.prompts import check_overrides
from lance_graph.routing import OFF, Review, ThresholdPolicy, Thresholds

GUARD = "guard:"


def _check_model(value: Any) -> Any:
    if isinstance(value, Runnable):
        return value
    if not isinstance(value, str):
        raise ValueError(
            f"a model is 'offline', a 'provider:model' string or a chat model, not {value!r}"
        )
    if value != "offline" and not (value.partition(":")[0] and value.partition(":")[2]):
        raise ValueError(
            f"{value!r} names no model: write 'offline', or 'provider:model' such as "
            "'huggingface:Qwen/Qwen2.5-1.5B-Instruct', 'openai:gpt-4o-mini', 'ollama:llama3.1'"
        )
    return value


def _check_detector(value: Any) -> Any:
    if (
        value is None
        or (isinstance(value, str) and value)
        or callable(getattr(value, "score", None))
    ):
        return value
    raise ValueError(f"a detector is a folder, a hub id or an object with score(), not {value!r}")


Model = Annotated[
    Any,
    AfterValidator(_check_model),
    WithJsonSchema({"type": "string", "examples": ["offline", "openai:gpt-4o-mini"]}),
]
DetectorChoice = Annotated[
    Any,
    AfterValidator(_check_detector),
    WithJsonSchema({"type": "string", "examples": ["embedded"]}),
]


def _check_policy(value: str) -> str:
    if value in ("pass", "fail", "review") or value.removeprefix(GUARD) not in ("", value):
        return value
    raise ValueError(
        f"out_of_language is {value!r}: write 'pass', 'fail', 'review', or 'guard:' and a detector's "
        "name, such as 'guard:llama-guard:ollama:llama-guard3'"
    )


OutOfLanguage = Annotated[str, AfterValidator(_check_policy)]


class LanceContext(BaseModel):
    """Models, thresholds, budgets and prompts of one run; the defaults need no network.

    ValueError (pydantic's ValidationError) names the field, the wrong value and what is allowed.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    target: Model = Field(
        default="offline",
        description="Model that answers: 'offline', 'provider:model' as init_chat_model "
        "understands it, 'huggingface:ORG/NAME' run on this machine, or a chat model object.",
    )
    refiner: Model = Field(
        default="offline",
        description="Model that rewrites a hazardous prompt; given like the target.",
    )
    detector: DetectorChoice = Field(
        default="embedded",
        description="Risk detector: 'embedded', a checkpoint folder or hub id, a guard such as "
        "'llama-guard:ollama:llama-guard3', or an object with score().",
    )
    mode: Literal["enforce", "monitor"] = Field(
        default="enforce",
        description="'enforce' repairs what is hazardous; 'monitor' passes everything through "
        "untouched and records what would have happened.",
    )
    review: Review = Field(
        default="never",
        description="When a person decides on an answer before it is delivered: 'never', 'severe' "
        "(a severe hazard was found on the way) or 'always'. Needs a checkpointer.",
    )
    out_of_language: OutOfLanguage = Field(
        default="pass",
        description="What becomes of text in a language that the detector was not made for: 'pass' "
        "takes its degrees for what they are, a guess, and the status is then 'unjudged'; 'fail' "
        "ends the run as degraded; 'review' has a person decide; 'guard:NAME' lets another detector "
        "judge it, such as 'guard:llama-guard:ollama:llama-guard3'.",
    )
    screening: Literal["prompt", "pair"] = Field(
        default="prompt",
        description="'prompt' scores the prompt before the target sees it, then the pair; "
        "'pair' lets the target answer first and scores pairs only (the paper's order).",
    )
    guard_input: bool = Field(
        default=True,
        description="Judge the user's prompt before the target sees it; off, the target answers first.",
    )
    guard_tool_results: bool = Field(
        default=True,
        description="Judge what tools returned; hazardous passages do not reach the target.",
    )
    guard_system: bool = Field(
        default=False,
        description="Judge system messages like tools' results: for servers whose clients write them.",
    )
    guard_answer: bool = Field(
        default=True, description="Judge the target's answer, and what it asks tools to do."
    )
    unscored_parts: Literal["pass", "refuse"] = Field(
        default="pass",
        description="What becomes of images, audio and files, which no detector of texts can judge.",
    )
    thresholds: Thresholds = Field(
        default=Thresholds(),
        description="Degrees of risk above which the minor, mild and severe effort begin; one number "
        "is the first of them.",
    )
    category_thresholds: dict[str, Thresholds | Literal["off"]] = Field(
        default_factory=dict,
        description="Exceptions by category (slug or key); one that is not listed keeps the thresholds "
        "above, one that is 'off' is not judged.",
    )
    max_iterations: int = Field(
        default=3, ge=0, le=50, description="How many rewrites are tried before falling back."
    )
    max_seconds: float | None = Field(
        default=None,
        gt=0,
        description="Wall-clock budget in seconds, checked before each rewrite; none by default.",
    )
    refiner_attempts: int = Field(
        default=3,
        ge=1,
        le=10,
        description="Calls of the refiner per rewrite before the offline refiner takes over.",
    )
    prompts: dict[str, str] = Field(
        default_factory=dict,
        description="Replacements for prompt files by name, e.g. 'rewrite_mild' or 'fall_back/self_harm'.",
    )

    reveal_drafts: bool = Field(
        default=False,
        description="Write every draft into the trace, where streams, history and Studio show it: "
        "for development, never where users can look.",
    )
    redact_callbacks: bool = Field(
        default=False,
        description="Hide inner model calls from the caller's callbacks and tracers too.",
    )

    @field_validator("category_thresholds", mode="before")
    @classmethod
    def _by_key(cls, given: Any) -> Any:
        """Slugs become keys, so that one category has one name inside."""
        if not isinstance(given, Mapping):
            return given
        found: dict[Any, Any] = {}
        for name, value in given.items():
            key = key_of(name) or name
            if key in found:
                raise ValueError(f"category_thresholds: {name!r} names {key!r} a second time")
            found[key] = value
        return found

    @model_validator(mode="after")
    def _known_names(self) -> "LanceContext":
        check_keys(self.category_thresholds, "category_thresholds")
        check_overrides(self.prompts)
        return self

    def model_post_init(self, _: Any) -> None:
        """Warn of what is not judged, once per context that is made."""
        if off := self.switched_off:
            told = f"not judged, for switched off: {', '.join(off)}"
            warnings.warn(told, stacklevel=3)  # behind pydantic's frame

    @classmethod
    def of(cls, runtime: Runtime[Any]) -> "LanceContext":
        """The context of a run; the defaults where the caller gave none.

        Inside a larger graph the run has that graph's context: LANCE then takes its ``lance``
        attribute or key, a `LanceContext` or a dict of its fields.
        """
        context = runtime.context
        if context is not None and not isinstance(context, cls):
            own = context.get("lance") if isinstance(context, Mapping) else None
            context = own or getattr(context, "lance", None)
        return cls() if context is None else cls.model_validate(context)

    @property
    def screens_prompts(self) -> bool:
        """Whether a prompt is judged before the target sees it."""
        return self.guard_input and self.screening == "prompt"

    @property
    def policy(self) -> ThresholdPolicy:
        """The thresholds of every category."""
        return ThresholdPolicy(default=self.thresholds, by_category=self.category_thresholds)

    @property
    def switched_off(self) -> tuple[str, ...]:
        """The keys of the categories that are not judged."""
        return tuple(key for key, value in self.category_thresholds.items() if value == OFF)

    @property
    def foreign_guard(self) -> str | None:
        """The detector for text in languages that the detector was not made for."""
        policy = self.out_of_language
        return policy.removeprefix(GUARD) if policy.startswith(GUARD) else None

    @property
    def may_pause(self) -> bool:
        """Whether a run may wait for a person."""
        return self.review != "never" or self.out_of_language == "review"

    @property
    def pausing(self) -> str:
        """The setting by which a run may wait for a person, as one writes it."""
        name = "review" if self.review != "never" else "out_of_language"
        return f"{name}={getattr(self, name)!r}"
