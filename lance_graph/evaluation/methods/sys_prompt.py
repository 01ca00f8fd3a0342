"""SysPrompt: the target under a rigorous safety system prompt (paper, 4.1.3; Touvron et al. 2023)."""

from langchain_core.messages import AnyMessage, HumanMessage, SystemMessage

from lance_graph.evaluation.methods.asking import Target, language_model
from lance_graph.evaluation.methods.base import Setting
from lance_graph.evaluation.prompts import load
from lance_graph.evaluation.sample import Reply, Sample


class SysPrompt:
    """In-context safety alone: ``prompts/method_sys_prompt.md`` before the user's prompt."""

    name = "sys-prompt"
    title = "SysPrompt"

    def __init__(self, setting: Setting) -> None:
        self._target = Target(language_model(setting.target, "target", self.name), setting)
        self._system = load("method_sys_prompt")
        self.model = self._target.name
        self.max_calls = self._target.calls

    async def answer(self, sample: Sample) -> Reply:
        """One call of the target."""
        messages: list[AnyMessage] = [SystemMessage(self._system), HumanMessage(sample.prompt)]
        return Reply(await self._target.ask(messages))
