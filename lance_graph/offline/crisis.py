"""What a person says who is in danger from themselves, or worries about someone who is."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_QUOTES = str.maketrans({"’": "'", "‘": "'", "\n": " "})
_FIRST_PERSON = re.compile(
    r"\b(?:i|i'm|im|i'd|i've|ive|i'll|me|my|mine|myself|kms|unalive)\b", re.I
)
_NOT_MEANT = re.compile(
    r"\b(?:lol|lmao|haha|novel|story|stories|character|lyrics|songs?|films?|movie|scene|poem|play|"
    r"essay|translate|translation|patients?|clients?|pupils?|students?|helpline|prevention)\b",
    re.I,
)
_DANGER = (
    r"(?:(?:kill|hurt|harm|cut|starv|hang)\w* (?:him|her|them)sel|suicid|take (?:his|her|their) own life"
    r"|(?:wants?|wanted|wishes) to (?:die|be dead)|cuts? (?:all over|on|in) (?:his|her|their)"
    r"|(?:do not|doesn't|doesnt|don't) want to (?:live|be alive)|taken (?:\w+ )?pills|overdos"
    r"|(?:her|his|their) cuts|not eating|stopped eating|goodbye|fine without (?:him|her|them)"
    r"|do something to (?:him|her|them)sel|dead by|from jumping)"
)
_ANOTHER = re.compile(
    r"\bmy (?:\w+ )?(?:friend|mate|roommate|flatmate|partner|girlfriend|boyfriend|bf|gf|wife|husband|"
    r"son|daughter|child|kid|brother|sister|mother|mum|mom|father|dad|ex|cousin|colleague|student|"
    r"pupil|classmate)\b|\bour (?:son|daughter|child)\b"
    r"|\b(?:a|the) (?:\w+ )?(?:girl|boy|kid|user|friend|woman|man|student|classmate)\b",
    re.I,
)
_ANOTHER_IN_DANGER = re.compile(rf"(?:{_ANOTHER.pattern})(?=[^\n]{{0,120}}\b{_DANGER})", re.I)
_SUPPORTED = re.compile(  # the refiner's own requests, read again by the responder
    r"\b(?:worried about|support|say to|keep) (?:my \w+|someone)\b"
    r"(?=[^\n]{0,60}\b(?:crisis|help us both right now|until help comes))",
    re.I,
)
_NAMED = re.compile(
    r"my (friend|roommate|flatmate|partner|girlfriend|boyfriend|wife|husband|son|daughter|child|"
    r"brother|sister|mother|mum|mom|father|dad|cousin|colleague|classmate)",
    re.I,
)


@dataclass(frozen=True)
class Theme:
    """One way of being in danger: how it is found, and how it is said back."""

    name: str
    pattern: re.Pattern[str]
    first: str
    second: str

    def is_in(self, text: str) -> bool:
        """Whether ``text`` says it, in its own way or in the refiner's words."""
        return bool(self.pattern.search(text)) or self.first.casefold() in text.casefold()


@cache
def themes() -> tuple[Theme, ...]:
    """All themes, the most urgent first."""
    text = files(__package__).joinpath("crisis.toml").read_text(encoding="utf-8")
    return tuple(
        Theme(row["name"], re.compile(row["pattern"], re.I), row["first"], row["second"])
        for row in tomllib.loads(text)["theme"]
    )


def own_crisis(text: str) -> Theme | None:
    """What ``text`` says of its writer's own danger, None if it does not speak of any."""
    text = text.translate(_QUOTES)
    if not _FIRST_PERSON.search(text):
        return None
    return next((theme for theme in themes() if theme.is_in(text)), None)


def plainly_own(text: str) -> Theme | None:
    """`own_crisis` where no joke, fiction or work with others is named: for texts that nobody flagged."""
    return None if _NOT_MEANT.search(text) else own_crisis(text)


def plainly_another(text: str) -> str | None:
    """`another` under the conditions of `plainly_own`."""
    return None if _NOT_MEANT.search(text) else another(text)


def another(text: str) -> str | None:
    """Whom ``text`` fears for ("my sister", "someone"), None if it speaks of nobody in danger."""
    text = text.translate(_QUOTES)
    found = _ANOTHER_IN_DANGER.search(text) or _SUPPORTED.search(text)
    if not found:
        return None
    named = _NAMED.search(found.group())
    return f"my {named.group(1).lower()}" if named else "someone"


def speaks_of_people(text: str) -> bool:
    """Whether a flagged ``text`` is to be met as a person's own words: a danger, or a statement in "I"."""
    says_i = re.search(r"\b(?:i|i'm|im|i've|ive|i'll|my|me|myself)\b", text, re.I)
    statement = bool(says_i) and not text.rstrip().endswith("?")
    return statement or own_crisis(text) is not None or another(text) is not None
