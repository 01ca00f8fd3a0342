"""A prompt as the stages of the refiner see it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from lance_graph.offline import asks, care, names
from lance_graph.offline.frames import pick, pool, put
from lance_graph.offline.lexicon import (
    find_group,
    find_in,
    find_topic,
    has,
    is_subject,
    slug_of_topic,
    without_innocent,
    words,
)
from lance_graph.offline.minor import without_slurs
from lance_graph.offline.text import LOOKED_AT, all_sentences, sentences

_GRAVE = frozenset({"animal_abuse", "child_abuse", "violence", "terrorism"})
_RUDE = ("crude", "profanity", "insults")
_AT_SOMEONE = re.compile(r"(?:\w+ly )?\w+ing (?:up )?(?:someone|people|another person)\b(?!')")
_SAID = re.compile(r"\"[^\"\n]{1,300}\"")
_JOKE = re.compile(
    r"\bjokes?\b|\? because\b|knock knock|walks? into a|how many .{0,40} does it take",
    re.IGNORECASE,
)
_AT_YOU = re.compile(r"\byou(?:'re| are| were|r)? ", re.IGNORECASE)


@dataclass(frozen=True)
class Reading:
    """``text`` without orders to the model, its ``sentences``, and ``ask``, the one that decides.

    ``category`` is what the detector found (a slug), ``attempt`` counts the rewrites of this run,
    ``effort`` is "minor", "mild" or "severe", ``words`` are those that drove the detector. ``typed``
    is the prompt as it came, with its own spelling and lines; ``whole`` says that all of it was read
    and none of it orders the model about.
    """

    text: str
    sentences: tuple[str, ...]
    ask: str
    category: str
    attempt: int
    effort: str
    words: tuple[str, ...]
    typed: str
    whole: bool

    @cached_property
    def searched(self) -> str:
        """The text without set phrases that mean no harm, though a word of theirs may."""
        return without_innocent(self.text)

    @cached_property
    def topic(self) -> str | None:
        """The listed topic of the deciding sentence, else of the text; a harmful one before a subject."""
        found = [t for t in map(find_topic, (without_innocent(self.ask), self.searched)) if t]
        return next((t for t in found if not is_subject(t)), found[0] if found else None)

    @cached_property
    def slug(self) -> str:
        """The category whose frames fit: that of the topic, for a detector may be wrong about it."""
        return (slug_of_topic(self.topic) if self.topic else None) or self.category

    @cached_property
    def activity(self) -> str | None:
        """The harmful activity that the deciding sentence asks about, as a gerund."""
        found = asks.activity(without_innocent(self.ask))
        if found is None or has("profanity", found):
            return None
        at_whom = _AT_SOMEONE.match(found)
        hidden = (at_whom or find_in("evasive", self.searched)) and asks.is_harmful(found)
        topic = find_topic(found)
        named = topic is not None and not is_subject(topic)
        return found if asks.has_clear(found) or named or hidden else None

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
        """Whether the lexicon finds nothing harmful in the whole prompt; a mere subject is nothing."""
        if not self.whole:
            return False
        topic = self.topic is not None and not is_subject(self.topic)
        deed = self.activity or (self.category in _GRAVE and asks.has_clear(self.searched))
        hides = find_in("evasive", self.searched) or names.asks_for_private(self.searched)
        return not (topic or deed or hides or self._is_contempt or self._is_danger)

    @property
    def _is_contempt(self) -> bool:
        """Whether a word of contempt is aimed at people; "ugly" or "dirty" alone is none."""
        text = self.searched
        at_whom = self.group or names.country(text)
        own = _SAID.sub(" ", text)
        crude = at_whom and (has("crude", text) or _JOKE.search(text))
        insult = (at_whom or _AT_YOU.search(own)) and has("insults", own)
        strong = words("profanity") - words("mild_words")
        swears = not strong.isdisjoint(re.findall(r"[a-z]+", text.lower()))
        return bool(crude or insult or swears or without_slurs(self.typed) != self.typed)

    @property
    def _is_danger(self) -> bool:
        """Whether the text speaks of harm to oneself, the user's or another's."""
        return care.is_about_self(self.text) or (
            self.category == "self_harm" and care.speaks_of_self_harm(self.text)
        )

    def fill(self, kind: str, slug: str | None = None, **slots: str) -> str:
        """A frame of ``kind`` chosen by the prompt, with its slots filled."""
        seed = f"{kind}{self.attempt}:{self.text}"
        return put(pick(pool(slug or self.slug, kind), seed), **slots)


def read(
    text: str,
    category: str,
    effort: str,
    words: Sequence[str],
    attempt: int,
    typed: str | None = None,
) -> Reading:
    """The reading of a tidy text, which was ``typed`` so; ``category`` is a slug."""
    parts = tuple(sentences(without_slurs(text)))
    ask = max(parts, key=lambda part: _weight(part, words))
    typed = (text if typed is None else typed).strip()
    whole = len(typed) <= LOOKED_AT and len(parts) == len(all_sentences(text))
    return Reading(
        " ".join(parts), parts, ask, category, attempt, effort, tuple(words), typed, whole
    )


def _weight(part: str, words: Sequence[str]) -> float:
    """How much of the request a sentence carries: a harmful activity, a question, the driving words."""
    found = asks.activity(part)
    harm = 2.0 if found and asks.is_harmful(found) and " " in found else 0.0
    topic = 0.5 if find_topic(part) else 0.0
    driving = sum(0.5 for word in words if re.search(re.escape(word), part, re.IGNORECASE))
    return harm + topic + driving + (1.0 if part.endswith("?") else 0.0)
