"""How a guard LLM is asked, and how its answer is read. One format a file."""

from lance_graph.guards.formats.base import Format as Format
from lance_graph.guards.formats.base import Verdict as Verdict
from lance_graph.guards.formats.llama_guard import LlamaGuard3
from lance_graph.guards.formats.shield_lm import ShieldLM


def named(name: str) -> Format:
    """The format that a name stands for; ValueError with the known names."""
    formats: dict[str, type[LlamaGuard3] | type[ShieldLM]] = {
        "llama_guard_3": LlamaGuard3,
        "shield_lm": ShieldLM,
    }
    if name not in formats:
        raise ValueError(
            f"format={name!r}: known are {', '.join(formats)}, or an object with messages() and parse()"
        )
    return formats[name]()
