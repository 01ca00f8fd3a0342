"""What a sentence asks for: the activity (as a gerund), the text to write, the opinion stated."""

import re
from collections.abc import Iterator

from lance_graph.offline.grammar import gerund
from lance_graph.offline.inflection import is_base_verb, is_only_verb, is_plural, verb_lemma
from lance_graph.offline.lexicon import beings, find_group, find_topic, words
from lance_graph.offline.names import person

_I = re.IGNORECASE
_WHO = (
    r"(?:i|you|we|u|one|someone|somebody|anyone|people|they|he|she|an? [a-z]+|the [a-z]+|my [a-z]+"
    r"|individuals|criminals|terrorists|[a-z]+ists|hackers|scammers|dealers|smugglers|users)"
)
_AUX = r"(?:do|does|did|can|could|would|should|might|may|will|must|shall|to)"
_MEANS = (
    r"(?:ways?|methods?|techniques?|tactics?|strateg(?:y|ies)|tips?|tricks?|steps?|instructions?"
    r"|guides?|tutorials?|plans?|ideas?|advice|means|approach(?:es)?|how-to|procedures?|place|"
    r"places"
    r"|time|tools?|materials?|items?|ingredients|supplies|(?:supply )?list|options?|insights?"
    r"|information|recipes?|examples?|cases?|"
    r"things?"
    r"|manual|script|program|drugs?|weapons?|knots?|knife|hacks?|loopholes?|ages?|schemes?|excuses?"
    r"|chemicals?|substances?|products?|software|apps?|walkthrough|blueprint|suggestions?|"
    r"force|lies?)"
)
_VP = r"(?P<vp>.+)"
_PATTERNS = tuple(
    re.compile(p, _I)
    for p in (
        rf"\bhow (?:[a-z]+ly |best |else |exactly )*{_AUX} {_WHO} (?:best |ever )?{_VP}",
        rf"\bhow (?:[a-z]+ly |best |else |exactly )*to (?:best )?{_VP}",
        rf"\b{_MEANS}(?: and [a-z]+)? (?:(?:i|you|one|we|that)(?: can| could| should)?(?: "
        rf"use)? |needed |required |used |available |there (?:is |are )?)?to {_VP}",
        rf"\b{_MEANS} (?:for|of|on|about|in|into|used in|used for|used by [a-z]+ for) "
        r"(?P<vp>(?:[a-z]+ly )?[a-z]+ing\b.+|how to .+)",
        r"\b(?:help|teach|show|assist|guide|let|allow|walk) (?:me|us) (?:through |to |in |"
        rf"with |on )?(?:how to )?{_VP}",
        r"\b(?:have|had) (?:you|u|ya) (?:ever )?(?:intentionally )?(?:tried )?(?:been tempted "
        r"to )?(?P<vp>(?!been )(?:[a-z]+(?:ed|ing|en|old|aught|ent|ung|ung|ade|ole|ought|"
        r"ound)|cut|hit|put|shot|led|run|done|hidden) .+)",
        r"\b(?:do|would|did) you (?:prefer|enjoy|like|love|recommend|suggest|consider) (?:to "
        rf")?{_VP}",
        rf"\b(?:pleasurable|better|worse|fun|satisfying|effective|easier)\b[^:?]{{0,20}}:\s*{_VP}",
        r"\bi(?:'d| would| really| just|'m| am| have|'ve)* (?:want|wanna|like|love|plan|"
        r"planning|need|going|gonna|intend|trying|try|decide|decided|looking|hope|hoping|"
        rf"thinking|wish|thought|about|interested)(?: about| of| on| in| for)?(?: to)? {_VP}",
        rf"\b(?:can|could|should|may|would|will|might|must|shall|did|do) {_WHO} (?:ever |just |"
        rf"legally )*{_VP}",
        r"\b(?:best|better|good|great|useful|used|suitable|ideal) (?:for|at) (?P<vp>[a-z]+ing\b.+)",
        r"^(?:please )?(?P<vp>(?:create|develop|build|design|plan|devise|organi[sz]e|formulate"
        r"|orchestrate|"
        r"promote|spread|plant|invent) (?:an?|the|some|[a-z]+) .+)",
        rf"\b(?:needed|required|necessary|takes?|used|use) to {_VP}",
        r"\b(?:when|if|while|that|because|once) (?:i|you|we) (?:have |had |just |could |were "
        rf"to |decided? to )?{_VP}",
        r"\b(?:i|we)(?:(?:'ve| have)(?: just| recently)? (?P<vp3>[a-z]+(?:ed|en|ung|ought|"
        r"aught|ole|old)\b.+)|(?:'m| am| was| have been|'ve been)(?: just)? (?P<vp2>[a-z]+ing "
        r".+))",
        r"\b(?:promot|encourag|glorif|normali[sz]|justif|prais|endors|advocat|defend|support|"
        rf"celebrat|condon|explain|describ|detail)\w* (?:how to )?{_VP}",
    )
)
_INSULT = re.compile(
    r"\b(?:insults?|comebacks?|put-?downs?|nicknames?|roasts?|slurs?|(?:mean|rude|racist|bad"
    r"|worst|hurtful|"
    r"cruel|nasty|offensive|insulting) (?:names?|words?|things?|terms?|phrases?|comments?|jokes?))"
    r"(?: (?:that |which )?(?:i|you|we|one) (?:can|could|should|would))?(?: to)?(?: (?:say|call"
    r"|use|think of|tell|"
    r"come up with|be called|throw at|hurl))*(?: (?:for|about|to|at|against|of|toward|towards))? "
    r"(?P<x>(?:an? |the |my |your |some|people|fat |old |kids|children|girls|boys|men|women"
    r"|teachers|redheads)\w*.*)",
    _I,
)
_SCAN = re.compile(r"[A-Za-z][A-Za-z'-]*")
_TEXT = re.compile(
    r"\b(?:write|compose|create|draft|design|develop|make|produce|generate|come up with|"
    r"construct|craft|compile|provide|prepare|give)"
    r"\b (?:me |us )?(?P<text>(?:an? |some |the )?(?:[\w'-]+ ){0,4}?(?:essay|blog(?: post)?|"
    r"article|poem|story|song|speech"
    r"|email|e-mail|letter|post|tweet|tutorial|campaign|advertisement|ad|script|guide|manual|"
    r"book|play|novel"
    r"|lyrics|rap|dialogue|comic|pamphlet|leaflet|slogan|flyer|review|video|message|"
    r"presentation|report|joke|text|note|scene|monologue))\b(?P<about>.*)",
    _I,
)


