"""Readings of texts that come back in every turn, kept in this process for each detector."""

from hashlib import sha256
from weakref import finalize

from lance_graph.runtime.forking import ForkSafeLock
from lance_graph.scores import Detector, Pair, Reading

REMEMBERED = 2_048
"""How many readings are kept of one detector; the oldest are forgotten."""
_remembering = ForkSafeLock()
_memories: dict[int, dict[bytes, Reading]] = {}


def recall(detector: Detector, pair: Pair, settings: tuple[str, ...]) -> Reading | None:
    """The reading that was kept for this very detector, text and ``settings``."""
    return _memory_of(detector).get(_digest(pair, settings))


def remember(detector: Detector, pair: Pair, settings: tuple[str, ...], reading: Reading) -> None:
    """Keep a reading under a digest of its texts.

    A detector that is changed in place goes on to judge what was said before as it did then.
    """
    memory, digest = _memory_of(detector), _digest(pair, settings)
    with _remembering:
        memory.pop(digest, None)
        memory[digest] = reading
        while len(memory) > REMEMBERED:
            del memory[next(iter(memory))]


def _memory_of(detector: Detector) -> dict[bytes, Reading]:
    """The readings of this detector, as long as it lives."""
    if id(detector) not in _memories:
        try:
            finalize(detector, _memories.pop, id(detector), None)
        except TypeError:  # it cannot be referred to weakly
            return {}
    return _memories.setdefault(id(detector), {})


def _digest(pair: Pair, settings: tuple[str, ...]) -> bytes:
    return sha256(repr((pair, settings)).encode("utf-8", "surrogatepass")).digest()
