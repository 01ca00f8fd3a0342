"""What a caller may set for one run. Studio and the LangGraph server show it as a form."""

import re
import warnings
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from langchain_core.runnables import Runnable
from langgraph.runtime import Runtime
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    PlainSerializer,
    SerializationInfo,
    ValidationError,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
    model_validator,
)
from pydantic.json_schema import SkipJsonSchema
from pydantic_core import InitErrorDetails, PydanticCustomError

from lance_graph.categories import KNOWN, Category, key_of, not_known
from lance_graph.context_file import asked_guards, merged, read_fields, unknown_field
from lance_graph.model_options import HIDDEN, UNSPOKEN, ModelOptions, WithOptions, shown, spoken
from lance_graph.named_files import GUARD, WORDS, check_files, guard_of
from lance_graph.prompts import check_overrides
from lance_graph.routing import OFF, Review, ThresholdPolicy, Thresholds, WhenUncertain
from lance_graph.scores import declared_by

EMBEDDED = "embedded"
OFFLINE = "offline"
OWNERS = frozenset({"target_options", "refiner_options", "guard_options"})
"""Fields for the code that makes a context, and for no client of a server: an address may lead
anywhere, and the server's key would go along."""
_BARE = re.compile(r"[A-Za-z0-9][\w.\-]*(?:/[\w.\-]+)*")
_NEAR_OFFLINE = re.compile(r"of+[ \-_]?l?[ia]?n?e?", re.IGNORECASE)


def quoted(value: object) -> str:
    """What an error may say of a value: of all but plain ones the type, for there may be a key in it."""
    is_plain = value is None or isinstance(value, str | int | float)
    return repr(value) if is_plain else f"a {type(value).__name__}"


def _check_model(value: Any) -> Any:
    if isinstance(value, Runnable):
        return value
    if not isinstance(value, str):
        raise ValueError(
            f"a model is 'offline', a 'provider:model' string or a chat model, not {quoted(value)}"
        )
    provider, colon, model = value.partition(":")
    named = provider and model if colon else _BARE.fullmatch(value)
    if value != OFFLINE and (not named or _NEAR_OFFLINE.fullmatch(value)):
        raise ValueError(
            f"{value!r} names no model: write 'offline', or 'provider:model' such as "
            "'huggingface:Qwen/Qwen2.5-1.5B-Instruct', 'openai:gpt-4o-mini', 'ollama:llama3.1'"
        )
    return value


def _check_detector(value: Any) -> Any:
    if isinstance(value, list | tuple):
        raise ValueError("several detectors are given as detectors=[…], not as detector")
    if callable(getattr(value, "score", None)):
        declared_by(value)
        return value
    if value is None or (isinstance(value, str) and value):
        return value
    raise ValueError(
        f"a detector is a folder, a hub id or an object with score(), not {quoted(value)}"
    )


def _check_part(value: Any) -> Any:
    return value if callable(getattr(value, "masked", None)) else _check_detector(value)


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
DetectorPart = Annotated[
    Any,
    AfterValidator(_check_part),
    WithJsonSchema({"type": "string", "examples": ["embedded", "words:words.toml"]}),
]


def _check_policy(value: str) -> str:
    if value in ("pass", "fail", "review") or value.removeprefix(GUARD) not in ("", value):
        return value
    raise ValueError(
        f"out_of_language is {value!r}: write 'pass', 'fail', 'review', or 'guard:' and a detector's "
        "name, such as 'guard:llama-guard:ollama:llama-guard3'"
    )


OutOfLanguage = Annotated[str, AfterValidator(_check_policy)]


def _dumped(options: ModelOptions, info: SerializationInfo) -> Any:
    """Options as they may be shown in JSON; in Python themselves, and none as an empty dict."""
    return options.shown() if info.mode == "json" else options or {}


Role = Literal["target", "refiner", "detector"]
"""What a run calls: each has a limit of time."""
Seconds = Annotated[float | None, Field(gt=0, allow_inf_nan=False)]
Options = Annotated[
    Any,
    BeforeValidator(ModelOptions.of),
    PlainSerializer(_dumped),
    SkipJsonSchema(),
]


def check_client(fields: object) -> None:
    """ValueError for a mapping with what no client of a server may set.

    That is each of `OWNERS`, and a file of the server (`lance_graph.named_files`).
    """
    if not isinstance(fields, Mapping):
        return
    check_files(fields)
    for name in sorted(OWNERS & fields.keys()):
        if fields[name]:
            raise ValueError(
                f"context: {name} leads a server's requests and key elsewhere, and no client may "
                "set it: give it in code, to build_graph(LanceContext(…)) or to a LanceContext"
            )