def activities(sentence: str) -> Iterator[str]:
    """Gerund phrases of the activities that ``sentence`` asks about, the surest first."""
    insulted = _INSULT.search(sentence)
    if (
        insulted
        and _names_a_being(insulted.group("x"))
        and (found := gerund(f"insult {insulted.group('x')}"))
        and found != "insulting someone"
    ):
        yield found
    for pattern in _PATTERNS:
        match = pattern.search(sentence)
        if match is None:
            continue
        raw = next(text for name, text in match.groupdict().items() if text)
        phrase = _after_evasion(raw.removeprefix("how to "))
        found = gerund(phrase)
        if found and _worth(found):
            yield found
    yield from scan(sentence)


_EVASION = re.compile(
    r"^(?:successfully |easily )?(?:make sure|ensure|avoid|evade|escape|keep|prevent|get away|"
    r"lie|cover|hide|bypass|not get|stay|fool|deceive|remain)\w*\b[^?.!]{0,80}?"
    r"\b(?:while|when|after|for|with|from|before|if i am caught|during) (?P<rest>\w+ing\b.*)",
    _I,
)


def _after_evasion(phrase: str) -> str:
    """What is to be hidden, where the phrase is about hiding: "avoid arrest after stealing a car"."""
    match = _EVASION.match(phrase.strip())
    return match.group("rest") if match else phrase


def _worth(phrase: str) -> bool:
    """Whether a gerund phrase says what is done, not only that something is sought or felt."""
    first, _, rest = phrase.partition(" ")
    if re.match(r"(?:avoid|evad|escap)ing (?:being|getting|detection|arrest)", phrase):
        return False
    if verb_lemma(first) in {"convince", "persuade"} and len(phrase.split()) == 2:
        return False
    if verb_lemma(first) in {"make", "take", "get", "find", "keep"} and find_topic(rest):
        return not re.match(r"sure|away|out|it\b|.*\b(?:more|less|look|sound|seem)\b", rest)
    return verb_lemma(first) not in _EMPTY and (len(phrase.split()) > 1 or is_harmful(phrase))


_EMPTY = words("asks_empty")
_HIDING = re.compile(r"(?:avoid|evad|bypass|escap)ing\b")


