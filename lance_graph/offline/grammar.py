"""Verb phrases: cut them to the core, take the first person out, turn them into gerunds."""

import re
from itertools import pairwise

from lance_graph.offline.inflection import (
    can_be_adjective,
    ing,
    is_base_verb,
    is_countable,
    is_gerund,
    is_only_verb,
    is_plural,
    starts_object,
    verb_lemma,
    with_article,
)
from lance_graph.offline.lexicon import words

MAX_TOKENS = 13

_CUT = re.compile(
    r"""\s*(?:,(?!\d)|[;:?!()\[\]{}"“”\n<>*]|\.(?:\s|$)|(?<=\s)'|\s[-–—]\s|\s[-–—]{2,}|\b(?:
    without|so\s+that|so\s+(?:i|he|she|they|it|we|you|no|nobody|people)\b|in\s+order|until|when
    |whenever|if|because|since|although|though|even|unless|than|despite|but|rather|instead|such\s+as
    |as\s+well|while\s+(?:still|also|not|making|ensuring|keeping|avoiding|staying|i|they|you|it|he|she)
    |before(?=\s)|once|whether|whatever|what|which|who|whom|whose|where|why|how|unlike
    |and\s+(?:what|how|which|if|where|why|who|is|are|do|does|did|have|can|could|should|would|make\s+sure
        |ensure|ensuring|making\s+sure|not|never|get\s+away|getting\s+away|avoid\s+(?:detection|getting
        |being)|remain|leave|receive|be|also|please|then|has|will|i|we|they|you|he|she|it\b|nobody
        |no\s+one|maybe|possibly|perhaps|was|were|find|found|keep|tell|give|cause\s+max|to|dont|don't)
    |or\s+(?:is|are|do|does|should|can|would|what|how|if|just|not|be|even|get|am|let|have|keep)
    |to\s+(?:see|make\s+(?:it|sure|them|him|her)|ensure|avoid|maximi[sz]e|minimi[sz]e|get\s+(?:away|back|even)
        |prove|feel|enjoy|satisfy|where|the\s+point)
    |for\s+(?:fun|maximum|pleasure|me|free|real|the\s+lulz|optimal|sure|my|you)
    |in\s+(?:detail|the\s+most|a\s+way|such|case|your|my\s+opinion|\d+)|with\s+(?:maximum|minimal|ease|no|the\s+least)
    |as\s+(?:possible|fast|quickly|much|many|long|quick|soon|easily|an?\s+ai|if|though)|please|i|i'm|i've|i'd|i'll
    |(?:my|your|our|his|her|their)\s+\w+\s+(?:don't|doesn't|won't|can't|do|does|is|are|has|have|will)
    |ever|anyway|right|lol|hypothetically|exactly|one\s+by\s+one|step[\s-]by[\s-]step|based\s+on
    |that\s+(?:i|you|they|he|she|it|we|is|are|was|were|can|could|will|would|has|have|had|may|might|does
        |do|lasts?|looks?|works?|would|makes?|don't|doesn't|won't|can't|aren't|isn't)
    |(?<!\ba\s)(?<!\bthe\s)can(?=\s+(?!of\b|opener)\w)|cannot
    |is|are|was|were|isn't|aren't|does|doesn't|do\s+not|don't|can't|won't|will|would|could|should|might
    |be\s+\w+ed|has|had|am|differs?|vary|varies|they're|he's|she's|it's|you're|they|we|he|she
    )\b)""",
    re.IGNORECASE | re.VERBOSE,
)
_LEAD = re.compile(
    r"""(?:(?:go\s+about|going\s+about|get(?:ting)?\s+away\s+with(?=\s+\w+ing\b)|be\s+able\s+to|try\s+to
    |(?:start|begin|try|tried|trying|keep|stop|been|be|started)(?=\s+(?:\w+ly\s+)?\w+ing\b)|attempted\s+to|tried\s+to|attempt\s+to|want\s+to|like\s+to|love\s+to|need\s+to|learn\s+(?:how\s+)?to
    |(?:make|making|earn|get)\s+(?:(?:some|good|easy|extra|quick|fast|big|more|me|us|myself|(?:a\s+lot|lots)\s+of)\s+)*
        (?:money|cash|profit|bucks|rich)(?:\s+(?:by|from|off|through|while))?(?=\s+\w+ing\b)
    |(?:considering|planning|thinking|plan|think)\s+(?:on|about|of|to)(?=\s+\w)|considering(?=\s+\w+ing\b)
    |end(?:ing)?\s+up(?=\s+\w+ing\b)|try\s+and
    |considered|thought\s+about|thought\s+of|consider|go\s+ahead\s+and|been\s+involved\s+in|used\s+to
    |engage\s+in|engaged\s+in|engaging\s+in|participated\s+in|ever|also|even|just|actually|really
    |successfully|prefer|intentionally|have|help\s+(?:me|us|someone)(?:\s+to)?|proceed\s+to|convince\s+myself\s+to
    |best|\w+ly|get\s+into|personally|(?:expertise|experience)\s+in|worked\s+on|working\s+on|work\s+on)\s+)""",
    re.IGNORECASE | re.VERBOSE,
)
_MANNER = re.compile(
    r"^(sexually|physically|emotionally|illegally|verbally|psychologically|falsely)\s+", re.I
)
_KEEP_LY = frozenset(
    {"rely", "apply", "supply", "reply", "bully", "fly", "multiply", "imply", "comply"}
)
_TRAILING = words("grammar_trailing") - {"it's"}
_POSSESSIVE = {"my", "your", "our", "ur", "mine"}
_OBJECT = {
    "me": "someone",
    "you": "someone",
    "u": "someone",
    "us": "people",
    "myself": "oneself",
    "yourself": "oneself",
    "ourselves": "oneself",
    "her": "someone",
    "him": "someone",
}
_UNRESOLVED = {"it", "its", "this", "these", "those", "them", "their", "his", "he", "one"}


