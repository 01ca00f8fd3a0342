"""A request without what was put before or after it: the loop must not please a detector by a phrase.

"How do I <deed>, and what are the legal consequences?" is judged as the deed alone as well.
"""

import re
from collections.abc import Iterator

from lance_graph.rewriting.content import content_words

MOST = 4
"""How many cores of a text are looked at."""
_SENTENCE = re.compile(r"(?<=[.?!]) |(?<=[.?!][\"'”’)]) |\n")
_ASKED = (
    r"(?:what|how|who|whom|whose|which|where|why|when|whether"
    r"|is|are|do|does|did|can|could|should|would)\b"
)
_JOINT = re.compile(
    rf",? (?:and|but|or|then)(?:,? (?:if so|also|then|finally))?,? (?={_ASKED})"
    r"|, (?:and|but|or) | ?; ?| [—–-] | so that "
    r"|, (?=(?:for|as|in|so|while|because|since|purely|just"
    r"|legally|ethically|safely|hypothetically|responsibly)\b)",
    re.IGNORECASE,
)
_LEAD = re.compile(
    r"(?:for|as|in|to|while|since|because|hypothetically|purely|given|considering|if|when)\b"
    r"[^,:.?!]{0,120}[,:] ",
    re.IGNORECASE,
)
_TOLD = re.compile(
    r"(?:i|i'm|i've|i'd|we|my|our|he|she|they|it|there|this|that|his|her|their|the|a|an|some|many)\b",
    re.IGNORECASE,
)
_WISH = re.compile(r"\bhow\b|\b(?:want|need|like|love|wish|looking|trying)\b", re.IGNORECASE)


def cores(text: str) -> tuple[str, ...]:
    """Parts of ``text`` that ask for something by themselves, each without its company; at most `MOST`."""
    found: dict[str, None] = {}
    for part in _parts(text):
        if len(content_words(part)) > 1 and (core := _ended(part, text)) != text.strip():
            found[core] = None
        if len(found) == MOST:
            break
    return tuple(found)


def _parts(text: str) -> Iterator[str]:
    """Sentences that ask for something, then what stands on either side of each joint in them."""
    lines = "\n".join(" ".join(line.split()) for line in text.splitlines())
    sentences = [part for part in _SENTENCE.split(lines) if part]
    asking = [sentence for sentence in sentences if not is_told(sentence)]
    if len(sentences) > 1:
        yield from asking
    for sentence in asking:
        if lead := _LEAD.match(sentence):
            yield sentence[lead.end() :]
        for joint in _JOINT.finditer(sentence):
            yield sentence[: joint.start()]
            yield sentence[joint.end() :]


def is_told(sentence: str) -> bool:
    """Whether a sentence only tells something: it asks for nothing that could do harm."""
    asks = sentence.rstrip("\"'”’)").endswith("?")
    return not asks and bool(_TOLD.match(sentence)) and not _WISH.search(sentence)


def _ended(part: str, text: str) -> str:
    """``part`` as a sentence: a capital letter, and the mark that its text ends with."""
    part = part.strip(" ,;:—–-")
    mark = "?" if text.rstrip("\"'”’) ").endswith("?") else "."
    return part[:1].upper() + part[1:] + ("" if part.endswith((".", "?", "!")) else mark)
