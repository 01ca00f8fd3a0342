"""Politics and doubtful claims: balanced questions."""

import re

from lance_graph.offline import asks
from lance_graph.offline.claims import balanced_question, claim
from lance_graph.offline.composers.general import Reading, by_activity, fill, topic
from lance_graph.offline.composers.groups import about_group
from lance_graph.offline.lexicon import find_group, has


def opinion(reading: Reading) -> str:
    """Politics and misinformation: balanced questions about the claim."""
    if reading.attempt < 2:
        stated = claim(reading.sentences)
        if stated and not has("profanity", stated):
            return fill(reading, "claim", s=stated)
    asked = _first_question(reading) if reading.attempt == 0 else None
    if asked:
        return f"{asked} {fill(reading, 'question')}"
    gerund = asks.activity(reading.ask) if reading.attempt == 0 else None
    if gerund and asks.is_clear(gerund):
        return by_activity(reading)
    if find_group(reading.ask) and has("insults", reading.text):
        return about_group(reading) or by_activity(reading)
    return fill(reading, "g", g=gerund) if gerund else fill(reading, "x", x=topic(reading))


def _first_question(reading: Reading) -> str | None:
    asked = next(filter(None, map(balanced_question, reading.sentences)), None)
    personal = asked and re.search(
        r"\byou(?:'ve|r favou?rite)\b|what's your|have you|would you|\bi (?:can|could)\b",
        asked,
        re.I,
    )
    return None if not asked or personal or has("insults", asked) or has("crude", asked) else asked
