"""Prompts of the judge and of the methods that are compared: one a file, as in `lance_graph.prompts`.

They are part of the protocol that figures are measured by, so no `LanceContext.prompts` replaces one.
"""

from functools import cache
from importlib.resources import files

from lance_graph.prompts import paragraphs


@cache
def load(name: str) -> str:
    """Text of the prompt file ``name``."""
    return files(__name__).joinpath(f"{name}.md").read_text(encoding="utf-8").strip()


def prose(name: str) -> str:
    """The prompt ``name`` as an answer shows it: a paragraph a line, however the file is wrapped."""
    return paragraphs(load(name))
