"""What a person says who is in danger from themselves, or worries about someone who is."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from lance_graph.offline.lexicon import without_innocent

_PLAIN_MARKS = re.compile("[’‘]")
_SAID = re.compile(r"\"[^\"]{1,300}\"")
_SENTENCES = re.compile(r"(?<=[.!?]) +")
_NOT_OWN = re.compile(
    r"\b(?:in (?:my|this|the|a) (?:\w+ )?(?:novel|story|book|poem|play|script|screenplay)\b"
    r"|(?:hero|heroine|character|villain|singer|narrator)s? (?:says?|thinks?|sings?|whispers?|wants?)\b"
    r"|(?:my|a|the|our) (?:patient|client|pupil)s? (?:says?|said|tells?|told|wants?|wanted)\b"
    r"|lyrics?\b|as (?:prescribed|directed)\b|i refill\b)|^\W*translate\b",
    re.IGNORECASE,
)
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
    r"|(?:her|his|their) cuts|(?:not|stopped) eating(?! \w+s\b)"
    r"|(?:said|saying|wrote|posted|sent|left|a) goodbye"
    r"|goodbye (?:letter|note|message|text)"
    r"|fine without (?:him|her|them)"
    r"|do something to (?:him|her|them)sel|dead by|from jumping(?! (?:on|in|into|at|up)\b))"
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
    r"\b(?:there for|support|say to|keep) (?:my \w+|someone)\b"
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
    """What ``text`` says of its writer's own danger, None if it does not speak of any.

    What is quoted, is told of a figure or a patient, or was an accident, is not the writer's danger.
    """
    text = own_words(text)
    if not _FIRST_PERSON.search(text):
        return None
    return next((theme for theme in themes() if theme.is_in(text)), None)


def own_words(text: str) -> str:
    """``text`` without set phrases, quotations, and sentences about a figure or a patient.

    A text that is one quotation stays.
    """
    text = _PLAIN_MARKS.sub("'", text).replace("“", '"').replace("”", '"').replace("\n", " ")
    text = without_innocent(text)
    kept = _SAID.sub(" ", text)
    kept = kept if re.search(r"\w", kept) else text
    return " ".join(s for s in _SENTENCES.split(kept) if not _NOT_OWN.search(s))


def plainly_own(text: str) -> Theme | None:
    """`own_crisis` where no joke, fiction or work with others is named: for texts that nobody flagged."""
    return None if _NOT_MEANT.search(text) else own_crisis(text)


def plainly_another(text: str) -> str | None:
    """`another` under the conditions of `plainly_own`."""
    return None if _NOT_MEANT.search(text) else another(text)


def another(text: str) -> str | None:
    """Whom ``text`` fears for ("my sister", "someone"), None if it speaks of nobody in danger."""
    text = own_words(text)
    found = _ANOTHER_IN_DANGER.search(text) or _SUPPORTED.search(text)
    if not found:
        return None
    named = _NAMED.search(found.group())
    return f"my {named.group(1).lower()}" if named else "someone"


_ASKS = re.compile(
    r"\W*(?:can|could|how|what\w*|when|where|why|who|which|is|are|do|does|did|should|would|will|please|tell"
    r"|write|give|help|explain|show|list|translate|summari[sz]e)\b",
    re.IGNORECASE,
)


def is_statement(text: str) -> bool:
    """Whether ``text`` says something in "I" and asks nothing."""
    says_i = re.search(r"\b(?:i|i'm|im|i've|ive|i'll|my|me|myself)\b", text, re.I)
    return bool(says_i) and "?" not in text and not _ASKS.match(text)
