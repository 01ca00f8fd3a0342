"""Word forms: what a word can be, its lemma, its -ing form. A thin cover over lemminflect."""

import re
from collections.abc import Callable
from functools import cache
from typing import Any, cast

from lance_graph.offline.lexicon import words

_EXTRA_VERBS = words("inflection_extra_verbs")
_NEVER_VERBS = words("inflection_never_verbs")
_DETERMINERS = words("inflection_determiners")
_VOWEL_SOUND = re.compile(
    r"(?!uni|use|usu|eu|one\b|once|uti)[aeiou]|hour|honest|heir|honou?r|x-", re.I
)


@cache
def _lemminflect() -> Any:
    import lemminflect  # imported late: it loads tables

    return lemminflect


@cache
def _lemmas(word: str) -> dict[str, tuple[str, ...]]:
    found: Callable[[str], dict[str, tuple[str, ...]]] = _lemminflect().getAllLemmas
    return found(word)


def is_base_verb(word: str) -> bool:
    """Whether ``word`` can be a verb in its base form ("poison", not "poisons")."""
    low = word.lower()
    if low in _NEVER_VERBS or not low.isascii() or not low.isalpha():
        return False
    return low in _EXTRA_VERBS or low in _lemmas(low).get("VERB", ())


def is_only_verb(word: str) -> bool:
    """Whether ``word`` is a base verb and nothing else ("evade", not "harm")."""
    return is_base_verb(word) and not {"NOUN", "ADJ"} & set(_lemmas(word.lower()))


def is_known(word: str) -> bool:
    """Whether the dictionary or a list knows ``word``."""
    low = word.lower()
    return (
        bool(_lemmas(low))
        or low in _NEVER_VERBS
        or low in _EXTRA_VERBS
        or any(
            low in words(name)
            for name in ("text_common", "nouns_stop", "people_not_name", "harm_verbs")
        )
    )


def can_be_noun(word: str) -> bool:
    """Whether ``word`` can be a noun; an unknown word can."""
    low = word.lower()
    found = _lemmas(low)
    return low not in _NEVER_VERBS and (not found or "NOUN" in found)


def can_be_adjective(word: str) -> bool:
    """Whether ``word`` can stand before a noun as an adjective."""
    low = word.lower()
    return "ADJ" in _lemmas(low) or low.endswith(("ed", "ing", "al", "ous", "ic", "less", "ful"))


def is_plural(word: str) -> bool:
    """Whether ``word`` is a plural noun."""
    low = word.lower()
    return bool(_lemmas(low).get("NOUN")) and low not in _lemmas(low)["NOUN"]


def is_gerund(word: str) -> bool:
    """Whether ``word`` is the -ing form of a verb."""
    low = word.lower()
    return low.endswith("ing") and len(low) > 4 and verb_lemma(low) not in (None, low)


def verb_lemma(word: str) -> str | None:
    """The base form of a verb in any form; None if ``word`` is no verb."""
    low = word.lower()
    if low in _NEVER_VERBS or not low.isascii() or not low.replace("-", "").isalpha():
        return None
    if low in _EXTRA_VERBS:
        return low
    known = _lemmas(low).get("VERB")
    if known:
        return low if low in known else known[0]
    for ending in ("ing", "ed"):
        stem = low.removesuffix(ending)
        if stem != low:
            for guess in (stem, stem + "e", stem[:-1]):
                if guess in _EXTRA_VERBS:
                    return guess
    return None


@cache
def ing(base: str) -> str:
    """The -ing form of a base verb: ``poison`` -> ``poisoning``."""
    irregular = {"traffick": "trafficking", "doxx": "doxxing", "dox": "doxing", "be": "being"}
    if base in irregular:
        return irregular[base]
    forms = cast("tuple[str, ...]", _lemminflect().getInflection(base, "VBG"))
    return forms[0] if forms else base + "ing"


def with_article(noun: str) -> str:
    """``noun`` with its indefinite article."""
    return f"{'an' if _VOWEL_SOUND.match(noun) else 'a'} {noun}"


def starts_object(word: str) -> bool:
    """Whether ``word`` opens the object of a verb: a determiner or pronoun."""
    return word.lower() in _DETERMINERS


def is_countable(word: str) -> bool:
    """Whether ``word`` is a listed singular noun that takes an article ("wife", "company")."""
    return word.lower() in words("countable") or word.lower() in words("animals")