def validated(handler: ModelWrapValidatorHandler[Any], given: Any, known: Collection[str]) -> Any:
    """What pydantic's ``handler`` makes of ``given``; its error is `without_secrets`."""
    try:
        return handler(given)
    except ValidationError as error:
        said = without_secrets(error, known)
    raise said  # here, for the first one would be its context


def without_secrets(error: ValidationError, known: Collection[str]) -> ValidationError:
    """The same error, in which no input holds a key: pydantic quotes what it was given.

    A field that is none of the ``known`` is named with one that is alike.
    """

    def said(one: Any) -> InitErrorDetails:
        message, given, loc = one["msg"], one["input"], one["loc"]
        name = str(loc[-1]) if loc else ""
        unknown = one["type"] == "extra_forbidden"
        if unknown and len(loc) == 1:
            message = unknown_field(name, known)
        if unknown or isinstance(given, Mapping) or OWNERS & {*loc}:
            given = shown(name, given)
        if unknown and spoken(name) == UNSPOKEN:
            loc = (*loc[:-1], HIDDEN)
        kind = PydanticCustomError(one["type"], message)
        return InitErrorDetails(type=kind, loc=loc, input=given)

    wrong = [said(one) for one in error.errors(include_url=False)]
    return ValidationError.from_exception_data(error.title, wrong)


def _may_declare(detector: object) -> bool:
    """Whether a name leaves open what is scored: that of a word list or of a checkpoint."""
    if not isinstance(detector, str) or detector == EMBEDDED:
        return False
    return detector.startswith(WORDS) or ":" not in detector


def _known_to(detectors: Iterable[Any]) -> dict[str, Category]:
    """By key, the categories that are known of detectors before any is loaded."""
    given = [one for one in detectors if callable(getattr(one, "score", None))]
    return KNOWN | {key: category for one in given for key, category in declared_by(one).items()}


