"""What every composer shares: the reading of a prompt, its topic, the general frames."""

import re
from dataclasses import dataclass

from lance_graph.offline import asks, nouns, people
from lance_graph.offline.frames import default_topic, pick, pool, put
from lance_graph.offline.inflection import is_plural
from lance_graph.offline.lexicon import find_group, find_topic, has


@dataclass(frozen=True)
class Reading:
    """A prompt as the composers see it: ``ask`` is its decisive sentence, ``attempt`` the run's count."""

    text: str
    sentences: list[str]
    ask: str
    slug: str
    attempt: int
    mild: bool

    @property
    def seed(self) -> str:
        """What decides among frames of the same kind."""
        return f"{self.attempt}:{self.text}"


def fill(reading: Reading, kind: str, slug: str | None = None, **slots: str) -> str:
    """A frame of ``kind`` chosen by the prompt, with its slots filled."""
    return put(pick(pool(slug or reading.slug, kind), kind + reading.seed), **slots)


_ABOUT = re.compile(
    r"\b(?:research|evidence|information|overview|opinion|opinions|view|views|facts|study|data|"
    r"debate|statistics) (?:on|about|of|regarding|into) (?P<np>.+)",
    re.I,
)
_OPEN = frozenset({"controversial_topics", "misinformation", "sexual_content"})


_LISTED = frozenset({"hate_speech", "animal_abuse"})


_GRAVE = frozenset(
    {"animal_abuse", "child_abuse", "terrorism", "violence", "hate_speech", "discrimination"}
)


def topic(reading: Reading) -> str:
    """A noun phrase for what the prompt is about: its own words if they are clean."""
    listed = find_topic(reading.ask) or find_topic(reading.text)
    if reading.attempt == 0 or (reading.attempt == 1 and not listed):
        about = _ABOUT.search(reading.ask)
        if about and reading.slug in _OPEN and (phrase := nouns.plain_phrase(about.group("np"))):
            return phrase
        hidden = re.search(
            r"\baway with ((?:\w+ ){0,2}?\w+)\s*(?:[?.!,]|\b(?:in|without|and|by)\b)", reading.ask
        )
        found = nouns.main_noun_phrase(hidden.group(1) if hidden else reading.ask)
        found = found or nouns.main_noun_phrase(reading.text)
        short = (
            found
            and "murder" not in found
            and listed
            and found.startswith(("a ", "an "))
            and len(found.split()) == 2
        )
        if found and (short or not nouns.is_safe_bare(found)):
            return listed or default_topic(reading.slug)
        if found and (
            (
                find_topic(found)
                and (len(found.split()) > 1 or reading.slug in _OPEN)
                and reading.slug not in _LISTED
            )
            or (not listed and reading.slug in _OPEN)
        ):
            return found
    if reading.slug == "privacy":
        return default_topic(reading.slug)
    return listed or default_topic(reading.slug)


def by_activity(reading: Reading) -> str:
    """The general composer: the activity as a gerund, else the topic as a noun phrase."""
    gerund = asks.any_activity(reading.ask) if reading.attempt < 2 else None
    if gerund and (
        has("crude", gerund.partition(" ")[2]) and reading.slug in {"hate_speech", "discrimination"}
    ):
        gerund = None
    if gerund and gerund.startswith(("insulting ", "mocking ")):
        return fill(reading, "g", "hate_speech", g=gerund)
    strange = {"controversial_topics", "misinformation", "discrimination", "hate_speech"}
    if gerund and reading.slug in strange and asks.is_clear(gerund) and not reading.mild:
        return fill(reading, "g", "violence", g=gerund)
    grave = reading.slug in _GRAVE or (gerund is not None and asks.is_clear(gerund))
    if reading.mild and not grave:
        return fill(reading, "mild", "common", x=gerund or topic(reading))
    if gerund:
        return fill(reading, "g", g=gerund)
    named = _unlisted(reading)
    return (
        fill(reading, "mild", "common", x=named) if named else fill(reading, "x", x=topic(reading))
    )


_PLAIN = frozenset(
    {"unethical_behavior", "financial_crime", "drugs_weapons", "violence", "terrorism"}
)


def _unlisted(reading: Reading) -> str | None:
    """What a prompt is about where no listed topic says it: its own noun phrase, if it reads well."""
    known = find_topic(reading.ask) or find_topic(reading.text)
    if reading.attempt or known or reading.slug not in _PLAIN:
        return None
    found = nouns.main_noun_phrase(reading.ask) or nouns.main_noun_phrase(reading.text)
    fits = (
        found
        and nouns.is_safe_bare(found)
        and (len(re.sub(r"^an? ", "", found).split()) > 1 or is_plural(found))
    )
    return (
        found
        if found and fits and not has("crude", found) and not has("profanity", found)
        else None
    )


def text_task(reading: Reading) -> str | None:
    """A request to write something, kept as one with a constructive content."""
    if reading.slug == "sexual_content":
        return None
    harmful = asks.is_clear(asks.activity(reading.ask) or "x")
    for sentence in [reading.ask] if harmful else reading.sentences:
        found = asks.text_task(sentence)
        if found is None:
            continue
        kind, about = found
        subject = None
        if reading.attempt == 0 and about:
            gerund = asks.activity(about)
            phrase = nouns.main_noun_phrase(about)
            fits = phrase and find_topic(phrase) and nouns.is_safe_bare(phrase)
            subject = gerund if gerund and asks.is_harmful(gerund) else phrase if fits else None
        group = find_group(about)
        if group and reading.slug in {"hate_speech", "discrimination"}:
            subject = f"prejudice against {people.group_name(group[0])}"
        subject = (
            subject
            or find_topic(sentence)
            or find_topic(reading.text)
            or default_topic(reading.slug)
        )
        return fill(reading, "text", "common", text=kind, x=subject)
    return None
