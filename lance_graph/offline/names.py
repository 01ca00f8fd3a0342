"""Whom and what a prompt names: people, groups, countries, animals, private details, its subject."""

import re
from collections.abc import Iterator

from lance_graph.offline.inflection import (
    can_be_adjective,
    can_be_noun,
    is_gerund,
    is_known,
    is_only_verb,
    is_plural,
    with_article,
)
from lance_graph.offline.lexicon import find_in, has, word_pattern, words
from lance_graph.offline.text import lower_first

_PLACED = re.compile(
    r"\b(?:in|at|near|around|during|through|across|via|on|visit|visiting)(?: the)? \Z", re.I
)
_STARTS = re.compile(r"(?:\A|[.?!:\n\"])\s*\Z")

_NAME = re.compile(
    r"(?:[A-Z][a-zé]+[A-Za-zé]*|[A-Z]\.|[A-HJ-Z]\b)"
    r"(?:[ -](?:[A-Z][a-zé]+[A-Za-zé]*|[A-Z]\.|[A-HJ-Z]\b|\"[^\"]{2,15}\"))*"
)
_STREET = ("Street", "St", "Ave", "Avenue", "Road", "Rd", "Lane", "Drive")
_YOUR = re.compile(
    r"\b(?P<lead>the (?:\w+ ){1,2}of )?your (?P<what>(?:[\w'-]+ ){0,3}?[\w'-]+)"
    r"(?=[?.!,;]| (?:and|so|for|to|in|or|on)\b|$)",
    re.I,
)
_SOUGHT = re.compile(r"address|contact|phone|number|reach|in touch|hospital|meet\b", re.IGNORECASE)
_MASS = ("tion", "sion", "ism", "ity", "ness", "ment", "ance", "ence", "cy", "ship", "phy", "ics")
_WORD = re.compile(r"[A-Za-z][\w'-]*|[.,;:?!()\"]")
_LONGEST = 4


def person(text: str) -> str | None:
    """The name of the first person that ``text`` names, the longest kind first; a guess from capitals.

    A single word is a name only if no dictionary knows it and no sentence begins with it, for a
    capital alone says little; where a preposition of place stands before it, it is a place. Where
    most words have a capital, none says anything.
    """
    if _is_headline(text):
        return None
    matches = [match for match in _NAME.finditer(text) if not _PLACED.search(text, *_before(match))]
    found = [(match, name) for match in matches if (name := _trimmed(match.group()))]
    full = (name for _, name in found if " " in name and name.split()[-1] not in _STREET)
    single = (name for match, name in found if _is_single_name(text, match, name))
    return next(full, None) or next(single, None)


def _is_single_name(text: str, match: re.Match[str], name: str) -> bool:
    begins = _STARTS.search(text, *_before(match)) and match.group() == name
    return not (" " in name or len(name) <= 3 or begins or is_known(name))


def _before(match: re.Match[str]) -> tuple[int, int]:
    """Where to look for what stands right before ``match``."""
    return max(0, match.start() - 20), match.start()


def _is_headline(text: str) -> bool:
    long = re.findall(r"[A-Za-z]{4,}", text)
    return len(long) > 4 and sum(word[0].isupper() for word in long) > 0.7 * len(long)


def _trimmed(name: str) -> str | None:
    """``name`` without words that begin a sentence; None for a country or a group."""
    parts = name.split()
    while parts and (parts[0].lower() in words("people_not_name") | words("nouns_stop")):
        parts = parts[1:]
    name = " ".join(parts)
    return None if not parts or country(name) or find_in("groups", name) else name


def country(text: str) -> str | None:
    """The first country that ``text`` names, as it stands in a sentence."""
    found = find_in("countries", text)
    return found


def inside(name: str) -> str:
    """A group's name for use inside a sentence."""
    return lower_first(name) if name.split(maxsplit=1)[0].lower() in words("people_plain") else name


def quotable(text: str) -> str:
    """``text`` as it can stand between quotation marks, with its own end mark."""
    text = text.replace('"', "'").strip()
    return text if text[-1:] in "?.!" else f"{text}."


def relation(text: str) -> str | None:
    """Someone whom the user knows: "my cousin"; None if the text names nobody of the kind."""
    found = re.search(rf"\bmy (?:\w+ )?({word_pattern('relatives').pattern})(?!')", text, re.I)
    return f"my {found.group(1).lower()}" if found else None


def detail(text: str) -> str | None:
    """The kind of private detail that ``text`` is about, as a plural or mass noun."""
    return find_in("details", text)


