"""A prompt as the stages of the refiner see it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from lance_graph.offline import asks
from lance_graph.offline.frames import pick, pool, put
from lance_graph.offline.lexicon import find_group, find_in, find_topic, has, slug_of_topic
from lance_graph.offline.minor import without_slurs
from lance_graph.offline.text import sentences

_GRAVE = frozenset({"animal_abuse", "child_abuse", "violence", "terrorism"})
_RUDE = ("crude", "profanity", "insults")


@dataclass(frozen=True)
class Reading:
    """``text`` without orders to the model, its ``sentences``, and ``ask``, the one that decides.

    ``category`` is what the detector found (a slug), ``attempt`` counts the rewrites of this run,
    ``effort`` is "minor", "mild" or "severe", ``words`` are those that drove the detector.
    """

    text: str
    sentences: tuple[str, ...]
    ask: str
    category: str
    attempt: int
    effort: str
    words: tuple[str, ...]

    @cached_property
    def topic(self) -> str | None:
        """The listed topic of the deciding sentence, else of the text."""
        return find_topic(self.ask) or find_topic(self.text)

    @cached_property
    def slug(self) -> str:
        """The category whose frames fit: that of the topic, for a detector may be wrong about it."""
        return (slug_of_topic(self.topic) if self.topic else None) or self.category

    @cached_property
    def activity(self) -> str | None:
        """The harmful activity that the deciding sentence asks about, as a gerund."""
        found = asks.activity(self.ask)
        if found is None or has("profanity", found):
            return None
        at_whom = re.search(r"\b(?:someone|people|another person)\b", found)
        hidden = (at_whom or find_in("evasive", self.text)) and asks.is_harmful(found)
        return found if asks.has_clear(found) or find_topic(found) or hidden else None

    @cached_property
    def group(self) -> str | None:
        """The group of people that is named first."""
        found = find_group(self.text)
        return found[0] if found else None

    @property
    def is_rude(self) -> bool:
        """Whether a word of contempt stands in the text."""
        return any(has(kind, self.text) for kind in _RUDE)

    @cached_property
    def is_harmless(self) -> bool:
        """Whether the lexicon finds nothing harmful in the text."""
        listed = self.topic or has("private_data", self.text)
        deed = self.activity or (self.category in _GRAVE and asks.has_clear(self.text))
        return not (deed or listed or self.is_rude or find_in("evasive", self.text))

    def fill(self, kind: str, slug: str | None = None, **slots: str) -> str:
        """A frame of ``kind`` chosen by the prompt, with its slots filled."""
        seed = f"{kind}{self.attempt}:{self.text}"
        return put(pick(pool(slug or self.slug, kind), seed), **slots)


def read(text: str, category: str, effort: str, words: Sequence[str], attempt: int) -> Reading:
    """The reading of a tidy text; ``category`` is a slug."""
    parts = tuple(sentences(without_slurs(text)))
    ask = max(parts, key=lambda part: _weight(part, words))
    return Reading(" ".join(parts), parts, ask, category, attempt, effort, tuple(words))


def _weight(part: str, words: Sequence[str]) -> float:
    """How much of the request a sentence carries: a harmful activity, a question, the driving words."""
    found = asks.activity(part)
    harm = 2.0 if found and asks.is_harmful(found) and " " in found else 0.0
    topic = 0.5 if find_topic(part) else 0.0
    driving = sum(0.5 for word in words if re.search(re.escape(word), part, re.IGNORECASE))
    return harm + topic + driving + (1.0 if part.endswith("?") else 0.0)