class LanceContext(BaseModel):
    """Models, thresholds, budgets and prompts of one run; the defaults need no network.

    ValueError (pydantic's ValidationError) names the field, the wrong value and what is allowed.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    target: Model = Field(
        default="offline",
        description="Model that answers: 'offline', 'provider:model' or a name as init_chat_model "
        "understands it, 'huggingface:ORG/NAME' run on this machine, or a chat model object.",
    )
    target_options: Options = Field(
        default=ModelOptions(),
        description="Options of the target's client, such as base_url, api_key, timeout or max_tokens; "
        "for a model that is named. Not to be set by a server's clients.",
    )
    refiner: Model = Field(
        default="offline",
        description="Model that rewrites a hazardous prompt; given like the target.",
    )
    refiner_options: Options = Field(
        default=ModelOptions(),
        description="Options of the refiner's client; given like the target's.",
    )
    detector: DetectorChoice = Field(
        default=EMBEDDED,
        description="Risk detector: 'embedded', a checkpoint folder or hub id, a guard such as "
        "'llama-guard:ollama:llama-guard3', or an object with score().",
    )
    detectors: tuple[DetectorPart, ...] = Field(
        default=(),
        description="Several detectors in the place of one, each given like it: the highest degree of "
        "each category counts. Word lists ('words:FILE') and allow-lists can be among them.",
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
    guard_options: Options = Field(
        default=ModelOptions(),
        description="Options of the client of the guard model that is named in detector, detectors or "
        "out_of_language; given like the target's.",
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
    notice: bool = Field(
        default=False,
        description="Begin the answer to a rewritten prompt with what it answers: 'I understood your "
        "question as …' (the prompt file 'notice').",
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
    abstain: float = Field(
        default=0.0,
        ge=0,
        allow_inf_nan=False,
        description="How many spreads of a degree (standard deviations of its posterior) may lie "
        "between it and a threshold for the decision to be in doubt; 0 doubts nothing, nor does a "
        "detector without spreads.",
    )
    when_uncertain: WhenUncertain = Field(
        default="soften",
        description="What a doubt leads to: 'soften' takes the weakest effort within 'abstain' spreads, "
        "never none where a threshold is passed; 'review' has a person decide before the answer is "
        "delivered, and needs 'abstain' and a checkpointer.",
    )
    max_iterations: int = Field(
        default=3, ge=0, le=50, description="How many rewrites are tried before falling back."
    )
    max_seconds: float | None = Field(
        default=None,
        gt=0,
        description="Wall-clock budget in seconds, checked before each rewrite and each call of the "
        "refiner; no single call of a component lasts longer either. None by default.",
    )
    target_timeout: Seconds = Field(
        default=None,
        description="Seconds that one call of the target may last; after that it has failed.",
    )
    refiner_timeout: Seconds = Field(
        default=None,
        description="Seconds that one call of the refiner may last; after that the attempt has failed.",
    )
    detector_timeout: Seconds = Field(
        default=None,
        description="Seconds that one call of the detector, or of a guard, may last; after that it has "
        "failed.",
    )
    retries: int = Field(
        default=2,
        ge=0,
        le=10,
        description="How often a call of the target or the detector is made again after a failure that "
        "may pass (rate limit, 5xx, lost connection, out of memory), with growing pauses; a model's "
        "client may have retries of its own. A target that is no chat model, such as an agent or a "
        "function, is asked once, for it might act twice. A refiner has its attempts.",
    )
    ask_again: bool = Field(
        default=True,
        description="Where the user's prompt is harmless and only the answer is not, ask the target once "
        "more with a safety instruction (the prompt file 'answer_again') before the prompt is rewritten; "
        "off, the prompt is rewritten at once (the paper's loop).",
    )
    ask_otherwise: bool = Field(
        default=True,
        description="Where the target declines a harmless rewrite, rewrite the user's prompt another way and "
        "ask that, as long as a rewrite is left; the answer that declines is delivered if none does better. "
        "Off, it is delivered at once (the paper's loop). English answers only; never of the offline target.",
    )
    refiner_attempts: int = Field(
        default=3,
        ge=1,
        le=10,
        description="Calls of the refiner per rewrite before the offline refiner takes over.",
    )
    prompts: dict[str, str] = Field(
        default_factory=dict,
        description="Replacements for prompt files by name, e.g. 'rewrite' or 'fall_back/self_harm'.",
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

    @field_validator("target_options", "refiner_options")
    @classmethod
    def _of_a_named_model(cls, options: ModelOptions, info: ValidationInfo) -> ModelOptions:
        role = str(info.field_name).removesuffix("_options")
        model = info.data.get(role)
        if options and model == OFFLINE:
            raise ValueError(f"'offline' takes no options; name a model as {role}")
        if options and model is not None and not isinstance(model, str):
            raise ValueError(
                f"the {role} is a model object and keeps its own options; give them to its "
                f"constructor, or name the model, such as {role}='openai:gpt-4o-mini'"
            )
        return options

    @field_validator("category_thresholds", mode="before")
    @classmethod
    def _by_key(cls, given: Any, info: ValidationInfo) -> Any:
        """Slugs become keys, so that one category has one name inside."""
        if not isinstance(given, Mapping):
            return given
        found: dict[Any, Any] = {}
        known = _known_to(info.data.get("detectors") or (info.data.get("detector"),))
        for name, value in given.items():
            key = key_of(name, known) or name
            if key in found:
                raise ValueError(f"category_thresholds: {name!r} names {key!r} a second time")
            found[key] = value
        return found

    @model_validator(mode="after")
    def _doubts_to_review(self) -> "LanceContext":
        if self.when_uncertain == "review" and not self.abstain:
            raise ValueError(
                "when_uncertain is 'review', but abstain is 0 and nothing is ever in doubt: "
                "set abstain to a number of spreads, such as 1"
            )
        return self

    @model_validator(mode="after")
    def _known_names(self) -> "LanceContext":
        if self.detectors and self.detector not in (None, EMBEDDED):
            raise ValueError("give a detector or detectors=[…], not both")
        chosen = self.detectors or (self.detector,)
        if not any(map(_may_declare, (*chosen, self._guard_name))):
            known = _known_to(chosen)
            if unknown := self.category_thresholds.keys() - known.keys():
                raise ValueError(f"category_thresholds: {not_known(min(unknown), known)}")
        check_overrides(self.prompts)
        return self

    @model_validator(mode="after")
    def _of_one_guard(self) -> "LanceContext":
        asked = self._asking
        if self.guard_options and len(asked) != 1:
            why = (
                f"here {', '.join(asked)} would all be sent them: make these in code, "
                "GuardModelDetector(…, options=…)"
                if asked
                else "name one, such as detector='llama-guard:openai:NAME'"
            )
            raise ValueError(f"guard_options are those of one guard model that is named; {why}")
        return self

    @model_validator(mode="wrap")
    @classmethod
    def _without_secrets(cls, given: Any, handler: ModelWrapValidatorHandler[Any]) -> Any:
        return validated(handler, given, cls.model_fields)

    def model_post_init(self, _: Any) -> None:
        """Warn of what is not judged, once per context that is made."""
        if off := self.switched_off:
            told = f"not judged, for switched off: {', '.join(off)}"
            warnings.warn(told, stacklevel=4)  # behind pydantic's frames

    @classmethod
    def from_file(cls, path: str | Path, **changes: Any) -> "LanceContext":
        """The context in a YAML, JSON or TOML file, with the fields in ``changes`` over it.

        A model that is changed has none of the file's options. Paths in it are seen from its folder
        (`lance_graph.context_file`). ValueError names what is wrong and the remedy; OSError if the
        file cannot be opened.
        """
        return cls(**merged(read_fields(Path(path), cls.model_fields), changes))

    @classmethod
    def of(cls, runtime: Runtime[Any]) -> "LanceContext":
        """The context of a run; the defaults where the caller gave none.

        Inside a larger graph the run has that graph's context: LANCE then takes its ``lance``
        attribute or key, a `LanceContext` or a dict of its fields. ValueError for a dict with what
        `check_client` refuses, for it may come from a client.
        """
        context = runtime.context
        if context is not None and not isinstance(context, cls):
            own = context.get("lance") if isinstance(context, Mapping) else None
            context = own or getattr(context, "lance", None)
            check_client(context)
        return cls() if context is None else cls.model_validate(context)

    @property
    def judged_by(self) -> Any:
        """What `lance_graph.detectors.resolve` makes a detector of: the one, or several."""
        return tuple(map(self._optioned, self.detectors)) or self._optioned(self.detector)

    @property
    def judges(self) -> tuple[Any, ...]:
        """`judged_by`, and the guard for other languages if there is one: all that declares categories."""
        guard = self.foreign_guard
        return (self.judged_by, guard) if guard else (self.judged_by,)

    @property
    def screens_prompts(self) -> bool:
        """Whether a prompt is judged before the target sees it."""
        return self.guard_input and self.screening == "prompt"

    @property
    def asks_again(self) -> bool:
        """Whether a target may be asked once more for an answer that alone is hazardous.

        The prompt has to be judged by itself, and the offline responder cannot be told anything.
        """
        return bool(self.ask_again and self.screens_prompts and self.target != OFFLINE)

    @property
    def asks_otherwise(self) -> bool:
        """Whether a rewrite that the target declines is made anew; the offline responder never declines."""
        return self.ask_otherwise and self.target != OFFLINE

    def longest(self, role: Role) -> float | None:
        """Seconds that one call of a component may last: its own limit, and never more than the budget."""
        own = {
            "target": self.target_timeout,
            "refiner": self.refiner_timeout,
            "detector": self.detector_timeout,
        }[role]
        limits = [seconds for seconds in (own, self.max_seconds) if seconds is not None]
        return min(limits, default=None)

    @property
    def policy(self) -> ThresholdPolicy:
        """The thresholds that the caller sets; `lance_graph.detectors.policy_of` knows all."""
        return ThresholdPolicy(default=self.thresholds, by_category=self.category_thresholds)

    @property
    def switched_off(self) -> tuple[str, ...]:
        """The keys of the categories that are not judged."""
        return tuple(key for key, value in self.category_thresholds.items() if value == OFF)

    @property
    def foreign_guard(self) -> Any:
        """The detector for text in languages that the detector was not made for; None without one."""
        return self._optioned(self._guard_name)

    @property
    def _guard_name(self) -> str | None:
        return guard_of(self.out_of_language)

    @property
    def _asking(self) -> list[str]:
        """The names of guards that are language models, each once."""
        return asked_guards(dict(self))

    def _optioned(self, detector: Any) -> Any:
        """A detector as given; with ``guard_options`` where they are its own."""
        own = self.guard_options and isinstance(detector, str) and detector in self._asking
        return WithOptions(detector, self.guard_options) if own else detector

    @property
    def may_pause(self) -> bool:
        """Whether a run may wait for a person."""
        return "review" in (self.out_of_language, self.when_uncertain) or self.review != "never"

    @property
    def pausing(self) -> str:
        """The setting by which a run may wait for a person, as one writes it."""
        asking = (n for n in ("out_of_language", "when_uncertain") if getattr(self, n) == "review")
        name = "review" if self.review != "never" else next(asking)
        return f"{name}={getattr(self, name)!r}"
