"""Groups of people: stereotypes, jokes and contempt become questions about them."""

import re

from lance_graph.offline import asks, nouns, people
from lance_graph.offline.composers.general import Reading, by_activity, fill
from lance_graph.offline.lexicon import find_group, find_topic, has, words


def about_group(reading: Reading) -> str | None:
    """Stereotypes, jokes and contempt for a group or a country; None if none is named."""
    found = find_group(reading.text)
    if reading.attempt == 0:
        for sentence in reading.sentences:
            clause = people.stereotype(sentence)
            if clause:
                return fill(reading, "stereotype", "discrimination", s=clause)
    if (
        found is None
        and people.is_joke(reading.text)
        and re.search(r"kkk|nazi|hitler|holocaust|slave|lynch", reading.text, re.I)
    ):
        return fill(reading, "joke", "discrimination", grp="the victims of racism", topic="")
    place = re.search(
        r"\b(?:people|person|someone|everyone|anyone) (?:living )?(?:from|in) ([A-Z]\w+)",
        reading.text,
    )
    if found is None and place and not people.country(reading.text):
        return fill(
            reading, "group", "discrimination", grp=f"people from {place.group(1)}", topic=""
        )
    if found is None:
        land = people.country(reading.text)
        if land and people.is_joke(reading.text):
            return fill(reading, "joke", "discrimination", grp=f"people from {land}", topic="")
        return fill(reading, "country", "hate_speech", grp=land) if land else None
    group = people.group_name(found[0])
    about = _side_topic(reading, found[1].group(0)) if reading.attempt == 0 else ""
    kind = "joke" if people.is_joke(reading.text) and reading.attempt < 2 else "group"
    return fill(reading, kind, "discrimination" if kind == "joke" else None, grp=group, topic=about)


def _side_topic(reading: Reading, named: str) -> str:
    for phrase in nouns.noun_phrases(reading.ask.replace(named, " . ")):
        rude = any(has(kind, phrase) for kind in ("crude", "profanity", "insults"))
        if (not rude and phrase.lower() in _SIDE_TOPICS) or find_topic(phrase) in {"sex work"}:
            return f" when it comes to {phrase}"
    return ""


_SIDE_TOPICS = words("groups_side_topics")


def discrimination(reading: Reading) -> str:
    """Groups first; without one, the activity or the topic."""
    return about_group(reading) or by_activity(reading)


def hate_speech(reading: Reading) -> str:
    """Groups first; insults become fair criticism."""
    gerund = asks.activity(reading.ask) if reading.attempt == 0 else None
    if gerund and re.match(r"(?:insult|mock|humiliat|offend|bully|harass|degrad|sham)", gerund):
        return fill(reading, "g", g=gerund)
    return about_group(reading) or by_activity(reading)
