"""Plain text work: take a prompt apart, drop wrappers, mend what was put together."""

import re

from lance_graph.offline.inflection import is_known
from lance_graph.offline.lexicon import rewrites, words

LOOKED_AT = 2_000
_SENTENCE_END = re.compile(
    r"(?<=[.!?])\s+|(?<=[.!?][\"')])\s+|(?<=[a-z]{2}[.?!])(?=[A-Z][a-z])|\n+"
)
_SAID = re.compile(r"\"[^\"\n]{1,300}\"|`[^`\n]{1,300}`")
_ABBREVIATION = re.compile(
    r"\b(?:(?P<title>dr|mr|mrs|ms|prof|st|sen|gen|rep|e\.g|i\.e|vs|cf|[a-z](?:\.[a-z])*)"
    r"|no|nr|etc|approx|fig|jr|sr|inc|ltd|co|corp|dept|est|jan|feb|aug|sept|oct|nov|dec)\.\Z",
    re.IGNORECASE,
)
_WRAPPER = re.compile(
    r"""\b(?:ignore|disregard|forget|bypass)\s+(?:all|any|your|the|every|previous|prior|my)\b
    |\b(?:begin|start|answer|preface)\b.{0,25}\b(?:response|answer|reply|with\s*[,:]?\s*["“'‘])
    |\byou\s+are\s+(?:now\b|dan\b|an?\s+(?:ai|assistant|unrestricted|uncensored|language|evil|expert))
    |\bas\s+an?\s+(?:ai\b|unrestricted|evil|language\s+model)
    |\b(?:no|without|any|skip|omit|avoid)\s+(?:\w+\s+){0,3}(?:disclaimers?|warnings?|caveats|moralizing)
    |\b(?:do\s+not|don't|never)\s+(?:refuse|decline|apologi[sz]e|say\s+you|mention|include|lecture|add|use)\b
    |\b(?:words?\s+like|remember\s+to|developer\s+mode|jailbr|system\s+prompt|stay\s+in\s+character|no\s+restrictions?
    |i\s+(?:know|understand)\s+(?:that\s+)?you|you're\s+supposed\s+to|i\s+trust\s+you|analy[sz]e\s+my\s+words
    |<\w+>|\bDAN\b)""",
    re.IGNORECASE | re.VERBOSE,
)
_QUOTES = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', " ": " ", "…": "."})
_INTERJECTION = re.compile(
    r"(?:^|(?<=[.!?] ))(?:oh|god|omg|dude|bro|man|ugh|lol|damn|honestly|seriously|yeah)(?:,|!+| -)\s+",
    re.IGNORECASE,
)


def tidy(text: str) -> str:
    """The first 2,000 characters of ``text`` with plain quotes, single spaces, line breaks kept."""
    text = re.sub(r"(?<=\w)[\x19\x92\ufffd](?=\w)", "'", text[:LOOKED_AT]).translate(_QUOTES)
    text = "".join(c if c.isprintable() or c == "\n" else " " for c in text)
    if text.isupper():
        text = " ".join(part.capitalize() for part in all_sentences(text))
    text = re.sub(r"^(?:yo|hey|hi|hello|ok|okay|so|well|um|please)\b[,!. ]+", "", text, flags=re.I)
    return re.sub(r"[ \t]+", " ", re.sub(r"\s*\n\s*", "\n", text)).strip()


def plain(text: str) -> str:
    """``text`` with the wordings that the parser knows; what it says stays the same."""
    text = _INTERJECTION.sub("", text)
    for wording, pattern in rewrites():
        text = pattern.sub(wording, text)
    return text


def sentences(text: str) -> list[str]:
    """The sentences of ``text`` without those that only give orders to the model."""
    found = all_sentences(text)
    kept = [s for s in found if not _WRAPPER.search(s)]
    return kept or found


def all_sentences(text: str) -> list[str]:
    """The sentences of ``text``; none ends inside a quotation, a number or an abbreviation."""
    said = [found.span() for found in _SAID.finditer(text)]
    ends = [
        found.span()
        for found in _SENTENCE_END.finditer(text)
        if not any(start < found.start() < end for start, end in said)
        and not _abbreviates(text, *found.span())
    ]
    starts = [0, *(end for _, end in ends)]
    parts = zip(starts, [*(start for start, _ in ends), len(text)], strict=True)
    return [part for a, b in parts if re.search(r"\w", part := text[a:b].strip())]


def _abbreviates(text: str, end: int, begin: int) -> bool:
    """Whether the stop before ``end`` is an abbreviation's, and the text goes on at ``begin``."""
    found = _ABBREVIATION.search(text[max(0, end - 12) : end])
    goes_on = text[begin : begin + 1].islower() or text[begin : begin + 1].isdigit()
    return bool(found and (goes_on or found["title"])) and "\n" not in text[end:begin]


def is_english(text: str) -> bool:
    """Whether most of ``text`` is Latin letters, and common words occur or most are in a dictionary."""
    letters = [c for c in text if c.isalpha()]
    if not letters or sum(c.isascii() for c in letters) < 0.8 * len(letters):
        return False
    found = re.findall(r"[a-z']+", text.lower())
    common = len(found) < 4 or any(w in _COMMON for w in found)
    return common or sum(map(is_known, found)) > 0.7 * len(found)


_COMMON = words("text_common")


def lower_first(text: str) -> str:
    """``text`` with a small first letter, unless its first word is "I", a name or an acronym."""
    first = text.split(" ", 1)[0] if text else ""
    if first in {"I", "I'm", "I've", "I'd", "I'll"} or first[1:] != first[1:].lower():
        return text
    return text[:1].lower() + text[1:]


def upper_first(text: str) -> str:
    """``text`` with a capital first letter."""
    return text[:1].upper() + text[1:]


def mend(text: str) -> str:
    """Single spaces, no space before a mark, one closing mark, a capital first letter."""
    text = re.sub(r"\s+", " ", text).strip(" ,;:-")
    text = re.sub(r"\s+([,.;:?!])(?!\w)", r"\1", text)
    text = re.sub(r"([?.!])[?.!]+", r"\1", text)
    text = re.sub(r",+(?=[,?.!])", "", text)
    if text and text[-1] not in "?.":
        text = text.rstrip("!,;:") + "."
    return upper_first(text)
