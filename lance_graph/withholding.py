"""What was withheld in a run stays withheld in it: answers are recognised when they come back.

An answer is remembered as a sketch, a sample of the hashes of its word sequences: enough to find it
again inside a longer text or behind small changes, and no text that a checkpoint could show.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b

from typing_extensions import TypedDict

from lance_graph.texts.normalising import normalise

WORDS_TOGETHER = 4
SAMPLE = 256
ENOUGH = 0.5
"""Share of a withheld answer's sampled word sequences by which another text counts as holding it."""
NEARLY_ALL = 0.95
"""The same for a second answer to the same prompt: what was withheld may be all of it but one sentence."""
_WORD = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W_]+"
)  # no blanks in these scripts


class Withheld(TypedDict):
    """An answer that was found hazardous: how it is recognised, and its degrees.

    ``words`` is how many words of it stand in each hashed sequence, ``sketch`` the lowest hashes.
    """

    words: int
    sketch: list[int]
    risk: dict[str, float]


def withhold(text: str, risk: Mapping[str, float]) -> Withheld:
    """What is kept of a hazardous answer."""
    words = _words(text)
    together = min(WORDS_TOGETHER, len(words))
    return Withheld(
        words=together, sketch=sorted(set(_hashes(words, together)))[:SAMPLE], risk=dict(risk)
    )


def raised(
    risk: Mapping[str, float],
    texts: Iterable[str],
    withheld: Sequence[Withheld],
    enough: float = ENOUGH,
) -> dict[str, float]:
    """``risk``, at least as high as that of every withheld answer of which ``enough`` stands in a text."""
    highest = dict(risk)
    if not withheld:
        return highest
    for words in map(_words, texts):
        for known in withheld:
            if _holds(words, known, enough):
                for category, degree in known["risk"].items():
                    highest[category] = max(highest.get(category, 0.0), degree)
    return highest


def _holds(words: Sequence[str], known: Withheld, enough: float) -> bool:
    """Whether a text of these words says again what was withheld.

    An answer of one or two words is found as a whole text only: "yes" stands in many.
    """
    together = known["words"]
    if not known["sketch"] or len(words) < together or (together < 3 and len(words) != together):
        return False
    found = set(_hashes(words, together)).intersection(known["sketch"])
    return len(found) >= enough * len(known["sketch"])


def _words(text: str) -> list[str]:
    return _WORD.findall(normalise(text).casefold())


def _hashes(words: Sequence[str], together: int) -> Iterator[int]:
    """A 64-bit hash of each run of ``together`` words."""
    if not together:
        return
    for start in range(len(words) - together + 1):
        run = " ".join(words[start : start + together])
        digest = blake2b(run.encode("utf-8", "surrogatepass"), digest_size=8).digest()
        yield int.from_bytes(digest, "big")