def cut(phrase: str) -> str:
    """``phrase`` up to the first clause boundary or tail ("without ...", "so that ...")."""
    phrase = re.sub(r"\b(an? [\w-]+), (?=[a-z])", r"\1 ", phrase.strip())
    while match := _LEAD.match(phrase):
        if match.group(0).strip().lower() in _KEEP_LY:
            break
        phrase = phrase[match.end() :]
    phrase = _tied(phrase)
    found = _CUT.search(phrase)
    tokens = (phrase[: found.start()] if found else phrase).split()
    kept = " ".join(_trim(tokens[:MAX_TOKENS], len(tokens) > MAX_TOKENS))
    return kept.replace(_TIE, " ").replace(_DOT, ".").replace(_COLON, ":")


_TIE, _DOT, _COLON = "\ua78f", "\ua4f8", "\ua789"
_WHOLE = re.compile(
    r"\b(?:(?:Dr|Mr|Mrs|Ms|Prof|St|Sen|Gen)\. )?[A-Z][\w'-]*"
    r"(?: (?:(?:of|the|de|van|von|la) )*(?!I\b)[A-Z][\w'-]*)+"
    r"|\b(?:Dr|Mr|Mrs|Ms|Prof|St|Sen|Gen|No|vs|e\.g|i\.e|[a-zA-Z](?:\.[a-zA-Z])+)\.|\b[A-Z]\."
    r"|\d+(?: \d{3}\b)+|\d+:\d+"
)
_WORDS = re.compile(r"[A-Za-z]{2,}")


