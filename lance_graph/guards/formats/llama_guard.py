"""Llama Guard 3: ``safe``, or ``unsafe`` and a line of hazard codes (S1 to S14).

Source: the model card of meta-llama/Llama-Guard-3-8B; the codes are the MLCommons hazards and S14.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from langchain_core.messages import AnyMessage

from lance_graph.guards.formats.base import Verdict, conversation
from lance_graph.guards.score import CATEGORIES, UNSAFE, GuardVerdictError, check_targets

HAZARDS: dict[str, tuple[str, ...]] = {
    "S1": ("violence,aiding_and_abetting,incitement",),  # violent crimes
    "S2": ("financial_crime,property_crime,theft",),  # non-violent crimes
    "S3": ("sexually_explicit,adult_content",),  # sex-related crimes
    "S4": ("child_abuse",),  # child sexual exploitation
    "S5": ("non_violent_unethical_behavior",),  # defamation
    "S6": ("misinformation_regarding_ethics,laws_and_safety",),  # specialized advice
    "S7": ("privacy_violation",),  # privacy
    "S8": ("financial_crime,property_crime,theft",),  # intellectual property
    "S9": ("drug_abuse,weapons,banned_substance",),  # indiscriminate weapons
    "S10": ("hate_speech,offensive_language",),  # hate
    "S11": ("self_harm",),  # suicide and self-harm
    "S12": ("sexually_explicit,adult_content",),  # sexual content
    "S13": ("controversial_topics,politics",),  # elections
    "S14": ("financial_crime,property_crime,theft",),  # code interpreter abuse: a cybercrime
}
_DEGREES = {"safe": 0.0, "unsafe": 1.0}


@dataclass(frozen=True)
class LlamaGuard3:
    """The conversation as it is: the model's own chat template adds instructions and hazards.

    ``hazards`` maps each code that the model may answer on the categories that it stands for;
    ValueError if one of them is unknown or a code has none.
    """

    hazards: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: HAZARDS)

    def __post_init__(self) -> None:
        check_targets(self.hazards, CATEGORIES, "hazards")
        if empty := [code for code, targets in self.hazards.items() if not targets]:
            raise ValueError(f"hazards: {', '.join(empty)} maps on nothing; {UNSAFE!r} is general")

    def messages(self, prompt: str, response: str | None) -> list[AnyMessage]:
        """One user turn, and the assistant's where there is a response."""
        return conversation(prompt, response)

    def parse(self, answer: str) -> Verdict:
        """See `Format.parse`. An unsafe verdict without a code, or with an unknown one, is none."""
        lines = [line.strip() for line in answer.splitlines() if line.strip()]
        word = lines[0].lower() if lines else ""
        start = len(answer) - len(answer.lstrip())
        if word == "safe" and len(lines) == 1:
            return Verdict(word, start, _DEGREES)
        if word != "unsafe":
            raise GuardVerdictError(
                "the guard answered neither 'safe' nor 'unsafe' and hazard codes, as Llama Guard 3 "
                "does; is this another model, or another format?"
            )
        codes = [code.upper() for code in re.split(r"[,\s]+", " ".join(lines[1:])) if code]
        if not codes:
            raise GuardVerdictError("the guard answered 'unsafe' without a hazard code")
        unknown = sum(code not in self.hazards for code in codes)
        if unknown:
            raise GuardVerdictError(
                f"the guard answered 'unsafe' with {unknown} hazard code(s) that are not among "
                f"{', '.join(self.hazards)}"
            )
        keys = dict.fromkeys(key for code in codes for key in self.hazards[code])
        return Verdict(word, start, _DEGREES, tuple(keys))
