"""Instruct: the officially aligned model instead of the target (paper, 4.1.3)."""

from lance_graph.evaluation.methods.asking import Target, language_model
from lance_graph.evaluation.methods.base import Setting
from lance_graph.evaluation.sample import Reply, Sample


class Instruct:
    """The reference for alignment by training, such as Llama-3-8B-Instruct; `Setting.instruct`."""

    name = "instruct"
    title = "Instruct"

    def __init__(self, setting: Setting) -> None:
        aligned = language_model(setting.instruct, "the aligned model (instruct)", self.name)
        self._target = Target(aligned, setting)
        self.model = self._target.name
        self.max_calls = self._target.calls

    async def answer(self, sample: Sample) -> Reply:
        """One call of the aligned model."""
        return Reply(await self._target.reply(sample.prompt))
