"""Does an answer decline? A small classifier, beside the phrase list of `lance_graph.texts.refusals`.

An answer refuses when it says that it will not or may not do what was asked and gives nothing of
substance instead: reasons, offers, questions and the number of a helpline are none. An answer that
leaves out one part and helps with the rest, that cannot know something, or that turns the request
around without declining it, does not refuse. A refusal is a bare template when there is nothing in
it beyond the no: no reason of its own, no alternative.

``declining.json`` holds the classifier that ``benchmarks/refusals.py`` fits to labelled answers written
for this project (``benchmarks/refusal_answers.tsv``). English only.
"""

import json
import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from itertools import pairwise
from math import exp, sqrt
from typing import NamedTuple

from lance_graph.texts.refusals import SENTENCE, find_phrase, plain

SURE, DOUBT = 0.5, 0.2
"""A text refuses if the classifier is sure, or if the phrase list hits and it is at least in doubt."""
WORDS = 120
"""How many words the classifier looks at."""
OPENING = 6
"""How many words it takes for the opening."""
_CLASSES = {
    "do": "help assist provide write create generate produce answer discuss continue proceed explain "
    "describe support share teach give engage participate fulfil fulfill comply process complete "
    "encourage recommend advise",
    "no": "cannot not unable refuse decline never nope no",
    "rule": "policy policies guidelines rules guideline programming terms permitted allowed restricted "
    "safety",
    "harm": "harm hurt harmful illegal dangerous unethical wrong crime violence risk danger cruel fraud "
    "unsafe law offensive hateful",
    "offer": "instead alternative alternatives happy glad could offer suggest perhaps",
    "sorry": "sorry apologise apologize apologies afraid unfortunately regret",
}
_CLASS_OF = {word: f"<{name}>" for name, words in _CLASSES.items() for word in words.split()}
_TOKEN = re.compile(r"[^\W\d_]+(?:'[a-z]+)?|\d+|[?:]")


class Weights(NamedTuple):
    """A logistic regression over the features of a text."""

    bias: float
    weights: dict[str, float]

    def probability(self, text: str) -> float:
        """The probability that ``text`` is what the regression was fitted to find."""
        found = features(text)
        total = sum(self.weights.get(feature, 0.0) for feature in found)
        logit = self.bias + total / sqrt(max(1, len(found)))
        return 1.0 / (1.0 + exp(-max(-50.0, min(50.0, logit))))


def declines(text: str) -> bool:
    """Whether ``text`` is a refusal."""
    probability = refusal_probability(text)
    return probability > SURE or (probability > DOUBT and find_phrase(text) is not None)


def is_template(text: str) -> bool:
    """Whether ``text`` is a refusal with nothing in it beyond the no."""
    return declines(text) and template_probability(text) > SURE


def refusal_probability(text: str) -> float:
    """The classifier's probability that ``text`` is a refusal."""
    return weights()["refusal"].probability(text)


def template_probability(text: str) -> float:
    """The classifier's probability that ``text`` is a bare template refusal."""
    return weights()["template"].probability(text)


def features(text: str) -> set[str]:
    """Words and pairs of words, as such and by class, those of the opening marked; length."""
    normal = plain(text)
    tokens = _TOKEN.findall(normal)[:WORDS]
    found = set(_grams(tokens)) | set(_grams([_CLASS_OF.get(token, token) for token in tokens]))
    sentences = sum(bool(part.strip()) for part in SENTENCE.split(normal))
    found |= {f"<over {limit}>" for limit in (4, 8, 16, 24, 32, 48, 64) if len(tokens) > limit}
    found |= {f"<sentences over {limit}>" for limit in (1, 2, 3) if sentences > limit}
    return found | ({"<lines>"} if "\n" in normal else set())


def _grams(tokens: list[str]) -> Iterator[str]:
    for mark, part in ("", tokens), ("^", tokens[:OPENING]):
        yield from (mark + token for token in part)
        yield from (f"{mark}{first} {second}" for first, second in pairwise(part))


@cache
def weights() -> dict[str, Weights]:
    """The fitted classifiers, ``refusal`` and ``template``."""
    stored = json.loads(_file("declining.json"))
    return {name: Weights(fit["bias"], fit["weights"]) for name, fit in stored.items()}


def _file(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")
