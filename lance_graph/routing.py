"""Threshold routing (METHOD eq. 1): risk -> effort per category -> branch. Pure functions."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator
from typing_extensions import TypedDict  # as in `lance_graph.state`

Effort = Literal["none", "minor", "mild", "severe"]
Branch = Literal[
    "generate_response",
    "ask_again",
    "rewrite_mild",
    "rewrite_severe",
    "fall_back",
    "review",
    "deliver",
]
AfterScoring = Literal[Branch, "open_turn"]
AfterReview = Literal["fall_back", "open_turn"]
Review = Literal["never", "severe", "always"]
WhenUncertain = Literal["soften", "review"]
Risk = Mapping[str, float]


TAU, MILD, SEVERE = 0.3, 0.5, 0.7
OFF: Literal["off"] = "off"
"""In the place of a category's thresholds: it is not judged."""


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


class Thresholds(BaseModel):
    """tau < tau_mild < tau_severe, each in (0, 1): where an effort begins, exclusive.

    One number is tau. What is not given has its default where that fits between the others, and
    otherwise divides what is left as the defaults divide theirs.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    tau: float = Field(default=TAU, gt=0, lt=1, description="Above it a category is hazardous.")
    tau_mild: float = Field(
        default=MILD, gt=0, lt=1, description="Above it a minor edit is not enough."
    )
    tau_severe: float = Field(
        default=SEVERE, gt=0, lt=1, description="Above it the request is turned around."
    )

    @model_validator(mode="before")
    @classmethod
    def _filled(cls, given: Any) -> Any:
        if _is_number(given):
            given = {"tau": given}
        if not isinstance(given, Mapping):
            return given
        found = dict(given)
        tau, severe = found.get("tau", TAU), found.get("tau_severe", 1.0)
        if "tau_mild" not in found and _is_number(tau) and _is_number(severe):
            share = (MILD - TAU) / ((SEVERE if "tau_severe" in found else 1.0) - TAU)
            found["tau_mild"] = MILD if tau < MILD < severe else tau + share * (severe - tau)
        mild = found.get("tau_mild", MILD)
        if "tau_severe" not in found and _is_number(mild):
            share = (SEVERE - MILD) / (1.0 - MILD)
            found["tau_severe"] = SEVERE if mild < SEVERE else mild + share * (1.0 - mild)
        return found

    @model_validator(mode="after")
    def _in_order(self) -> "Thresholds":
        if not self.tau < self.tau_mild < self.tau_severe:
            raise ValueError(
                f"thresholds must rise: tau={self.tau} < tau_mild={self.tau_mild} "
                f"< tau_severe={self.tau_severe} does not hold"
            )
        return self


class ThresholdPolicy(BaseModel):
    """Default thresholds, and exceptions by category; a category that is not listed keeps the default."""

    model_config = ConfigDict(frozen=True)

    default: Thresholds = Thresholds()
    by_category: Mapping[str, Thresholds | Literal["off"]] = {}

    def of(self, category: str) -> Thresholds:
        """The thresholds in force for one category key; the default's for one that is switched off."""
        found = self.by_category.get(category, self.default)
        return self.default if found == OFF else found

    def is_off(self, category: str) -> bool:
        """Whether a category is switched off."""
        return self.by_category.get(category) == OFF


_STRENGTH: Mapping[Effort, int] = {"none": 0, "minor": 1, "mild": 2, "severe": 3}


def effort(degree: float, thresholds: Thresholds, floor: float | None = None) -> Effort:
    """Eq. 1 for one category: ``degree`` is d_j in [0, 1].

    Above tau it is ``floor``, what of the degree is certain, that has to pass the higher thresholds:
    the effort is softened by it and never lost. Anything that is not a number in that range (NaN
    above all) is "severe": a broken score must not pass for a safe one.
    """
    certain = degree if floor is None else floor
    if not 0.0 <= degree <= 1.0 or not certain <= thresholds.tau_severe:
        return "severe"
    if certain > thresholds.tau_mild:
        return "mild"
    return "minor" if degree > thresholds.tau else "none"


def hazards(risk: Risk, policy: ThresholdPolicy, floor: Risk | None = None) -> dict[str, Effort]:
    """J = {j : d_j > tau} with the effort of each, strongest first (by effort, then by degree).

    J is a matter of the degrees alone; where ``floor`` has a category, its effort is softened (`effort`).
    """
    floor = floor or {}
    efforts = {
        key: effort(degree, policy.of(key), floor.get(key))
        for key, degree in risk.items()
        if not policy.is_off(key)
    }
    found = [key for key, value in efforts.items() if value != "none"]
    found.sort(key=lambda key: (-_STRENGTH[efforts[key]], -risk[key]))
    return {key: efforts[key] for key in found}


def highest_judged(risk: Risk, policy: ThresholdPolicy) -> float:
    """max_j d_j over the categories that are not switched off; 0 where all are."""
    return max((degree for key, degree in risk.items() if not policy.is_off(key)), default=0.0)


def in_doubt(risk: Risk, floor: Risk, ceiling: Risk, policy: ThresholdPolicy) -> dict[str, Effort]:
    """The categories in doubt, and the effort of each by its degree alone.

    They are those whose ``ceiling`` asks for more than every ``floor`` does: what is in doubt beside
    a hazard that is certain and as strong leads nowhere else.
    """
    judged = [key for key in risk if not policy.is_off(key)]
    certain = [_STRENGTH[effort(floor[key], policy.of(key))] for key in judged]
    strongest = max(certain, default=0)
    return {
        key: effort(risk[key], policy.of(key))
        for key in judged
        if _STRENGTH[effort(ceiling[key], policy.of(key))] > strongest
    }


class Finding(TypedDict):
    """What a scoring leaves for the router: all that it decides by."""

    failed: bool
    """The detector gave no score."""
    efforts: list[Effort]
    """Those of the categories in J."""
    answered: bool
    """A pair was scored, not a prompt alone."""
    answer_alone: bool
    """The prompt by itself was harmless, and the target has not been told of its answer yet."""
    unanswered: list[Effort]
    """The efforts of what was rewritten, where the target declined it and may be asked otherwise."""
    budget_left: bool
    """One more rewrite is allowed."""
    waits: bool
    """A person decides before this answer is delivered."""
    watched: bool
    """Whatever was found, the run passes on (monitor mode)."""


def choose_branch(finding: Finding) -> Branch:
    """Where a finding leads: the strongest effort in J picks the rewrite.

    Where the answer alone is hazardous the prompt is not to blame, and is kept: the target is asked again.
    Where the target declines what it was asked in the user's place, the user's prompt is rewritten anew.
    """
    if finding["failed"]:
        return "fall_back"
    efforts, may_rewrite = finding["efforts"], finding["budget_left"]
    if not (efforts or finding["answered"]):
        return "generate_response"
    if not efforts and not (finding["unanswered"] and may_rewrite):
        return "review" if finding["waits"] else "deliver"
    if efforts and finding["answered"] and finding["answer_alone"]:
        return "ask_again"
    if not may_rewrite:
        return "fall_back"
    return "rewrite_severe" if "severe" in (efforts or finding["unanswered"]) else "rewrite_mild"


def next_branch(finding: Finding) -> Branch:
    """Where the graph goes: `choose_branch`, or where nothing is repaired, to the answer and out."""
    if not finding["watched"]:
        return choose_branch(finding)
    return "deliver" if finding["answered"] else "generate_response"
