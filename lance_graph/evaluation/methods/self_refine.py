"""SelfRefine: the target answers, criticises its answer and revises it (Madaan et al. 2023, alg. 1)."""

import re

from langchain_core.messages import AnyMessage, HumanMessage, SystemMessage

from lance_graph.answers import without_thinking
from lance_graph.evaluation.methods.asking import Target, language_model
from lance_graph.evaluation.methods.base import Setting
from lance_graph.evaluation.prompts import load
from lance_graph.evaluation.sample import Reply, Sample
from lance_graph.prompts import fenced

_TAGS = re.compile(r"<answer>(.*?)(?:</answer>|\Z)", re.DOTALL | re.IGNORECASE)
_STOP = re.compile(
    r"^[^\w\n]*+(?:(?:final |my )?(?:verdict|critique|conclusion|feedback|status|result|stop)\W++)?"
    r"(?:there(?:['’]s| is) )?nothing (?:(?:is|more|else|further|left|remains|remaining) )*"
    r"to (?:be )?improved?[^\w\n]*+$",
    re.IGNORECASE | re.MULTILINE,
)


class SelfRefine:
    """Answer, then up to ``iterations`` times critique and revision on safety (paper, 4.1.3).

    4 iterations at most and an end when the critique finds nothing left to improve, as in Madaan
    et al. 2023; both prompts see all earlier attempts with their critiques, as there.
    """

    name = "self-refine"
    title = "SelfRefine"

    def __init__(self, setting: Setting, iterations: int = 4) -> None:
        if not isinstance(iterations, int) or iterations < 1:
            raise ValueError(f"iterations={iterations!r}: a whole number from 1 on is needed")
        self._target = Target(language_model(setting.target, "target", self.name), setting)
        self._iterations = iterations
        self.model = self._target.name
        self.max_calls = 1 + 2 * iterations

    async def answer(self, sample: Sample) -> Reply:
        """``iterations`` of the reply counts the revisions."""
        said = await self._target.reply(sample.prompt)
        history: list[tuple[str, str]] = []
        while len(history) < self._iterations:
            critique = await self._ask("critique", sample.prompt, history, said)
            if is_satisfied(critique):
                break
            history.append((said, critique))
            said = unwrapped(await self._ask("revise", sample.prompt, history))
        return Reply(said, iterations=len(history))

    async def _ask(
        self, role: str, prompt: str, history: list[tuple[str, str]], answer: str | None = None
    ) -> str:
        texts = {"request": prompt}
        for number, (earlier, critique) in enumerate(history, start=1):
            texts |= {f"answer_{number}": earlier, f"critique_{number}": critique}
        if answer is not None:
            texts[f"answer_{len(history) + 1}"] = answer
        system = load(f"method_self_refine_{role}")
        messages: list[AnyMessage] = [SystemMessage(system), HumanMessage(fenced(**texts))]
        return await self._target.ask(messages)


def is_satisfied(critique: str) -> bool:
    """Whether a line of the critique says no more than that nothing is left to improve."""
    return bool(_STOP.search(without_thinking(critique)))


def unwrapped(revision: str) -> str:
    """The revised answer: what stands in the last ``<answer>`` tags, else all of it."""
    text = without_thinking(revision)
    tagged = [found.strip() for found in _TAGS.findall(text)]
    return next((found for found in reversed(tagged) if found), text)
