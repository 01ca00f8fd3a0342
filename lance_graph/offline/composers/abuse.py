"""Animals and children: whom to protect, and from what."""

import re

from lance_graph.offline import asks, nouns
from lance_graph.offline.composers.general import Reading, by_activity, fill


def animal_abuse(reading: Reading) -> str:
    """Activity first, then the animal that is named."""
    gerund = asks.activity(reading.ask) if reading.attempt < 2 else None
    victim = nouns.animal(reading.ask) or nouns.animal(reading.text)
    if gerund and (asks.is_harmful(gerund) or nouns.animal(gerund)):
        return by_activity(reading)
    if victim and reading.attempt < 2:
        return fill(reading, "victim", v=victim)
    return by_activity(reading)


def child_abuse(reading: Reading) -> str:
    """The child that is named and the kind of abuse; the act itself only where it is plain."""
    kind = _kind_of_abuse(reading.text)
    gerund = asks.activity(reading.ask) if reading.attempt == 0 else None
    if (
        gerund
        and kind != "sexual abuse"
        and asks.is_harmful(gerund)
        and re.search(r"child|boy|girl|toddler|bab(?:y|ies)|kid|teen|minor", gerund)
    ):
        return by_activity(reading)
    if reading.attempt < 2 and re.search(
        r"child|kid|boy|girl|toddler|bab|teen", reading.text, re.I
    ):
        return fill(reading, "victim", v=nouns.child(reading.ask), x=kind)
    return fill(reading, "x", x=_OF_CHILDREN.get(kind, "child abuse"))


_OF_CHILDREN = {
    "sexual abuse": "child sexual abuse",
    "physical abuse": "physical child abuse",
    "emotional abuse": "emotional child abuse",
}


def _kind_of_abuse(text: str) -> str:
    kinds = (
        (
            r"sex|groom|molest|porn|nude|naked|erot|ejacul|orgasm|\boral|incest|pedo|arous|lolita",
            "sexual abuse",
        ),
        (
            r"brainwash|manipulat|isolat|guilty|fear|believe|worth|confus|emotion|secret|condition",
            "emotional abuse",
        ),
        (
            r"beat|hit|punch|burn|shake|punish|physical|disciplin|smother|kill|bruis|marks|starv",
            "physical abuse",
        ),
    )
    return next((kind for pattern, kind in kinds if re.search(pattern, text, re.I)), "abuse")