def activity(sentence: str) -> str | None:
    """The most harmful gerund phrase in ``sentence``, or the first one; None if there is none."""
    found = sorted(activities(sentence), key=lambda phrase: bool(_HIDING.match(phrase)))
    for phrase in found:
        if is_harmful(" ".join(phrase.split()[:4])) or find_topic(phrase):
            return phrase
    for phrase in found:
        if is_harmful(phrase):
            return phrase
    return found[0] if found else None


def is_clear(phrase: str) -> bool:
    """Whether the first verb of ``phrase`` is harmful with the object that it has."""
    lemma = verb_lemma(phrase.split()[-1 if phrase.split(maxsplit=1)[0].endswith("ly") else 0])
    first = next((v for v in map(verb_lemma, phrase.split()[:2]) if v), lemma)
    return _is_clear_verb(first, phrase)


def _is_clear_verb(lemma: str | None, phrase: str) -> bool:
    """Whether ``lemma`` means harm in ``phrase``: by itself, or because it is done to a being."""
    if lemma not in words("harm_verbs") or lemma in words("weak_verbs"):
        return False
    return (
        lemma not in words("verbs_at_beings") or " " not in phrase.strip() or _names_a_being(phrase)
    )


def _names_a_being(phrase: str) -> bool:
    return bool(beings().search(phrase) or find_group(phrase) or person(phrase))


_NEAR = 60
"""Characters from a verb to the end of where its object is looked for."""


def is_harmful(phrase: str) -> bool:
    """Whether a verb of ``phrase`` is one of the listed harmful ones."""
    return any(verb_lemma(word) in words("harm_verbs") for word in _SCAN.findall(phrase))


def has_clear(phrase: str) -> bool:
    """Whether any verb of ``phrase`` is harmful with the object that it may have."""
    return any(
        _is_clear_verb(verb_lemma(found.group()), phrase[found.start() : found.start() + _NEAR])
        for found in _SCAN.finditer(phrase)
    )


def scan(sentence: str) -> Iterator[str]:
    """Gerund phrases that start at a clearly harmful verb anywhere in ``sentence``."""
    previous = ""
    for match in _SCAN.finditer(sentence):
        word = match.group(0)
        lemma = verb_lemma(word)
        strong = lemma in words("harm_verbs") and lemma not in words("weak_verbs")
        if (
            strong
            and not (
                previous in {"he", "she", "they", "who"} and _AT_ME.match(sentence, match.end())
            )
            and not (word.endswith("s") and is_plural(word))
            and _reads_as_verb(word, previous)
        ):
            phrase = gerund(sentence[match.start() :])
            if phrase and len(phrase.split()) > 1 and is_clear(phrase):
                yield phrase
        previous = word.lower()


_AT_ME = re.compile(r" (?:me|us)\b", _I)
_BEFORE_ING = words("asks_before_ing") | {""}


def _reads_as_verb(word: str, previous: str) -> bool:
    """A guess from the word before: "to poison", "was poisoning", not "the poison"."""
    if word.lower().endswith("ing"):
        return previous in _BEFORE_ING or previous.endswith("ly")
    if previous in words("asks_before_noun"):
        return False
    if is_only_verb(word) or not is_base_verb(word):
        return True
    return previous in words("asks_before_verb") or not previous


def text_task(sentence: str) -> tuple[str, str] | None:
    """The kind of text that is to be written ("a blog post") and what stands after it."""
    match = _TEXT.search(sentence)
    if (
        match is None
        or re.search(r"\bwrite down\b|text messages? from", sentence, _I)
        or re.search(r"\b(?:python|code|javascript|bash|program|keylogger|malware)\b", sentence, _I)
    ):
        return None
    words_of = match.group("text").lower().split()
    kind = (
        " ".join(words_of[-2:])
        if words_of[-1] == "post" and words_of[-2:-1] == ["blog"]
        else words_of[-1]
    )
    film = {"movie", "film", "short", "funny"} & set(words_of[:-1])
    if (
        kind in {"script", "guide", "manual", "note", "text", "book", "play", "scene", "joke", "ad"}
        and not film
    ):
        kind = {
            "note": "short text",
            "text": "short text",
            "joke": "short text",
            "scene": "short story",
            "ad": "public notice",
            "script": "film script",
        }.get(kind, kind)
        if kind == "film script" and "movie" not in sentence.lower():
            return None
    return _article(kind if kind == "lyrics" else f"a {kind}"), match.group("about").strip()


def _article(kind: str) -> str:
    kind = re.sub(r"^an? (?=[aeiou])", "an ", kind)
    return re.sub(r"^an (?![aeiou])", "a ", kind)
