"""What a guard says of one text or pair, in the shape that the graph reads."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from lance_graph.categories import KEYS
from lance_graph.scores import Pair

UNSAFE = "unsafe_content"
"""Key of what a guard calls unsafe without saying which of the 14 categories it is."""

CATEGORIES: tuple[str, ...] = (*KEYS, UNSAFE)

Part = Literal["both", "response"]


class GuardVerdictError(ValueError):
    """A guard's answer that is no verdict: nothing was judged, so nothing may pass for safe.

    Its text never quotes the judged text, nor the guard's answer, which may quote it.
    """


@dataclass(frozen=True)
class GuardScore:
    """Degree in [0, 1] of every category; those that the guard does not name are 0.

    A guard gives one number and no uncertainty about it, so every spread is 0.
    """

    mean: dict[str, float]

    @property
    def std(self) -> dict[str, float]:
        """The spread of each degree: 0."""
        return dict.fromkeys(self.mean, 0.0)


def guard_score(found: Iterable[tuple[str, float]]) -> GuardScore:
    """The score of the (category, degree) pairs in ``found``; the highest of a category counts.

    GuardVerdictError if a degree is not in [0, 1].
    """
    degrees = dict.fromkeys(CATEGORIES, 0.0)
    for key, degree in found:
        if not 0.0 <= degree <= 1.0:
            raise GuardVerdictError(f"the guard gave {key} the degree {degree}, not in [0, 1]")
        degrees[key] = max(degrees.get(key, 0.0), degree)
    return GuardScore(degrees)


def highest(scores: Iterable[GuardScore]) -> GuardScore:
    """Several texts judged as one: the highest degree of each category."""
    return guard_score((key, degree) for score in scores for key, degree in score.mean.items())


def both_sides(pair: Pair) -> tuple[str, str | None]:
    """The prompt, and the response if there is one."""
    return (pair, None) if isinstance(pair, str) else pair


def texts_of(pair: Pair, part: Part) -> list[str]:
    """The texts of a pair that a guard without a notion of pairs judges one by one.

    At least one: a blank text is left out only where there is another.
    """
    prompt, response = both_sides(pair)
    if response is None:
        return [prompt]
    texts = [response] if part == "response" else [prompt, response]
    return [text for text in texts if text.strip()] or texts[-1:]


def check_part(part: str) -> None:
    """ValueError unless ``part`` says which texts of a pair are judged."""
    if part not in ("both", "response"):
        raise ValueError(f"pair={part!r}: write 'both' (the riskier of the two) or 'response'")


def check_targets(mapping: Mapping[str, Iterable[str]], allowed: Iterable[str], where: str) -> None:
    """ValueError that names the first target in ``mapping`` that is no category."""
    known = tuple(allowed)
    for name, targets in mapping.items():
        for target in targets:
            if target not in known:
                raise ValueError(
                    f"{where}: {name!r} maps on {target!r}; known are {', '.join(map(repr, known))}"
                )
