"""Scorers that need no judge, one file each."""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from lance_graph.evaluation.sample import Scorer

if TYPE_CHECKING:
    from lance_graph.evaluation.methods.base import Setting


def build(names: Iterable[str], setting: "Setting") -> list[Scorer]:
    """The scorers of the given names, in order, each once; ValueError for an unknown name."""
    wanted = list(dict.fromkeys(names))
    for name in wanted:
        if name not in _MAKERS:
            raise ValueError(f"no scorer is named {name!r}; known are {', '.join(NAMES)}")
    return [_MAKERS[name](setting) for name in wanted]


def _risk(setting: "Setting") -> Scorer:
    from lance_graph.evaluation.scorers.risk import Risk

    return Risk(setting.judged_by)


def _refusal(_: "Setting") -> Scorer:
    from lance_graph.evaluation.scorers.refusal import Refusal

    return Refusal()


def _similarity(setting: "Setting") -> Scorer:
    from lance_graph.evaluation.scorers.similarity import Similarity

    return Similarity(setting.detector, setting.encoder)


_MAKERS: Mapping[str, Callable[["Setting"], Scorer]] = {
    "risk": _risk,
    "refusal": _refusal,
    "similarity": _similarity,
}
NAMES: tuple[str, ...] = tuple(_MAKERS)
