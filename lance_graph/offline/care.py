"""Prompts about hurting oneself: answered with care, first of all."""

import re

from lance_graph.offline import crisis
from lance_graph.offline.asks import activity
from lance_graph.offline.frames import pick, pool

_SUICIDE = re.compile(
    r"suicid|\bkill(?:ing)? (?:my|your|one)sel(?:f|ves)|\bkill (?:him|her|them)sel"
    r"|\bend(?:ing)? (?:(?:my|your|one's) (?:own )?li(?:fe|ves)\b|it all\b)|\bnoose\b|hang(?:ing)? myself"
    r"|\bto die\b|take my (?:own )?life|bleed out|\bjump off|\boverdos|unalive|kms\b|lethal dose",
    re.IGNORECASE,
)
_INJURY = re.compile(
    r"\b(?:cut|hurt|harm|burn|bruise|injure|starve|stab|punish|punch|hit|scar|choke|"
    r"strangle)\w* (?:\w+ ){0,2}?(?:my|your)sel"
    r"|pain on (?:my|your)self|\b(?:cut|slit|slash|burn|carv|scratch|bit)\w* (?:into )?my (?:own )?(?:\w+ )?"
    r"(?:wrist|arms?|skin|veins?|fingers?|thighs?|legs?)\b|self-?(?:harm|inflict|injur|mutilat)"
    r"|lacerations? on (?:my|your)|wounds? on my|(?:use|try|inflict) (?:it |them |pain )?on myself",
    re.IGNORECASE,
)
_DRUGS = re.compile(
    r"\bdrugs?\b|inject|heroin|cocaine|\bmeth\b|dealer|\bpills?\b|alcohol|drunk|drinking|smok", re.I
)
_KINK = re.compile(r"bdsm|masochis|sadis|bondage|fetish|dominatrix|kink", re.I)
_EATING = re.compile(
    r"anorex|bulimi|purg|\bvomit|lose weight|\bstarv|calorie|diet|\bfast(?:ing)?\b|skinny|"
    r"binge|eating",
    re.I,
)
_MEANS = (
    (r"sleeping pills?", "sleeping pills"),
    (r"\bpills?\b|medication", "pills"),
    (r"razor", "razor blades"),
    (r"knife|knives|scalpel|blade", "knives"),
    (r"\bguns?\b|firearm", "guns"),
    (r"rope|noose", "ropes"),
    (r"\bdrugs?\b", "drugs"),
    (r"poison|bleach", "poisonous substances"),
    (r"household", "dangerous household items"),
    (r"build|bridge|jump", "high places"),
)


_ABOUT_SELF = re.compile(
    r"\b(?:kill|hang|hurt|cut|harm|starve) (?:my|your)sel(?:f|ves)\b"
    r"(?! (?:an?|some|the|out|off|laughing|shaving|while|on|in half)\b)|\bend(?:ing)? (?:my|your) "
    r"(?:own )?life\b|\bi want to die\b|\bmy own suicide"
    r"|\bmy \w+ (?:wants? to|tried to|is going to|is trying to) (?:kill|hurt) (?:him|her"
    r"|them)sel",
    re.IGNORECASE,
)


def is_about_self(text: str) -> bool:
    """Whether ``text`` speaks of killing or hurting oneself, whatever category was found."""
    return bool(_ABOUT_SELF.search(crisis.own_words(text)))


def speaks_of_self_harm(text: str) -> bool:
    """Whether ``text``, in which a detector found self-harm, names any: a danger, a deed, a drug to misuse.

    Pain, sadness, food and medicines are none: a detector may be wrong about them.
    """
    told = crisis.own_words(text)
    if crisis.own_crisis(text) or crisis.another(text):
        return True
    return any(kind.search(told) for kind in (_SUICIDE, _INJURY, _KINK, _ILLEGAL, _DISORDER))


_ILLEGAL = re.compile(
    r"heroin\b|cocaine|\bmeth\b|overdos|\b(?:get|getting|be|being) high\b|drug dealer|momo\b", re.I
)
_DISORDER = re.compile(
    r"anorex|bulimi|pro-?ana|\bpurging|binge|\bstarv\w* (?:my|your)sel|throw up after",
    re.IGNORECASE,
)


def with_care(text: str, attempt: int) -> str:  # noqa: PLR0911  # one return a kind of harm
    """The request of someone who looks for support, near to what ``text`` is about.

    It says of the user what the text says of them and nothing more: no deed, feeling or illness.
    """
    seed = f"{attempt}:{text}"
    if whom := crisis.another(text):
        return pick(pool("self_harm", "another"), seed).format(whom=whom)
    if theme := crisis.own_crisis(text):
        return _own(theme.first, text, seed, attempt)
    if _SUICIDE.search(text):
        return pick(pool("self_harm", "suicide"), seed)
    if _KINK.search(text):
        return pick(pool("sexual_content", "x"), seed).format(x=_kink_topic(text, attempt))
    if _INJURY.search(text) and not re.search(r"inject", text, re.I):
        return pick(pool("self_harm", "injury"), seed)
    if _DRUGS.search(text):
        return _drugs(text, seed, attempt)
    if _EATING.search(text):
        return pick(pool("self_harm", "eating"), seed)
    return pick(pool("self_harm", "hard"), seed)


def requests() -> list[str]:
    """Every request about a crisis that `with_care` can make, without the means: none may look like one."""
    own = pool("self_harm", "own")
    found = [frame.format(p=one.first, P=one.first) for one in crisis.themes() for frame in own]
    others = pool("self_harm", "another")
    found += [frame.format(whom=whom) for frame in others for whom in ("someone", "my friend")]
    return [*found, *pool("self_harm", "suicide"), *pool("self_harm", "hard")]


def _own(phrase: str, text: str, seed: str, attempt: int) -> str:
    """The user's own words as a request for support, and, if means are named, for distance."""
    frame = pick(pool("self_harm", "own"), seed)
    request = frame.format(p=phrase, P=phrase)
    means = next((name for pattern, name in _MEANS if re.search(pattern, text, re.I)), None)
    if means is None or attempt:
        return request
    return request + pick(pool("self_harm", "keep_away"), seed).format(m=means)


def _kink_topic(text: str, attempt: int) -> str:
    if attempt == 0 and re.search(r"equipment|tools?|toys?", text, re.I):
        return "BDSM equipment"
    return "masochism" if re.search(r"masochis", text, re.I) else "BDSM"


def _drugs(text: str, seed: str, attempt: int) -> str:
    found = activity(text) if attempt == 0 else None
    topic = found if found and _DRUGS.search(found) and "deal" not in found else "using drugs"
    if re.search(r"dealer|deal\b", text, re.I) and attempt == 0:
        return pick(
            [
                "What helps people to handle a craving for drugs, and where can they find help?",
                "What are the risks of buying drugs from a dealer, and where can people find "
                "support to stop?",
            ],
            seed,
        )
    return pick(pool("self_harm", "drugs"), seed).format(x=topic)
