"""How a guard LLM is asked, and how its answer is read. One format a file.

`base` is what a format is; `llama_guard`, `shield_lm`, `qwen3_guard`, `granite_guardian`, `shield_gemma`,
`wild_guard` and `gpt_oss_safeguard` are of the model that they are named after.
"""

from lance_graph.guards.formats.base import CONTROVERSIAL_DEGREE as CONTROVERSIAL_DEGREE
from lance_graph.guards.formats.base import Format as Format
from lance_graph.guards.formats.base import Verdict as Verdict
from lance_graph.guards.known import GUARDS


def named(name: str) -> Format:
    """The format that a name stands for; ValueError with the known names."""
    known = {guard.format: guard for guard in GUARDS.values() if guard.format}
    if name not in known:
        raise ValueError(
            f"format={name!r}: known are {', '.join(known)}, or an object with messages() and parse()"
        )
    found: Format = known[name].load()()
    return found
