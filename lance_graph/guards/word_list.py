"""Words of one's own as a detector, and words that are innocent: `WordList`, `AllowList`."""

import re
from collections.abc import Iterable, Mapping, Sequence

from lance_graph.asking import Masked
from lance_graph.categories import KNOWN, Category, declare, key_of, not_known
from lance_graph.guards.score import both_sides
from lance_graph.scores import Degrees, Pair, Span
from lance_graph.texts.readings import readings
from lance_graph.texts.words import Phrases, without

Finding = str | tuple[str, float]
"""A category by key or slug, perhaps with a degree."""
DEGREE = 0.9
"""Of a phrase that is listed without one: a severe hazard."""
NEUTRAL = "something"
"""What stands in the place of innocent words while the others are judged."""
_CLOSE = re.compile(r"[\s'’-]{0,3}")


class WordList:
    """The degree of a category is that of its highest phrase in the prompt or the response, else 0.

    ``words`` maps a phrase on a category, a ``(category, degree)``, or a list of them;
    ``categories`` are those of one's own. A phrase is one or more whole words in any case, with
    anything but words between them; of scripts that put no spaces between words (Chinese, Japanese,
    Korean, Thai, Lao, Burmese, Khmer) any run of characters. Each text is searched as the embedded
    detector reads it, disguises undone, in time linear in its length.

    ValueError names an unknown category, a degree that is not in (0, 1], or a phrase without a word.
    """

    def __init__(
        self,
        words: Mapping[str, Finding | list[Finding]],
        categories: Iterable[Category] = (),
        *,
        degree: float = DEGREE,
    ) -> None:
        own = declare(categories)
        if not words:
            raise ValueError("a word list without words finds nothing; give at least one phrase")
        phrases = {
            phrase: [_finding(one, KNOWN | own, degree, phrase) for one in _listed(findings)]
            for phrase, findings in words.items()
        }
        if empty := [phrase for phrase, found in phrases.items() if not found]:
            raise ValueError(f"word list: {empty[0]!r} stands for nothing; name its category")
        keys = [key for found in phrases.values() for key, _ in found]
        self.declared = own | declare(key for key in dict.fromkeys(keys) if key not in own)
        self._phrases = Phrases(phrases)

    @property
    def categories(self) -> tuple[Category, ...]:
        """Those that have a phrase, and those of one's own."""
        return tuple(self.declared.values())

    def score(self, pairs: Sequence[Pair]) -> list[Degrees]:
        """One score per pair, in order."""
        return [self._score(pair) for pair in pairs]

    def explain(
        self, prompt: str, response: str | None = None, categories: Sequence[str] | None = None
    ) -> list[Span]:
        """The phrases that stand in ``prompt`` undisguised; without them the degree would be 0."""
        return [
            Span(key, prompt[place.start : place.end], place.start, place.end, float("inf"))
            for place in self._phrases.places(prompt)
            for key, _ in place.value
            if categories is None or key in categories
        ]

    def _score(self, pair: Pair) -> Degrees:
        degrees = dict.fromkeys(self.declared, 0.0)
        for text in filter(None, both_sides(pair)):
            for reading in readings(text):
                for place in self._phrases.places(reading):
                    for key, degree in place.value:
                        degrees[key] = max(degrees[key], degree)
        return Degrees(degrees)


class AllowList:
    """Phrases that are innocent in some categories; it goes beside detectors and judges nothing itself.

    ``phrases`` maps a phrase on the categories in which it raises false alarms. A text is judged as
    it is, and once more with a neutral word in the place of the phrases; in these categories, and
    in no other, the lower degree counts. All other words are judged both times, so that a phrase buys
    them nothing. It is found as typed, its words apart by no more than spaces, a hyphen or an apostrophe;
    disguised it stays what it is. List names ("bath bomb"), not requests: whoever may say a phrase
    may say it of anything.

    ValueError for a phrase without a word or without a category.
    """

    def __init__(self, phrases: Mapping[str, str | Iterable[str]]) -> None:
        by_category: dict[str, dict[str, None]] = {}
        for phrase, named in phrases.items():
            categories = [named] if isinstance(named, str) else list(named)
            if not categories:
                raise ValueError(f"{phrase!r} is innocent in no category; name at least one")
            for category in categories:
                by_category.setdefault(category, {})[phrase] = None
        if not by_category:
            raise ValueError("an allow-list without phrases; give at least one")
        self._phrases = {category: Phrases(found) for category, found in by_category.items()}

    @property
    def excused(self) -> tuple[str, ...]:
        """The categories in which something is innocent, as they were given."""
        return tuple(self._phrases)

    def masked(self, pair: Pair) -> Masked:
        """For each of these categories, the pair without its innocent phrases, where it has any."""
        found: Masked = {}
        for category, phrases in self._phrases.items():
            prompt, response = both_sides(pair)
            less = _masked(prompt, phrases), response and _masked(response, phrases)
            if less != (prompt, response):
                found[category] = less
        return found


def _masked(text: str, phrases: Phrases[None]) -> str:
    return without(text, phrases.places(text, joined_by=_CLOSE), NEUTRAL)


def _listed(findings: Finding | list[Finding]) -> list[Finding]:
    return findings if isinstance(findings, list) else [findings]


def _finding(
    finding: Finding, known: Mapping[str, Category], degree: float, phrase: str
) -> tuple[str, float]:
    """The key and the degree of a finding."""
    name, given = (finding, degree) if isinstance(finding, str) else finding
    key = key_of(name, known)
    if key is None:
        raise ValueError(f"word list, {phrase!r}: {not_known(name, known)}")
    if not 0.0 < given <= 1.0:
        raise ValueError(f"word list, {phrase!r}: the degree {given} is not in (0, 1]")
    return key, float(given)