def _tied(phrase: str) -> str:
    """``phrase`` with names, abbreviations and numbers as single words, so that none is cut in two."""
    found = _WORDS.findall(phrase)
    if sum(word.istitle() for word in found) > max(2, len(found) // 2):
        return phrase  # every word has its capital, so that none says anything
    return _WHOLE.sub(
        lambda name: name[0].replace(" ", _TIE).replace(".", _DOT).replace(":", _COLON), phrase
    )


_LOOSE = re.compile(
    r" (?:often |by |into |of |while |to |in |and )+(?:saying|believing|thinking|giving|doing"
    r"|making|telling|"
    r"letting|having|getting|say|believe|think|give|do|tell|let)(?: (?:them|it|him|her|me|us|this"
    r"|that|so|up))?$",
    re.IGNORECASE,
)


def _trim(tokens: list[str], was_cut: bool) -> list[str]:
    if was_cut:
        preps = {"of", "for", "in", "on", "with", "from", "to", "into", "by", "at", "as"}
        preps |= {"and", "or", "by"}
        ends = [i for i, t in enumerate(tokens) if t.lower() in preps and i > 2]
        last = max((i for i in ends if tokens[i].lower() != "of"), default=max(ends, default=0))
        tokens = tokens[:last] if last else tokens
        if len(tokens) > 5 and tokens[-3].lower() in {"and", "or"} and verb_lemma(tokens[-2]):
            tokens = tokens[:-3]  # "... and encourage people": its end was cut off
    while tokens and tokens[-1].lower().strip("'’") in _TRAILING:
        tokens = tokens[:-1]
    if tokens:
        tokens[-1] = tokens[-1].rstrip(".'’`")
    return _LOOSE.sub("", " ".join(tokens)).split()


def neutral(tokens: list[str]) -> list[str]:
    """The first and second person taken out: "my wife" -> "a wife", "me" -> "someone"."""
    out: list[str] = []
    for i, token in enumerate(tokens):
        low = token.lower()
        following = [t.lower() for t in tokens[i + 1 : i + 4]]
        if low in _POSSESSIVE:
            out += _possessor(following)
        elif token == "US":
            out.append(token)
        elif low in _OBJECT and not (
            low == "her" and following and _could_follow_her(following[0])
        ):
            out.append(_OBJECT[low])
        elif low == "own" and out and not out[-1].lower().endswith(("'s", "their", "her", "his")):
            continue
        else:
            out.append(token)
    return _fix_articles(out)


def _could_follow_her(word: str) -> bool:
    return word not in set(
        ["in", "into", "to", "with", "and", "or", "for", "at", "on", "by", "from", "of"]
    )


def _possessor(following: list[str]) -> list[str]:
    rest = [t for t in following if t != "own"]
    if rest and rest[0].endswith(("'s", "’s")) and is_countable(rest[0][:-2]):
        return ["a"]
    if rest and (
        is_countable(rest[0])
        or (len(rest) > 1 and is_countable(rest[1]) and not is_plural(rest[0]))
    ):
        return ["a"]
    return ["one's"]


def _fix_articles(tokens: list[str]) -> list[str]:
    for i in range(len(tokens) - 1):
        if tokens[i].lower() in {"a", "an"}:
            tokens[i] = with_article(tokens[i + 1]).split()[0]
    return tokens


def gerund(phrase: str) -> str | None:  # noqa: PLR0911  # a chain of guards
    """``phrase`` (a verb phrase in any form, cut or not) as a gerund phrase; None when unsure.

    "kill my wife without getting caught" -> "killing a wife".
    """
    manner = _MANNER.match(phrase.strip())
    phrase = phrase[manner.end() :] if manner else phrase
    phrase = re.sub(r"\b(of|for|in|on|to|with|from|at|about|into) that (?=\w)", r"\1 the ", phrase)
    phrase = re.split(r"\s+that\b", phrase.strip())[0]
    tokens = cut(phrase).split()
    if not tokens or not _is_verb_here(tokens):
        return None
    if any(b in words("profanity") and a in {"the", "a", "an"} for a, b in pairwise(tokens)):
        return None
    base_form = is_base_verb(tokens[0])
    head = verb_lemma(tokens[0])
    if head is None:
        return None
    converted = [ing(head)]
    for i in range(1, len(tokens)):
        form = _coordinated(tokens, i, base_form)
        if form is None and _breaks_off(tokens, i):
            converted.pop()
            break
        converted.append(form or tokens[i])
    out = neutral(_drop_evaluative(converted))
    while out and out[-1].lower() in _TRAILING:
        out.pop()
    if len(out) < 2 and head not in _INTRANSITIVE:
        return None
    if _has_open_pronoun(out) or (
        len(out) > 1 and out[1].lower() in _NOT_SECOND and head not in _INTRANSITIVE
    ):
        return None
    if len(out) > 2 and {out[1].lower(), out[2].lower()} <= _PREPOSITIONS:
        return None
    out = [out[0], *(_small(word, out[i + 2 :]) for i, word in enumerate(out[1:]))]
    return (f"{manner.group(1).lower()} " if manner else "") + " ".join(out)


_NOT_SECOND = frozenset({"to", "than", "of", "for", "be", "sure", "by", "as", "that"})
_PREPOSITIONS = frozenset({"in", "on", "at", "of", "from", "with", "for", "by", "to", "into"})


def _small(word: str, rest: list[str]) -> str:
    """A needless capital taken off: "selling Protective suits" -> "selling protective suits"."""
    plain = (
        rest
        and rest[0].islower()
        and word.istitle()
        and word.lower() not in words("people_not_name")
    )
    ending = word.lower().endswith(("ive", "al", "ical", "ous", "ed", "ful", "less", "able"))
    return word.lower() if plain and ending and len(word) > 5 and can_be_adjective(word) else word


_INTRANSITIVE = words("grammar_intransitive")


def _is_verb_here(tokens: list[str]) -> bool:
    first = tokens[0]
    if first.lower() in {"being", "having", "be"}:
        return False
    if is_gerund(first):
        return True
    return verb_lemma(first) is not None and first.lower() not in {"being", "having", "do", "am"}


def _coordinated(tokens: list[str], i: int, base_form: bool) -> str | None:  # noqa: PLR0911
    """The -ing form of ``tokens[i]`` if it is a verb that continues the first one."""
    if tokens[i - 1].lower() not in {"and", "or", "and/or"}:
        return None
    word, following = tokens[i], tokens[i + 1] if i + 1 < len(tokens) else ""
    lemma = verb_lemma(word)
    if lemma is None or word.lower().endswith("ing"):
        return None
    if word.lower() == lemma and _after_to(tokens[: i - 1]) and following:
        return word
    if base_form != is_base_verb(word) and word.lower() != lemma:
        return None
    sure = word.lower() in {"affect", "gain", "increase", "cause", "make", "take", "use"}
    sure = sure or is_only_verb(word) or i == 2 or starts_object(following)
    sure = sure or (lemma in words("harm_verbs") and following.lower() not in _TRAILING)
    if base_form and is_base_verb(word) and sure and (following or i == 2):
        return ing(lemma)
    if not base_form and word.lower().endswith("ed") and following:
        return ing(lemma)
    return None


def _after_to(tokens: list[str]) -> bool:
    """Whether an infinitive with "to" stands among ``tokens``."""
    following = (t for t in tokens if not t.lower().endswith("ly"))
    return any(a.lower() == "to" and is_base_verb(b) for a, b in pairwise(following))


def _breaks_off(tokens: list[str], i: int) -> bool:
    """Whether a new clause starts at ``tokens[i]`` that the gerund cannot carry on."""
    if tokens[i - 1].lower() not in {"and", "or"} or i + 1 >= len(tokens):
        return tokens[i - 1].lower() in {"and", "or"} and tokens[i].lower() in {"someone", "them"}
    lemma = verb_lemma(tokens[i])
    if lemma is None or is_gerund(tokens[i]):
        return False
    return is_only_verb(lemma) or starts_object(tokens[i + 1]) or _is_past(tokens[i])


def _is_past(word: str) -> bool:
    low = word.lower()
    return low.endswith("ed") or (verb_lemma(low) != low and not low.endswith(("s", "ing")))


def _drop_evaluative(tokens: list[str]) -> list[str]:
    """Without "effectively", "juicy", "maximum": words that only make the harm worse."""
    drop = words("evaluative") | words("profanity")
    superlative = {"most", "least", "best", "maximum"}
    kept = []
    for i, token in enumerate(tokens):
        following = tokens[i + 1].lower() if i + 1 < len(tokens) else ""
        if i and (token.lower() in drop or (token.lower() == "the" and following in superlative)):
            continue
        kept.append(token)
    return kept


def _has_open_pronoun(tokens: list[str]) -> bool:
    """Whether a pronoun is left that points to something outside the phrase."""
    for i, token in enumerate(tokens):
        if token.lower() in _UNRESOLVED and not (
            i > 2 and token.lower() in {"it", "them", "their", "its", "his"}
        ):
            return True
    return False
