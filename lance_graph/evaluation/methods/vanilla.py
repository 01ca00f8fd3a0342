"""Vanilla: the prompt as it is, to the target as it is (paper, 4.1.3)."""

from lance_graph.evaluation.methods.asking import Target
from lance_graph.evaluation.methods.base import Setting
from lance_graph.evaluation.sample import Reply, Sample


class Vanilla:
    """The control group, and with an API model as target a row of the paper's Table 4.

    With the target ``"offline"`` no language model takes part: the responder says the same to all.
    """

    name = "vanilla"
    title = "Vanilla"

    def __init__(self, setting: Setting) -> None:
        self._target = Target(setting.target, setting)
        self.model = self._target.name
        self.max_calls = self._target.calls

    async def answer(self, sample: Sample) -> Reply:
        """One call of the target."""
        return Reply(await self._target.reply(sample.prompt))
