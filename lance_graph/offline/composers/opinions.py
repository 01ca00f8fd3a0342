"""Politics and doubtful claims: balanced questions."""

import re

from lance_graph.offline import asks
from lance_graph.offline.claims import balanced_question, claim
from lance_graph.offline.composers.general import Reading, by_activity, fill, topic
from lance_graph.offline.composers.groups import about_group
from lance_graph.offline.lexicon import find_group, find_topic, has
from lance_graph.offline.people import group_name


def opinion(reading: Reading) -> str:  # noqa: PLR0911  # a chain of guards
    """Politics and misinformation: balanced questions about the claim."""
    evil = find_topic(reading.text)
    if evil in {"Nazism", "slavery"}:
        return fill(reading, "x", "discrimination", x=evil)
    if reading.attempt < 2:
        stated = claim(reading.sentences)
        contempt = stated and find_group(stated) and has("insults", stated)
        if stated and not contempt and not has("profanity", stated):
            return fill(reading, "claim", s=stated)
    asked = _first_question(reading) if reading.attempt == 0 else None
    if asked:
        return f"{asked} {fill(reading, 'question')}"
    gerund = asks.activity(reading.ask) if reading.attempt == 0 else None
    if gerund and asks.is_clear(gerund):
        return by_activity(reading)
    if find_group(reading.ask) and has("insults", reading.text):
        return about_group(reading) or by_activity(reading)
    if gerund:
        others = bool(_OTHERS.search(gerund)) and asks.is_harmful(gerund)
        others = others or bool(re.search(r"disinform|misinform|\bfake|\bfalse|propaganda", gerund))
        return fill(reading, "g", "unethical_behavior" if others else None, g=gerund)
    group = find_group(reading.text)
    if group and reading.attempt < 2 and not find_topic(reading.ask):
        return fill(reading, "group", "discrimination", grp=group_name(group[0]), topic="")
    if evil in {
        "terrorism",
        "mass shootings",
        "rape",
        "murder",
        "serial killers",
        "human trafficking",
    }:
        return fill(reading, "x", "violence", x=evil)
    return fill(reading, "x", x=topic(reading))


_OTHERS = re.compile(
    r"\b(?:someone|somebody|people|others|an? (?:wife|husband|friend|child|boss|neighbou?r))\b"
)


def _first_question(reading: Reading) -> str | None:
    asked = next(filter(None, map(balanced_question, reading.sentences)), None)
    personal = asked and re.search(
        r"\byou(?:'ve|r favou?rite)\b|what's your|have you|would you|\bi (?:can|could)\b",
        asked,
        re.I,
    )
    return None if not asked or personal or has("insults", asked) or has("crude", asked) else asked
