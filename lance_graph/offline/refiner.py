"""The refiner that needs no language model: deterministic, offline, milliseconds.

It reads the decisive sentence of a prompt, takes the activity or the topic out of it, and asks
about it from the constructive side. See `composers` for the categories and `minor` for small edits.
"""

import re
from collections.abc import Sequence

from lance_graph.gradients import Clause
from lance_graph.offline import asks, care, claims, crisis, minor, nouns
from lance_graph.offline.composers import compose
from lance_graph.offline.composers.general import Reading, fill, text_task
from lance_graph.offline.composers.privacy import seeks_contact
from lance_graph.offline.frames import default_topic, pick, pool, slug_of
from lance_graph.offline.lexicon import find_group, find_topic, has
from lance_graph.offline.people import person
from lance_graph.offline.text import is_english, mend, sentences, tidy
from lance_graph.offline.wording import plain

EMPTY = "What is a good question to start with when I want to learn something useful?"
_RANK = {"severe": 0, "mild": 1, "minor": 2, "none": 3}
# Tried in this order when no category of the gradient has anything to do with the prompt.
_OFTEN_MEANT = ("privacy", "sexual_content", "discrimination", "misinformation")
_WORD = re.compile(r"[^\W\d_]{3,}")
_FRAME_WORDS = (
    "the and you for are how can who why was were not its his her one any all get gets got has had "
    "out our say says use ways way does did don but too let see too may yes now new own him she they "
    "what where when which whom whose have with that this them their there about from into would "
    "could should might people person someone anyone somebody another other others help need know "
    "tell think thing make good best most some more being been your really just like want give "
    "please explain"
)


def _stem(word: str) -> str:
    return word.casefold().removesuffix("s")[:5]


_FRAME_STEMS = frozenset(map(_stem, _WORD.findall(_FRAME_WORDS)))
_OWN_HELP = re.compile(
    r"\b(?:how (?:can|do|should|could) i (?:stop|report|cope|recover|heal|get help|protect|"
    r"prevent|quit|leave|escape (?:from )?(?:an? |my )?abus|talk to)"
    r"|(?:i|i've) (?:was|am being|have been|been|got) (?:abused|raped|assaulted|stalked|"
    r"bullied|scammed|beaten|groomed|hacked|harassed|threatened|blackmailed)"
    r"|is (?:abusing|stalking|hitting|beating|bullying|blackmailing|harassing|threatening) me|"
    r"(?:what are|which are|know|recogni[sz]e|spot|look out for) (?:\w+ ){0,2}warning signs|i "
    r"need help (?:to stop|with my)|protect (?:myself|my))\b",
    re.IGNORECASE,
)


def refine(prompt: str, clauses: Sequence[Clause], *, attempt: int = 0) -> str:
    """``prompt`` rewritten along the gradient ``clauses`` (strongest first) into a harmless request.

    ``attempt`` counts the rewrites already done in this run: each one goes a step more general.
    Never raises on any text; only the first 2,000 characters are read.
    """
    text = plain(tidy(prompt))
    strongest = min(clauses, key=lambda c: _RANK.get(c["effort"], 0), default=None)
    category = strongest["category"] if strongest else None
    effort = strongest["effort"] if strongest and attempt == 0 else "severe"
    words = [word for clause in clauses for word in clause["words"]]
    if not re.search(r"\w", text):
        return EMPTY
    if not is_english(text):
        return mend(_not_english(text, slug_of(category)))
    slugs = [slug_of(clause["category"]) for clause in sorted(clauses, key=_by_rank)]
    first, *others = dict.fromkeys([*(slugs[:4] or [slug_of(None)]), *_OFTEN_MEANT])
    if first == "self_harm" and crisis.speaks_of_people(text):
        return mend(care.with_care(text, attempt))
    strongest_request = mend(_refine(text, first, effort, words, attempt))
    if _keeps_topic(strongest_request, text):
        return strongest_request
    requests = (mend(_refine(text, slug, effort, words, attempt)) for slug in others)
    return next((one for one in requests if _keeps_topic(one, text)), strongest_request)


def _by_rank(clause: Clause) -> int:
    return _RANK.get(clause["effort"], 0)


def _keeps_topic(request: str, text: str) -> bool:
    """Whether the request still shares a word that carries meaning with the prompt.

    A detector's strongest category may miss what a prompt is about; its frames then have nothing
    of the prompt to hold, and the next category's serve better.
    """
    return bool(_stems(request) & _stems(text))


def _stems(text: str) -> set[str]:
    return set(map(_stem, _WORD.findall(text))) - _FRAME_STEMS


