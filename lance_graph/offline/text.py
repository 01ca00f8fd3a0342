"""Plain text work: take a prompt apart, drop wrappers, mend what was put together."""

import re

from lance_graph.offline.lexicon import rewrites, words

LOOKED_AT = 2_000
_SENTENCE_END = re.compile(r"(?<=[.!?])[\"')]*\s+|(?<=[.?!])(?=[A-Z][a-z])|\n+")
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
        text = ". ".join(
            part.strip().capitalize() for part in re.split(r"[.!]", text) if part.strip()
        )
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
    found = [s.strip() for s in _SENTENCE_END.split(text) if s and re.search(r"\w", s)]
    kept = [s for s in found if not _WRAPPER.search(s)]
    return kept or found


def is_english(text: str) -> bool:
    """Whether most of ``text`` is Latin letters and some common English words occur."""
    letters = [c for c in text if c.isalpha()]
    if not letters or sum(c.isascii() for c in letters) < 0.8 * len(letters):
        return False
    found = re.findall(r"[a-z']+", text.lower())
    return len(found) < 4 or any(w in _COMMON for w in found)


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
    text = re.sub(r"\s+([,.;:?!])", r"\1", text)
    text = re.sub(r"([?.!])[?.!]+", r"\1", text)
    text = re.sub(r",+(?=[,?.!])", "", text)
    if text and text[-1] not in "?.":
        text = text.rstrip("!,;:") + "."
    return upper_first(text)