def asks_for_private(text: str) -> bool:
    """Whether ``text`` is about a private detail of someone else's, or about the reader's own."""
    if any(own_detail(sentence) for sentence in re.split(r"(?<=[.?!])\s", text)):
        return True
    if not (has("private_data", text) or detail(text)):
        return False
    return any(_is_anothers(text, found) for found in _DATUM.finditer(text))


_DATUM = re.compile(
    r"\b(?:home )?(?:address(?:es)?|phone numbers?|contact (?:info|details)|passwords?|credit cards?|pin"
    r"|bank accounts?|social security|ssn|diagnos\w+|medical \w+|salary|income|gossip|rumou?rs?|dirt"
    r"|affairs?|secrets?|whereabouts|location|messages|e-?mails|texts|photos|pictures|nudes|personal life"
    r"|private life|love life|sexual orientation|criminal record)\b|\bwhere (?:do|does|is|did) ",
    re.IGNORECASE,
)
_OWNER = re.compile(
    r"(?:\b(?:his|her|their|users?'?|customers?'?|people'?s?|someone|somebody)|\w's)"
    r"(?: \w+){0,2} ?\Z",
    re.IGNORECASE,
)
_OWNED = re.compile(
    r" ?(?:of|for|from|on|about|belonging to) (?P<whom>[^.,;?!]{1,60})"
    r"|(?P<lives>[^.,;?!]{1,60}? liv(?:es?|ing)\b)",
    re.IGNORECASE,
)


def _is_anothers(text: str, datum: re.Match[str]) -> bool:
    """Whether the detail at ``datum`` has an owner who is not the user."""
    before = text[max(0, datum.start() - 40) : datum.start()]
    if _OWNER.search(before) and not re.search(
        r"\b(?:it|that|there|what|how|let)'s\b", before, re.I
    ):
        return True
    owned = _OWNED.match(text, datum.end())
    if owned is None:
        return False
    whom = owned["whom"] or owned["lives"]
    return bool(person(f"of {whom}") or relation(whom) or _OTHERS.search(whom))


_OTHERS = re.compile(
    r"\b(?:someone|somebody|people|a (?:stranger|person|user|customer|woman|man|girl|boy)|h(?:er|im|e)|she"
    r"|them|they|users|customers|strangers)\b",
    re.IGNORECASE,
)


def own_detail(sentence: str) -> str | None:
    """What a question asks its reader to give away, seen from the reader: "my bank account number"."""
    match = _YOUR.search(sentence)
    what = match.group("what") if match else ""
    lead = (match.group("lead") or "").lower() if match else ""
    known = lead or has("private_data", what.rsplit(" ", 1)[-1]) or find_in("details", what)
    return f"{lead}my {what}" if known and what and not has("profanity", what) else None


def seeks_contact(text: str) -> bool:
    """Whether ``text`` looks for a way to reach someone."""
    return _SOUGHT.search(text) is not None


def animal(text: str) -> str | None:
    """The first animal that ``text`` names, with an article: "a puppy"; None if there is none."""
    kinds = [kind for word in re.findall(r"[a-z]+", text.lower()) if (kind := _animal(word))]
    named = [kind for kind in kinds if kind not in {"animal", "pet"}]
    return with_article((named or kinds)[0]) if kinds else None


def _animal(word: str) -> str | None:
    singular = (word, word.removesuffix("s"), word.removesuffix("es"))
    more = (re.sub("ies$", "y", word), re.sub("ves$", "f", word))
    return next((form for form in (*singular, *more) if form in words("animals")), None)


def subject(text: str) -> str | None:
    """The longest noun phrase of ``text`` that reads well without an article; None if there is none."""
    return max(_phrases(text), key=lambda phrase: len(phrase.split()), default=None)


def _phrases(text: str) -> Iterator[str]:
    chunk: list[str] = []
    for token in [*_WORD.findall(text), "."]:
        if _is_part(token):
            chunk.append(token)
            continue
        while chunk and not _can_begin(chunk[0]):
            chunk = chunk[1:]
        if 0 < len(chunk) <= _LONGEST and _can_end(chunk[-1]):
            yield " ".join(chunk)
        chunk = []


def _is_part(token: str) -> bool:
    low = token.lower()
    rude = any(low in words(kind) for kind in ("profanity", "insults", "evaluative", "crude"))
    is_word = token[0].isalpha() and low not in words("nouns_stop") and not rude
    return is_word and not is_only_verb(low) and not low.endswith("ly")


def _can_begin(word: str) -> bool:
    return not is_gerund(word) and (can_be_noun(word) or can_be_adjective(word))


def _can_end(word: str) -> bool:
    return can_be_noun(word) and not is_gerund(word) and (is_plural(word) or word.endswith(_MASS))
