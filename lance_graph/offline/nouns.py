"""Noun phrases: a light chunker that finds what a prompt is about."""

import re
from collections.abc import Iterator

from lance_graph.offline.grammar import cut, neutral
from lance_graph.offline.inflection import (
    can_be_adjective,
    can_be_noun,
    is_base_verb,
    is_gerund,
    is_only_verb,
    is_plural,
    verb_lemma,
    with_article,
)
from lance_graph.offline.lexicon import find_topic, has, words

_TOKEN = re.compile(r"[A-Za-z0-9][\w'&/-]*|[.,;:?!()\"]")
_STOP = words("nouns_stop")
_LINKS = frozenset({"of", "in", "for", "on", "against", "between"})


def _clean(word: str) -> bool:
    low = word.lower()
    return not any(low in words(name) for name in ("profanity", "insults", "evaluative"))


def noun_phrases(text: str) -> Iterator[str]:
    """Candidate noun phrases of ``text`` in order, without determiners."""
    chunk: list[str] = []
    for token in [*_TOKEN.findall(text), "."]:
        low = token.lower()
        if chunk and is_plural(chunk[-1]) and is_base_verb(low):
            yield from _close(chunk)
            chunk = []
            continue
        if re.match(r"\w", token) and low not in _STOP and _clean(token) and not is_only_verb(low):
            chunk.append(token)
            continue
        yield from _close(chunk)
        chunk = []


def _close(chunk: list[str]) -> Iterator[str]:
    while chunk and not _can_end(chunk):
        chunk = chunk[:-1]
    while chunk and (chunk[0].lower().endswith("ly") or not _fits_inside(chunk[0], chunk)):
        chunk = chunk[1:]
    if len(chunk) > 1 and chunk[0].lower() in words("weak_verbs") and is_base_verb(chunk[0]):
        chunk = chunk[1:]
    if len(chunk) > 1 and is_gerund(chunk[0]) and verb_lemma(chunk[0]) not in words("harm_verbs"):
        chunk = chunk[1:]
    if chunk and all(_fits_inside(w, chunk) for w in chunk[:-1]) and len(chunk) <= 5:
        yield " ".join(chunk)


def _can_end(chunk: list[str]) -> bool:
    last = chunk[-1]
    if last[:1].isupper() and len(chunk) > 1:
        return True
    if not can_be_noun(last) or last.endswith(("ly", "'s", "ial", "ual", "ful", "ive")):
        return False
    if is_gerund(last):
        return verb_lemma(last) in words("harm_verbs") or len(chunk) > 1
    return not (len(chunk) > 1 and is_plural(chunk[-2]) and is_base_verb(last))


def _fits_inside(word: str, chunk: list[str]) -> bool:
    return word[:1].isupper() or can_be_noun(word) or can_be_adjective(word)


def main_noun_phrase(text: str) -> str | None:
    """The noun phrase that says best what ``text`` is about, ready for a sentence; or None."""
    best, best_score = None, 0.0
    for i, phrase in enumerate(noun_phrases(text)):
        tokens = phrase.split()
        score = 0.3 + min(len(tokens), 3) * 0.5 - i * 0.01
        score += 2.0 if find_topic(phrase) else 0.0
        score += 1.0 if any(t[:1].isupper() for t in tokens) and i > 0 else 0.0
        if len(tokens) == 1 and not is_plural(tokens[0]) and not find_topic(phrase):
            score -= 0.6
        if score > best_score and not has("crude", phrase):
            best, best_score = phrase, score
    return dress(best) if best else None


def plain_phrase(text: str) -> str | None:
    """``text`` up to its first clause boundary if it is a noun phrase of at most seven words."""
    tokens = cut(text).split()
    rude = any(has(kind, " ".join(tokens)) for kind in ("profanity", "insults", "crude"))
    if not 0 < len(tokens) <= 7 or rude or not can_be_noun(tokens[-1]) or is_gerund(tokens[0]):
        return None
    return " ".join(neutral(tokens))


