"""The guards that have a name: an entry each, and a file below this folder."""

from dataclasses import dataclass
from importlib import import_module
from typing import Any, Literal

from lance_graph.files import one_spelling


@dataclass(frozen=True)
class Guard:
    """Where a guard lives, and how it is named.

    ``home`` is its module and ``kind`` the class in it: a detector made from the rest of its name,
    or, where ``format`` names one, a format in which a guard LLM is asked. ``rest`` is what follows
    the prefix: a PROVIDER:MODEL, a hub id, folder or file, or any word, which may be left out.
    """

    home: str
    kind: str
    example: str
    format: str | None = None
    rest: Literal["model", "folder", "word"] = "model"

    def load(self) -> Any:
        """The class."""
        return getattr(import_module(f"lance_graph.guards.{self.home}"), self.kind)

    def spelled(self, rest: str | None) -> str | None:
        """The rest of a name in its one spelling; None where something is missing."""
        if self.rest == "word":
            return rest if rest != "" else None
        if self.rest == "folder":
            return one_spelling(rest) if rest else None
        provider, _, model = (rest or "").partition(":")
        if not provider or not model:
            return None
        return f"{provider}:{one_spelling(model) if provider == 'huggingface' else model}"


GUARDS: dict[str, Guard] = {
    "llama-guard": Guard(
        "formats.llama_guard", "LlamaGuard3", "llama-guard:ollama:llama-guard3", "llama_guard_3"
    ),
    "shield-lm": Guard(
        "formats.shield_lm", "ShieldLM", "shield-lm:openai:ShieldLM-14B-qwen", "shield_lm"
    ),
    "qwen3-guard": Guard(
        "formats.qwen3_guard",
        "Qwen3Guard",
        "qwen3-guard:openai:Qwen/Qwen3Guard-Gen-4B",
        "qwen3_guard",
    ),
    "granite-guardian": Guard(
        "formats.granite_guardian",
        "GraniteGuardian",
        "granite-guardian:ollama:granite3-guardian:8b",
        "granite_guardian",
    ),
    "shield-gemma": Guard(
        "formats.shield_gemma",
        "ShieldGemma",
        "shield-gemma:openai:google/shieldgemma-9b",
        "shield_gemma",
    ),
    "wild-guard": Guard(
        "formats.wild_guard", "WildGuard", "wild-guard:openai:allenai/wildguard", "wild_guard"
    ),
    "gpt-oss-safeguard": Guard(
        "formats.gpt_oss_safeguard",
        "GptOssSafeguard",
        "gpt-oss-safeguard:ollama:gpt-oss-safeguard:20b",
        "gpt_oss_safeguard",
    ),
    "openai-moderation": Guard(
        "moderation", "ModerationDetector", "openai-moderation:omni-moderation-latest", rest="word"
    ),
    "classifier": Guard(
        "classification", "PipelineDetector", "classifier:unitary/toxic-bert", rest="folder"
    ),
    "words": Guard("word_file", "word_file", "words:words.toml", rest="folder"),
}
"""By the prefix of their names. A new guard is an entry here and a file: nothing else knows of it."""


def guard_named(name: Any) -> Guard | None:
    """The guard that a detector's name begins with; None for another name, or an object."""
    return GUARDS.get(name.partition(":")[0]) if isinstance(name, str) else None
