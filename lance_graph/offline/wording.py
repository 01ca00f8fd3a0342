"""Wordings made plain before the parse: split verbs, forgotten apostrophes, names in small letters."""

import re

from lance_graph.offline.inflection import (
    can_be_adjective,
    can_be_noun,
    is_known,
    is_only_verb,
)
from lance_graph.offline.lexicon import rewrites, words

_INTERJECTION = re.compile(
    r"(?:^|(?<=[.!?] ))(?:oh|god|oh god|omg|dude|bro|man|ugh|lol|damn|honestly|seriously|yeah|gee|jeez)"
    r"(?:,|!+| -)\s+",
    re.I,
)
_RUDE = re.compile(
    r"\b(?:this|that|the|some|a|an|these|those|my) (?:\w+ing )?"
    r"(?:(?:mother)?fucker|asshole|bastard|bitch|cunt|prick|dickhead|douchebag|scumbag"
    r"|motherfucker)(s?)\b",
    re.I,
)
_OWNER = re.compile(r"\b(my|your|his|her|their) ([a-z]+)s ([a-z]+)\b", re.I)
_WHO_HAS = re.compile(
    r"\b(someone|somebody|anyone|people|(?:a|an|the|my) (?:person|man|woman|girl|boy|guy|kid|child|"
    r"student|teacher|neighbou?r|friend|classmate|coworker|colleague)) "
    r"(?:that|who)(?:'s got| has got| has| have| got| wears?) (?!to\b|been\b|a lot\b|no\b|never\b"
    r"|\w+ed\b)",
    re.I,
)
_SMALL_NAME = re.compile(
    r"\b(?P<lead>of|for|does|is|did|about|think|has|was|where|with|named|called) "
    r"([a-z]{3,}) ([a-z]{3,})\b"
)


def plain(text: str) -> str:
    """``text`` with the wordings that the parser knows; what it says stays the same."""
    text = _INTERJECTION.sub("", text)
    for wording, pattern in rewrites():
        text = pattern.sub(wording, text)
    text = _RUDE.sub(lambda m: "people" if m.group(1) else "someone", text)
    text = _WHO_HAS.sub(r"\1 with ", text)
    text = _OWNER.sub(_possessive, text)
    return _SMALL_NAME.sub(_name, text)


def _possessive(match: re.Match[str]) -> str:
    """The forgotten apostrophe of an owner: my brothers car, my brother's car."""
    whose, owner, owned = match.groups()
    person = owner.lower() in words("relatives")
    noun = can_be_noun(owned) or can_be_adjective(owned)
    noun = noun and not is_only_verb(owned) and owned.lower() not in words("nouns_stop")
    return f"{whose} {owner}'s {owned}" if person and noun else match.group(0)


def _name(match: re.Match[str]) -> str:
    """Two words that no dictionary knows are a name: "tammy duckworth" -> "Tammy Duckworth"."""
    lead, *name = match.groups()
    if any(is_known(word) for word in name):
        return match.group(0)
    return " ".join([lead, *map(str.capitalize, name)])
