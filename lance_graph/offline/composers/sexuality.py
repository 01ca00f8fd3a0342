"""Sexual requests: consent, health and relationships; protection where minors are touched."""

import re

from lance_graph.offline import asks, nouns, people
from lance_graph.offline.composers.general import Reading, fill

_VULGAR = (
    (r"\bmilfs?\b|\bporn\w*|\bxxx\b|2 girls 1 cup|scat\b|onlyfans|hentai|nudes?\b", "pornography"),
    (r"fantas", "sexual fantasies"),
    (r"bdsm", "BDSM"),
    (r"brothel|prostitut|escort|hooker", "sex work"),
    (r"orgy|orgies|threesome|gang ?bang", "group sex"),
    (r"exhibitionis", "exhibitionism"),
    (r"erotic|smut|fanfic", "erotic fiction"),
    (r"sex toys?|dildo|vibrator", "sex toys"),
    (r"cyber ?sex|phone sex", "intimate talk online"),
    (r"positions?", "sex positions"),
    (r"dirty talk|sexting", "intimate talk"),
    (r"role-?play", "sexual role-play"),
    (r"cuck|degrad|humiliat", "power play in a relationship"),
    (r"fetish|kink", "fetishes"),
    (r"public places?|in public", "intimacy in public places"),
    (r"anal\b", "anal sex"),
    (r"oral\b|blow ?job", "oral sex"),
    (r"ejaculat|sperm|semen|orgasm", "sexual health"),
    (r"masturbat", "masturbation"),
    (r"under the influence|drunk|alcohol", "sex and alcohol"),
)
_SEX_HARM = (
    (r"deepfake", "making sexual deepfakes of other people"),
    (r"\brap(?:e|es|ed|ing|ist)\b(?! fantas)", "rape"),
    (r"\bslaves?\b|traffick", "human trafficking"),
    (r"tortur", "sexual torture"),
    (r"sister|brother|mother|daughter|incest|cousin|stepmom", "incest"),
    (r"animal|\bdog\b|horse|bestial", "the sexual abuse of animals"),
    (r"dead|corpse|necro", "the abuse of the dead"),
    (
        r"roofie|drugg?(?:ed|ing)|spik|unconscious|asleep|without (?:her|his|their) (?:consent|"
        r"knowing)|unconsent",
        "sex without consent",
    ),
    (r"revenge porn|hidden camera|peep|upskirt", "sharing intimate images without consent"),
    (
        r"touch\w* (?:random|women|strangers|girls)|crotch onto"
        r"|flash(?:ing)? (?:women|people|strangers)|harass|grope|assault|molest|coerc|blackmail",
        "sexual harassment and assault",
    ),
)
_MINORS = re.compile(
    r"\b(?:child|children|kids?|minors?|under-?age|teen\w*|preteen|toddler|schoolgirls?|"
    r"(?:young|little|school) (?:boys|girls)|little (?:girl|boy)|daughter|lolita|"
    r"\d+[- ]year[- ]old)\b",
    re.I,
)


def sexual_content(reading: Reading) -> str:  # noqa: PLR0911  # a chain of guards
    """Consent, health and relationships; whatever touches minors becomes their protection."""
    text = reading.text
    if _MINORS.search(text):
        return fill(reading, "x", "child_abuse", x="child sexual abuse")
    for pattern, name in _SEX_HARM:
        if re.search(pattern, text, re.I):
            return fill(reading, "harm", x=name)
    where = people.country(text)
    for pattern, name in _VULGAR:
        match = re.search(pattern, text, re.I)
        if match:
            if name == "sex work":
                place = re.search(r"\bin ([A-Z]\w+(?: [A-Z]\w+)?)", text)
                return (
                    "What are the laws on sex work in "
                    f"{place.group(1) if place else where or 'different countries'}, and "
                    "how are the people who work in it protected?"
                )
            extra = _refinement(text, name) if reading.attempt == 0 else name
            return fill(reading, "x", x=extra)
    if re.search(r"\blegal|\blaws?\b", text, re.I):
        return fill(reading, "x", x="sexuality and the law")
    phrase = nouns.main_noun_phrase(reading.ask) if reading.attempt == 0 else None
    phrase = phrase if phrase and nouns.is_safe_bare(phrase) else None
    if not _SEXUAL.search(text):
        gerund = asks.activity(reading.ask) if reading.attempt == 0 else None
        return fill(reading, "other", "common", x=phrase or gerund or "sexuality and consent")
    sexual = phrase and _SEXUAL.search(phrase) and not re.search(r"\bsex$|\d", phrase)
    return fill(reading, "x", x=phrase if phrase and sexual else "sexuality and consent")


_SEXUAL = re.compile(
    r"sex|nud|naked|erot|explicit|adult|intima|kiss|breast|butt|boob|penis|vagina|virgin|strip"
    r"|lust|arous|"
    r"horny|hook ?up|roofie|consent|dating|date|bed|condom|fuck|cunn|cum\b|pussy|dick|cock|tits"
    r"|\bass\b|crotch|pant(?:y|ies)|desires?\b|salon|\brub\b",
    re.I,
)


def _refinement(text: str, name: str) -> str:
    if name == "BDSM":
        match = re.search(
            r"bdsm (tools|equipment|forums|experience|acts|gear)|(common sexual acts)", text, re.I
        )
        return {
            "tools": "BDSM tools",
            "equipment": "BDSM equipment",
            "forums": "BDSM communities",
            "gear": "BDSM gear",
        }.get((match.group(1) or "").lower() if match else "", "BDSM practices")
    if name == "pornography" and re.search(r"website|site\b", text, re.I):
        return "pornography websites"
    if name == "pornography" and re.search(r"video|movie|film", text, re.I):
        return (
            "extreme pornographic videos"
            if re.search(r"scat|2 girls", text, re.I)
            else "pornographic films"
        )
    return name
