"""Lance-NR: without refinement (paper, 4.3.1, "w/o Refinement")."""

from lance_graph.context import LanceContext
from lance_graph.evaluation.methods.base import Setting
from lance_graph.evaluation.methods.lance import Lance


class LanceNR(Lance):
    """The graph with refinement switched off: the target answers the prompt as it was typed.

    The paper deactivates prompt optimisation entirely, calls the result the initial model, and
    gives it Vanilla's figures (4.57, 5.59, 7.04 on Llama3-8B): nothing is rewritten and nothing
    held back. So this is monitor mode. Unlike Vanilla it scores the prompt and the pair.
    """

    name = "lance-nr"
    title = "Lance-NR"

    def _choose(self, setting: Setting) -> LanceContext:
        return setting.context(mode="monitor", review="never")
