"""The refiner that needs no language model: deterministic, offline, milliseconds.

It reads the deciding sentence of a prompt and asks about what it finds there from the constructive
side. `stages.ORDER` is the table of what is tried, first to last.
"""

import re
from collections.abc import Sequence

from lance_graph.gradients import Clause
from lance_graph.offline.frames import default_topic, pick, pool, slug_of
from lance_graph.offline.lexicon import find_topic
from lance_graph.offline.reading import read
from lance_graph.offline.stages import ORDER
from lance_graph.offline.text import is_english, mend, plain, tidy

EMPTY = "What is a good question to start with when I want to learn something useful?"
_RANK = {"severe": 0, "mild": 1, "minor": 2, "none": 3}


def refine(prompt: str, clauses: Sequence[Clause], *, attempt: int = 0) -> str:
    """``prompt`` rewritten along the gradient ``clauses`` (strongest first) into a harmless request.

    ``attempt`` counts the rewrites already done in this run: each one goes a step more general.
    Never raises on any text; only the first 2,000 characters are read.
    """
    text = plain(tidy(prompt))
    strongest = min(clauses, key=lambda c: _RANK.get(c["effort"], 0), default=None)
    slug = slug_of(strongest["category"] if strongest else None)
    if not re.search(r"\w", text):
        return EMPTY
    if not is_english(text):
        return mend(_not_english(text, slug))
    effort = strongest["effort"] if strongest and attempt == 0 else "severe"
    driving = [word for clause in clauses for word in clause["words"]]
    reading = read(text, slug, effort, driving, attempt, prompt)
    made = next(filter(None, (stage.make(reading) for stage in ORDER if stage.serves(reading))))
    return made if made.startswith(reading.typed) else mend(made)


def _not_english(text: str, slug: str) -> str:
    """A request about the known topic of a text that this refiner cannot read."""
    subject = find_topic(text) or default_topic(slug)
    return pick(pool("common", "foreign"), text).format(x=subject)