def dress(phrase: str) -> str:
    """``phrase`` with an article where a listed countable noun needs one."""
    tokens = phrase.split()
    last = tokens[-1].lower()
    if (
        len(tokens) > 1
        and tokens[0].islower()
        and tokens[0].endswith("'s")
        and tokens[0][:-2] in words("relatives") | {"person"}
    ):
        return with_article(phrase)
    if last in words("countable") or last in words("animals"):
        return with_article(phrase)
    if last in _COUNT:
        return with_article(phrase)
    return " ".join(neutral(tokens))


_COUNT = words("nouns_count")
_MASS = re.compile(
    r"(?:tion|sion|ing|ism|ity|ness|ment|ance|ence|cy|ship|age|ure|phy|ics|tude)$|^(?:abuse|"
    r"fraud|theft|money|warfare|heroin|meth|cocaine|fentanyl"
    r"|marijuana|cannabis|war|art|music|food|speech|privacy|health|education|research|history|"
    r"science|culture|society|law|tax|power|trade|media|work"
    r"|suicide|genocide|slavery|torture|rape|arson|incest|sex|porn|malware|ransomware|alcohol|"
    r"medicine|euthanasia|abortion|polygamy)$"
)


def is_safe_bare(phrase: str) -> bool:
    """Whether ``phrase`` reads well without an article: plural, a mass noun, a name, or dressed."""
    last = phrase.rsplit(maxsplit=1)[-1]
    dressed = phrase.split(maxsplit=1)[0].lower() in {"a", "an", "the"}
    return dressed or last[:1].isupper() or is_plural(last) or bool(_MASS.search(last.lower()))


_ANIMAL_WORDS = re.compile(r"[A-Za-z]+")


def animal(text: str) -> str | None:
    """The first animal that ``text`` names, with an article: "a puppy"; None if there is none."""
    fallback = None
    for match in _ANIMAL_WORDS.finditer(text):
        low = match.group(0).lower()
        single = low if low in words("animals") else _singular(low)
        if single in words("animals"):
            if single in {"animal", "pet"}:
                fallback = fallback or with_article(single)
            else:
                return with_article(single)
    return fallback


def _singular(word: str) -> str:
    for ending, instead in (("ies", "y"), ("ves", "f"), ("es", ""), ("s", "")):
        if word.endswith(ending) and word[: -len(ending)] + instead in words("animals"):
            return word[: -len(ending)] + instead
    return word.removesuffix("s")


_CHILD = re.compile(
    r"\b(?:(?P<adj>(?:[A-Z][a-z]+(?:[ -][A-Z][a-z]+)?|mixed-race|disabled|autistic|adopted|"
    r"foster|homeless|poor"
    r"|young|teenage|orphaned|deaf|blind|transgender|gay|black|white|biracial|special needs)) )?"
    r"(?P<noun>child|children|toddler|baby|infant|boy|girl|teenager|teen|minor|kid|kids|"
    r"daughter|son|student)s?\b"
    r"(?P<post> with disabilities| from a (?:\w+ )?(?:neighborhood|family)| in foster care| "
    r"with autism)?"
)


def child(text: str) -> str:
    """The child that ``text`` names, with an article; "a child" if none is described."""
    match = None
    for found in _CHILD.finditer(text):
        match = match or found
        if found.group("adj") or found.group("post"):
            match = found
            break
    if match is None:
        return "a child"
    noun = {
        "children": "child",
        "kids": "child",
        "kid": "child",
        "minor": "child",
        "teen": "teenager",
        "son": "child",
        "daughter": "child",
    }.get(match.group("noun"), match.group("noun"))
    adjective = match.group("adj")
    if adjective and adjective.split()[0].lower() in {
        "the",
        "how",
        "what",
        "is",
        "can",
        "does",
        "if",
        "do",
    }:
        adjective = None
    return with_article(" ".join(filter(None, [adjective, noun]))) + (match.group("post") or "")