def _refine(text: str, slug: str, effort: str, words: Sequence[str], attempt: int) -> str:  # noqa: PLR0911  # a chain of guards
    parts = sentences(minor.without_slurs(text))
    cleaned = " ".join(parts)
    reading = Reading(cleaned, parts, _decisive(parts, words), slug, attempt, effort == "mild")
    in_danger = crisis.own_crisis(cleaned) or crisis.another(cleaned)
    if slug == "self_harm" and not (in_danger or care.speaks_of_self_harm(cleaned)):
        return _mistaken(reading)
    if slug == "self_harm" or care.is_about_self(cleaned):
        if _OWN_HELP.search(cleaned) and attempt == 0 and not in_danger:
            return f"{minor.soften(reading.ask, words)} {fill(reading, 'question', 'self_harm')}"
        return care.with_care(cleaned, attempt)
    if (
        attempt == 0
        and _OWN_HELP.search(reading.ask)
        and not claims.HOW_TO.search(_OWN_HELP.sub("", reading.ask))
    ):
        return minor.soften(cleaned, words)
    if effort == "minor":
        softened = minor.soften(cleaned, words)
        if softened != cleaned and not _asks_for_harm(reading, softened):
            return softened
        reading = Reading(cleaned, parts, reading.ask, slug, attempt, True)
    if (
        attempt == 0
        and slug in {"financial_crime", "unethical_behavior", "controversial_topics"}
        and claims.is_dilemma(cleaned)
    ):
        return f"{cleaned} {fill(reading, 'question')}"
    if (
        slug not in _SENSITIVE
        and find_group(cleaned)
        and re.search(r"\b(?:jokes?|insults?|slurs?|nicknames?)\b", cleaned, re.I)
    ):
        reading = Reading(cleaned, parts, reading.ask, "hate_speech", attempt, reading.mild)
    if seeks_contact(cleaned) and slug not in {"privacy", "sexual_content", "child_abuse"}:
        reading = Reading(cleaned, parts, reading.ask, "privacy", attempt, reading.mild)
    return text_task(reading) or _question_kept(reading) or compose(reading)


def _mistaken(reading: Reading) -> str:
    """A prompt of the category self-harm that names none: violence, or a question about health."""
    found = asks.activity(reading.ask)
    if (found and asks.is_clear(found)) or re.search(
        r"hit ?man|kill|murder|violen", reading.text, re.I
    ):
        return compose(
            Reading(
                reading.text, reading.sentences, reading.ask, "violence", reading.attempt, False
            )
        )
    if reading.attempt == 0 and (question := claims.balanced_question(reading.ask)):
        return f"{question} {fill(reading, 'question', 'self_harm')}"
    subject = nouns.main_noun_phrase(reading.ask) if reading.attempt < 2 else None
    fits = subject and nouns.is_safe_bare(subject)
    return fill(reading, "other", "common", x=subject if subject and fits else "mental health")


_RECIPE = re.compile(
    r"\b(?:tips?|ways?|how to|instructions?|techniques?|tutorial|guide|steps|methods?|tricks)\b",
    re.I,
)
_SENSITIVE = frozenset(
    {"child_abuse", "self_harm", "sexual_content", "hate_speech", "discrimination"}
)


def _asks_for_harm(reading: Reading, softened: str) -> bool:
    """Whether small edits cannot be enough: a harmful activity, or contempt, is what is asked."""
    found = asks.activity(reading.ask)
    how = claims.HOW_TO.search(reading.ask) or _RECIPE.search(reading.ask)
    listed = how and find_topic(reading.ask)
    rude = any(has(kind, softened) for kind in ("crude", "profanity", "insults"))
    about_people = find_group(reading.text) and has("insults", reading.text)
    return bool(found and asks.is_harmful(found)) or bool(listed or rude or about_people)


def _question_kept(reading: Reading) -> str | None:  # noqa: PLR0911  # a chain of guards
    """A question that is harmless in itself stays, with a line that asks for a careful answer."""
    candidates = (
        reading.sentences
        if reading.slug in {"controversial_topics", "misinformation"}
        else [reading.ask]
    )
    ask = next(filter(claims.is_benign_question, candidates), None)
    if ask and len(reading.sentences) > 1 and not claims.stands_alone(ask):
        ask = None
    if (
        reading.attempt
        or ask is None
        or (reading.slug == "privacy" and re.search(r"\byour\b|do you think", ask))
    ):
        return None
    ethical = claims.ETHICAL.match(ask) and not has("crude", ask)
    if reading.slug == "child_abuse" and not ethical:
        return None
    about_person = (
        reading.slug == "privacy" and person(ask) and not re.match(r"is|was|did|has", ask, re.I)
    )
    operational = reading.slug in {"violence", "terrorism"} and re.match(r"which|what", ask, re.I)
    if seeks_contact(ask) or about_person or operational:
        return None
    if reading.slug == "hate_speech" and find_group(ask) and re.match(r"why\b", ask, re.I):
        return None
    touchy = {"child_abuse", "animal_abuse", "sexual_content", "discrimination"}
    if reading.slug in touchy and not (reading.mild or ethical):
        return None
    if find_topic(ask) in {"Nazism", "slavery"} and reading.slug in {
        "controversial_topics",
        "misinformation",
    }:
        return None
    question = claims.balanced_question(ask)
    return f"{question} {fill(reading, 'question')}"


def _decisive(parts: list[str], words: Sequence[str]) -> str:
    """The sentence that carries the request: harmful activity, question, carrying words."""
    carrying = [word.lower() for word in words]
    best, best_score = parts[-1], -1.0
    for i, part in enumerate(parts):
        found = asks.activity(part)
        low = part.lower()
        bare = bool(found) and " " not in str(found)
        score = (1.2 if bare else 2.0) * bool(
            found and asks.is_harmful(found)
        ) + 1.0 * part.endswith("?")
        score += 0.5 * bool(found) + 0.5 * bool(find_topic(part)) + 0.1 * i / len(parts)
        score += sum(0.5 for word in carrying if word in low)
        if score > best_score:
            best, best_score = part, score
    return best


def _not_english(text: str, slug: str) -> str:
    """A request about the known topic of a text that this refiner cannot read."""
    subject = find_topic(text) or default_topic(slug)
    return pick(pool("common", "foreign"), text).format(x=subject)
