"""The minor edit: only the carrying words change, the rest stays word for word."""

import re
from collections.abc import Sequence

from lance_graph.offline.inflection import with_article
from lance_graph.offline.lexicon import table, words

_TAILS = re.compile(
    r"""(?:,?\s+(?:and|while|so\s+that\s+i|but)?\s*(?:without|and\s+not|and\s+never|to\s+avoid|while\s+avoiding|so\s+(?:that\s+)?(?:nobody|no\s+one)|and\s+make\s+sure|and\s+ensure)\s+
    (?:\w+\s+){0,2}?(?:get(?:ting)?|be(?:ing)?|rais(?:e|ing)|arous(?:e|ing)|leav(?:e|ing)|any(?:one|body)|detection|they|them|the|people|him|her|suspects?|notices?|knows?|finds?|nobody|no\s+one|suspicion|arrest)\b
    [^,.;:?!\n]*)
    |,?\s+(?:and|to)\s+get(?:ting)?\s+away\s+with\s+it
    |,?\s+(?:undetected|unnoticed|in\s+secret|secretly)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_CARELESS = re.compile(r"(?<=\w)[ ,]+(?:lol|lmao|haha+|wtf|stfu|smh)\b", re.I)
_SOFTER = {
    "stupid": "annoying", "dumb": "annoying", "idiot": "person", "idiots": "people", "idiotic": "unwise",
    "moron": "person", "morons": "people", "moronic": "unwise", "ugly": "unattractive", "crap": "stuff",
    "disgusting": "unpleasant", "pathetic": "disappointing",
    "worthless": "discouraged", "useless": "unhelpful",
    "lazy": "unmotivated", "scum": "people", "loser": "person", "losers": "people",
    "asshole": "difficult person", "assholes": "difficult people", "bastard": "person", "bitch": "person",
    "insane": "unreasonable", "crazy": "unreasonable", "vile": "unpleasant", "shitty": "bad",
    "thugs": "offenders", "freaks": "people", "freak": "person", "smug": "proud",
    "retarded": "unwise", "shit": "stuff", "bullshit": "nonsense",
    "prick": "person", "jerk": "difficult person", "sucks": "is disappointing",
}  # fmt: skip
_FILLERS = frozenset(["fucking", "fuckin", "freaking", "effing", "goddamn", "goddam", "damn"])
_SLURS = re.compile(
    r"n[i1*]gg?(?:er|a)s?|n[*]+r?s?|coons?|f[a@]g(?:s|gots?)?|dykes?|trann(?:y|ies)|kikes?|"
    r"ragheads?|towelheads?|beaners?|wetbacks?|spics?"
    r"|gooks?|chinks?|japs?|pajeets?|pakis?|redskins?|injuns?|abos?|gyps(?:y|ies)|polacks?|"
    r"retards?|cripples|rednecks?|hillbill(?:y|ies)|savages",
    re.IGNORECASE,
)


def without_slurs(text: str) -> str:
    """``text`` with every listed slur replaced by a respectful name of the group."""
    for label, pattern in table("groups"):
        for found in {m.group(0) for m in pattern.finditer(text) if _SLURS.fullmatch(m.group(0))}:
            text = re.sub(rf"\b{re.escape(found)}(?!\w)", label, text)
    return text


def soften(text: str, carrying: Sequence[str] = ()) -> str:
    """``text`` with tails, slurs and insults softened; unchanged if none of them is there."""
    given = text
    text = _TAILS.sub("", text)
    text = _CARELESS.sub("", text)
    text = re.sub(r"\bgives? a (?:damn|shit|fuck|crap)\b", "care", text, flags=re.IGNORECASE)
    text = without_slurs(text)
    text = re.sub(r"\b[A-Za-z]+\b", _soft_word, text)
    for word in carrying:
        if word.lower() in words("evaluative") and word.lower() not in {"best", "most", "good"}:
            text = re.sub(rf"\s\b{re.escape(word)}\b", "", text)
    return text if text == given else _ARTICLE.sub(_fitting, text)


_ARTICLE = re.compile(r"\ban? (?=([a-z]+))")


def _fitting(match: re.Match[str]) -> str:
    return with_article(match[1]).removesuffix(match[1])


def _soft_word(match: re.Match[str]) -> str:
    word = match.group(0)
    if word.lower() in _SOFTER:
        soft = _SOFTER[word.lower()]
        return soft[:1].upper() + soft[1:] if word[0].isupper() else soft
    return "" if word.lower() in _FILLERS else word
