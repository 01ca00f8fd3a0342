"""Where in a long prompt the hazard is, so that only its passages are rewritten and the rest stays."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from lance_graph.conversation.document import Passage, Place, places_of, tasks_of
from lance_graph.detectors import bounds
from lance_graph.gradients import Clause, build_gradient, keep_words_of
from lance_graph.judging import Judge, efforts_of
from lance_graph.routing import hazards
from lance_graph.runtime.failures import report
from lance_graph.runtime.steps import Steps, blocking
from lance_graph.scores import Reading
from lance_graph.state import Draft
from lance_graph.verdicts import SELF_HARM

PARTS = 8
"""Into how many parts a stretch of text is divided: 200 passages are found in three readings."""
Stretch = tuple[int, int]
"""Passages in a row, by number: the first, and the one after the last."""


def located(judge: Judge, draft: Draft) -> Steps[Draft]:
    """A hazardous ``draft`` with its `Draft.passages`, where its prompt is long and in part harmless.

    It is no judgement: what comes of a rewrite is judged as a whole. So a failure here is logged, and
    the prompt is rewritten as a whole. So is one that speaks of harm to oneself: it may be the user's
    own distress, which is answered and not left out.
    """
    categories = [clause["category"] for clause in draft.gradient()]
    if not categories or SELF_HARM in categories:
        return draft
    places: list[Place] = yield blocking(places_of, draft.prompt())
    if not places:
        return draft
    try:
        # of its own, for a part may be called foreign or unreadable where the whole is not
        passages = yield from _passages(replace(judge), draft, places)
    except Exception as error:  # noqa: BLE001 - see above; its text may quote a draft
        what, reveal = "search for hazardous passages", judge.context.reveal_drafts
        report(what, error, reveal=reveal, level=logging.WARNING)
        return draft
    return draft.located(passages)


def _passages(judge: Judge, draft: Draft, places: Sequence[Place]) -> Steps[list[Passage]]:
    """The hazardous passages; where only the answer is hazardous, what the prompt asks for."""
    text = draft.prompt()
    tasks = tasks_of(text, places)
    search = _Search(judge, text, places)
    passages: dict[Place, Passage] = {}
    for stretch in (yield from search.hazardous()):
        gradient = search.gradient(stretch, draft.gradient())
        if any(clause["category"] == SELF_HARM for clause in gradient):
            return []  # a degree that counts for nothing in a long text may count in a short one
        for place in places[slice(*stretch)]:
            own = keep_words_of(text[slice(*place)], gradient)
            passages.setdefault(place, Passage(*place, place in tasks, own))
    if not passages and draft.answer() is not None:
        passages = {place: Passage(*place, True, draft.gradient()) for place in tasks}
    return [] if len(passages) == len(places) else [passages[place] for place in sorted(passages)]


@dataclass
class _Search:
    """The search of ``text``, whose passages lie in ``places``; ``readings`` are those made so far."""

    judge: Judge
    text: str
    places: Sequence[Place]
    readings: dict[Stretch, Reading] = field(default_factory=dict)

    def hazardous(self) -> Steps[list[Stretch]]:
        """The shortest hazardous stretches; none where no part of the text is hazardous by itself.

        Each hazardous stretch is divided; where none of its parts is hazardous, each two neighbours
        are read together, and where that finds nothing either, it is as short as it gets.
        """
        todo = [(0, len(self.places))]
        found: list[Stretch] = []
        while todo:
            parts = {stretch: _divided(stretch) for stretch in todo}
            bad = yield from self._bad(parts.values())
            pairs = {s: _neighbours(p) for s, p in parts.items() if bad.isdisjoint(p)}
            bad |= yield from self._bad(pairs.values())
            hits = {s: [part for part in p if part in bad] for s, p in (parts | pairs).items()}
            found += [
                stretch for stretch, hit in hits.items() if not hit and stretch in self.readings
            ]
            smaller = [part for hit in hits.values() for part in hit]
            found += [part for part in smaller if _length(part) == 1]
            todo = [part for part in dict.fromkeys(smaller) if _length(part) > 1]
        return sorted(found)

    def gradient(self, stretch: Stretch, whole: Sequence[Clause]) -> list[Clause]:
        """What is wrong with a stretch that was found, with the words that drove the ``whole``."""
        reading = self.readings[stretch]
        limits = bounds([reading], self.judge.context.abstain)
        efforts, _ = efforts_of(self.judge, reading["risk"], *limits)
        words = {clause["category"]: clause["words"] for clause in whole}
        return build_gradient(reading["risk"], efforts, words)

    def _bad(self, groups: Iterable[Sequence[Stretch]]) -> Steps[set[Stretch]]:
        """Those of the stretches in ``groups`` that are above a threshold."""
        stretches = [stretch for group in groups for stretch in group]
        texts = [self._text_of(stretch) for stretch in stretches]
        readings = (yield from self.judge.recalled(texts)) if texts else []
        found = dict(zip(stretches, readings, strict=True))
        self.readings |= found
        return {one for one, r in found.items() if hazards(r["risk"], self.judge.policy)}

    def _text_of(self, stretch: Stretch) -> str:
        first, last = self.places[stretch[0]], self.places[stretch[1] - 1]
        return self.text[first[0] : last[1]]


def _divided(stretch: Stretch) -> list[Stretch]:
    """A stretch in at most `PARTS` parts of like length."""
    start, end = stretch
    count = min(PARTS, end - start)
    return list(pairwise(start + (end - start) * i // count for i in range(count + 1)))


def _neighbours(parts: Sequence[Stretch]) -> list[Stretch]:
    """Each two parts in a row, where that is less than all of them."""
    return [(a[0], b[1]) for a, b in pairwise(parts)] if len(parts) > 2 else []


def _length(stretch: Stretch) -> int:
    return stretch[1] - stretch[0]
