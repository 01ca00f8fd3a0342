"""What a mix draws from: the rows of the split sources and of the twins, and what is made of them."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from lance_graph.training.data import augment, research
from lance_graph.training.data.example import Example, unsafe_and_safe
from lance_graph.training.data.grammars import ALL

LONGEST_REPAIRED = 400
"""Characters of the longest prompt that the offline refiner is asked to rewrite for training."""


@dataclass(frozen=True)
class Stock:
    """The rows that the kinds are taken from, and made of."""

    pairs: Sequence[Example]
    judged: Sequence[Example]
    benign: Sequence[Example]
    listed: Sequence[Example]
    answers: Sequence[Example]
    generated: Sequence[Example]
    written: Sequence[Example]
    written_answers: Sequence[Example]
    graded: Sequence[Example]

    @cached_property
    def pair_prompts(self) -> list[Example]:
        """The prompts of the pairs alone, with the union of their answers' labels."""
        return research.without_response(self.pairs)

    @property
    def asked(self) -> list[Example]:
        """All that was asked, of both classes."""
        return [*self._requests, *self.benign]

    @property
    def harmful(self) -> list[Example]:
        """Harmful requests that are short enough for the offline refiner."""
        return [
            row for row in self._requests if not row.is_safe and len(row.prompt) < LONGEST_REPAIRED
        ]

    @property
    def _requests(self) -> list[Example]:
        return [*self.judged, *self.pair_prompts, *self.written, *self.generated]

    @property
    def answered(self) -> list[Example]:
        """Harmless requests with their answers."""
        return [row for row in self.benign if row.response]

    def kinds(self) -> dict[str, Sequence[Example]]:
        """The rows of each kind that is taken as it is."""
        harmful_answers, harmless_answers = unsafe_and_safe(self.answers)
        return {
            "pairs": self.pairs,
            "safe_pairs": unsafe_and_safe(self.pairs)[1],
            "pair_prompts": self.pair_prompts,
            "judged": self.judged,
            "judged_again": self.judged,
            "listed": [row for row in self.listed if not row.noisy],
            "noisy": [row for row in self.listed if row.noisy],
            "benign_prompts": [row for row in self.benign if not row.response],
            "benign_pairs": self.answered,
            "harmful_answers": harmful_answers,
            "harmless_answers": harmless_answers,
            "written": self.written,
            "written_again": self.written,
            "written_pairs": self.written_answers,
            "written_pairs_again": self.written_answers,
            "contrasts": self.generated,
            "ladders": self.graded,
        }

    def made(self, wanted: Mapping[str, int], rng: random.Random) -> list[Example]:
        """The kinds that are made of rows of other kinds (`augment`)."""
        unsafe, answered, harmful = unsafe_and_safe(self.pairs)[0], self.answered, self.harmful

        def taken(rows: Sequence[Example], kind: str) -> list[Example]:
            return some(rows, wanted[kind], rng)

        return [
            *augment.crossed(taken(unsafe, "crossed"), taken(answered, "crossed"), rng),
            *augment.refused(taken(harmful, "refused"), rng),
            *augment.disguised(taken(unsafe, "disguised"), taken(answered, "disguised"), rng),
            *augment.repaired(taken(harmful, "repaired"), rng),
            *augment.guided(taken(harmful, "guided"), rng),
            *augment.buried(taken(harmful, "buried"), self.benign, rng),
            *augment.undermined(taken(unsafe, "undermined"), taken(answered, "undermined"), rng),
        ]


def some(rows: Sequence[Example], quota: int, rng: random.Random) -> list[Example]:
    """``quota`` of the rows at random; -1 is all of them, and so is more than there are."""
    return list(rows) if quota == ALL else rng.sample(list(rows), min(quota, len(rows)))
