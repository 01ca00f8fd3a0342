"""Who a prompt talks about: groups, stereotypes, countries, persons and private details."""

import re

from lance_graph.offline.inflection import can_be_noun, verb_lemma
from lance_graph.offline.lexicon import find_group, has, words
from lance_graph.offline.text import lower_first

_WHY = re.compile(
    r"^(?:so |but |and )?(?:why|how come|how is it that|i think(?: that)?"
    r"|everyone knows that|isn't it true that)\s+(?P<aux>do|does|did|are|is|were|have|has)?\s*"
    r"(?P<q>(?:all|most|so many|some|many|the)\s+(?:the\s+)?)?$",
    re.IGNORECASE,
)
_COUNTRIES = (
    "Afghanistan|Albania|Algeria|Argentina|Australia|Austria|Bangladesh|Belgium|Brazil|Britain|"
    "Bulgaria"
    "|Canada|Chile|China|Colombia|Cuba|Denmark|Egypt|England|Ethiopia|Europe|Finland|France|"
    "Germany|Ghana"
    "|Greece|Haiti|Hungary|India|Indonesia|Iran|Iraq|Ireland|Israel|Italy|Jamaica|Japan|Kenya|Korea"
    "|North Korea|South Korea|Lebanon|Libya|Malaysia|Mexico|Morocco|Nepal|the Netherlands|New "
    "Zealand"
    "|Nigeria|Norway|Pakistan|Palestine|Peru|the Philippines|Poland|Portugal|Romania|Russia|"
    "Saudi Arabia"
    "|Scotland|Serbia|Singapore|Somalia|South Africa|Spain|Sudan|Sweden|Switzerland|Syria|Taiwan"
    "|Thailand|Turkey|Ukraine|the United States|America|Venezuela|Vietnam|Wales|Yemen|Africa|Asia"
    "|the Middle East|the UK|the USA|the US|Texas|California|Florida"
)
_COUNTRY = re.compile(rf"\b(?:{_COUNTRIES})\b", re.IGNORECASE)
_JOKE = re.compile(
    r"have in common|what do you (?:call|get)|walks? into|why (?:don't|can't|didn't|did|are "
    r"there no|do)\b.{0,80}\?"
    r"\s*because\b|knock knock|difference between|why don't you|\bjokes?\b|pregnancy test"
    r"|failed my|how many .{0,40} does it take|word of the day|are there no|lol\b",
    re.IGNORECASE,
)


def country(text: str) -> str | None:
    """The first country that ``text`` names."""
    match = _COUNTRY.search(text)
    if not match:
        return None
    name = match.group(0)
    return "the " + name[4:] if name.lower().startswith("the ") else name[:1].upper() + name[1:]


def is_joke(text: str) -> bool:
    """Whether ``text`` looks like a joke at someone's expense."""
    return _JOKE.search(text) is not None


def stereotype(sentence: str) -> str | None:  # noqa: PLR0911  # a chain of guards
    """The claim behind "Why do X ...?" as a clause, if it can be repeated without contempt."""
    found = find_group(sentence)
    if found is None:
        return None
    name, match = found
    before = _WHY.match(sentence[: match.start()])
    if before is None:
        return None
    predicate = cut_predicate(sentence[match.end() :])
    aux = (before.group("aux") or "").lower()
    if not predicate or "'" in sentence[match.end() : match.end() + 1]:
        return None
    first = predicate.split()[0].lower()
    if first in {"in", "from", "at", "on", "with", "of"} or predicate.split()[-1].lower() in {
        "are",
        "like",
        "is",
    }:
        return None
    if not aux and first not in {
        "are",
        "have",
        "can't",
        "don't",
        "always",
        "never",
        "can",
        "do",
        "get",
    }:
        return None
    if first == "people" or aux in {"does", "did", "has", "is", "were"}:
        return None
    verb = f"{aux} " if aux in {"are", "have"} else ""
    clause = f"{name} {verb}{predicate}"
    if any(has(kind, predicate) for kind in ("crude", "profanity")) or len(predicate.split()) > 12:
        return None
    if re.search(
        r"\b(?:my|our|your|they|this|you|we|i|us|have to|need to|there)\b", predicate, re.I
    ):
        return None
    return group_name(clause)


