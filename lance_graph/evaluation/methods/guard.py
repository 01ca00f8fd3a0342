"""A guard LLM that blocks with a template refusal, which is what users would pick instead."""

from typing import Any

from lance_graph.evaluation.methods.base import Setting
from lance_graph.evaluation.methods.hard_block import HardBlock
from lance_graph.scores import Reading

UNSAFE_ABOVE = 0.5


class Guard(HardBlock):
    """`HardBlock` with `Setting.guard`, such as ``"llama-guard:ollama:llama-guard3"``, as detector.

    It goes by the guard's own verdict and not by the graph's thresholds: unsafe is a degree above
    0.5, where a guard reports probabilities, and 1 where it does not.
    """

    name = "guard"
    title = "Guard LLM"

    def _choose(self, setting: Setting) -> Any:
        if setting.guard is None:
            raise ValueError(
                "guard needs a guard model (guard), and none is given: name one like "
                "'llama-guard:ollama:llama-guard3', 'shield-lm:openai:ShieldLM-14B-qwen' or "
                "'openai-moderation'"
            )
        return setting.guard

    def _is_hazard(self, reading: Reading) -> bool:
        return not all(0.0 <= degree <= UNSAFE_ABOVE for degree in reading["risk"].values())