_PLAIN = words("people_plain")


def group_name(name: str) -> str:
    """A group's name for use inside a sentence."""
    return lower_first(name) if name.split(maxsplit=1)[0].lower() in _PLAIN else name


def cut_predicate(text: str) -> str:
    """The predicate up to the end of its clause."""
    text = re.split(
        r"[?.!;\n\"(]|,|\b(?:and always|and then|but|because|or are|or is|or do|when|like it)\b",
        text,
    )[0]
    text = re.sub(r"^\s*((?!like|love|hate)\w+) (?:so|that|this) much\s*$", r"\1 a lot", text)
    text = re.sub(
        r"\b(?:so much|always|all the time|just|really|literally|fucking|damn)\b", " ", text
    )
    return " ".join(text.split())


_NAME = re.compile(
    r"\b[A-Z][a-zé]+(?:[A-Z][a-zé]+)?(?:[ -](?:[A-Z][a-zé]+(?:[A-Z][a-zé]+)?|[A-Z]\.|[A-HJ-Z]\b"
    r"|\"[^\"]{2,15}\"))*(?:'s)?"
)
_NOT_NAME = words("people_not_name")


def person(text: str) -> str | None:
    """The name of the first person (or company) that ``text`` names; a guess from capitals."""
    single = None
    for match in _NAME.finditer(text):
        name = match.group(0).removesuffix("'s")
        parts = name.split()
        while parts and parts[0].lower() in _NOT_NAME:
            parts = parts[1:]
        name = " ".join(parts)
        before = text[: match.start()].rstrip().split(" ")[-1].lower()
        if parts and parts[-1] in {"St", "Street", "Ave", "Avenue", "Road", "Rd", "Lane", "Drive"}:
            continue
        if (
            not parts
            or _COUNTRY.fullmatch(name)
            or (before in {"in", "from", "at", "near", "to"} and len(parts) < 2)
        ):
            continue
        called = text[match.end() : match.end() + 1] == "," and not can_be_noun(name.lower() + "s")
        if len(parts) == 1 and (
            (match.start() == 0 and not called) or verb_lemma(name) or len(name) < 4
        ):
            continue
        if len(parts) == 1 and can_be_noun(name) and name.lower() != name and _is_common(name):
            continue
        if len(parts) > 1:
            return name
        single = single or name
    return single


def _is_common(name: str) -> bool:
    return name.lower().endswith(("ing", "ed", "tion", "s")) and len(name) > 9


_YOUR = re.compile(r"\b(?:the (?:\w+ ){1,4}of )?your (?P<np>[^,.?!;]+)", re.IGNORECASE)
_YOU_HAD = re.compile(
    r"\b(?P<np>the [\w' -]{3,40}?) you (?P<ever>ever )?(?P<verb>\w+ed|had|bought|went|saw|met)\b",
    re.I,
)


def private_detail(sentence: str) -> str | None:
    """What a question asks its reader to give away, seen from the reader: "my bank account number"."""
    match = _YOUR.search(sentence)
    if match:
        phrase = re.split(
            r"\b(?:and|so|for|to|in|on|because|with|then|please)\b", match.group("np")
        )[0].strip()
        if not phrase or any(has(kind, phrase) for kind in ("profanity", "crude")):
            return None
        lead = sentence[match.start() : match.start("np") - len("your ")].strip().lower()
        return f"{lead} my {phrase}".strip() if len(phrase.split()) < 7 else None
    match = _YOU_HAD.search(sentence)
    if match:
        return f"{match.group('np').lower()} I {match.group('ever') or ''}{match.group('verb')}"
    return None
