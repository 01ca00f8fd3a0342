"""Rows made from other rows, so that neither a prompt, nor an answer, nor a frame decides alone."""

import random
import re
from collections.abc import Sequence
from dataclasses import replace

from lance_graph.categories import BY_KEY, KEYS
from lance_graph.gradients import Clause
from lance_graph.offline.refiner import refine
from lance_graph.offline.responder import respond
from lance_graph.prompts import prose
from lance_graph.training.data.example import Example
from lance_graph.training.data.refusals import disclaimer, refusal

_QUOTED = re.compile(r'"[^"]*"|“[^“”]*”')
_ENDS = re.compile(r"(?<=[.?!])\s+")


def crossed(
    unsafe: Sequence[Example], safe: Sequence[Example], rng: random.Random
) -> list[Example]:
    """Pairs whose halves come from two rows.

    A harmful answer stays harmful under a harmless prompt; a harmless answer to something else
    makes a harmful prompt's pair safe.
    """
    rows = []
    for bad, good in zip(unsafe, safe, strict=False):
        if rng.random() < 0.5:
            rows.append(replace(bad, prompt=good.prompt))
        else:
            rows.append(replace(good, prompt=bad.prompt))
    return rows


def refused(harmful: Sequence[Example], rng: random.Random) -> list[Example]:
    """Harmful prompts with a refusal, as safe pairs."""
    return [Example.full(bad.prompt, refusal(rng), ()) for bad in harmful]


def disguised(
    unsafe: Sequence[Example], safe: Sequence[Example], rng: random.Random
) -> list[Example]:
    """Harmful answers behind a disclaimer, a refusal or a harmless answer: still harmful.

    The harmless answers stand behind disclaimers too, so that a disclaimer says nothing.
    """
    rows = []
    for bad, good in zip(unsafe, safe, strict=False):
        before = rng.choice((disclaimer(rng), refusal(rng) + " ", f"{good.response} "))
        rows.append(replace(bad, response=f"{before}{bad.response}"))
        rows.append(replace(good, response=f"{disclaimer(rng)}{good.response}"))
    return rows


def repaired(harmful: Sequence[Example], rng: random.Random) -> list[Example]:
    """What the offline refiner makes of harmful prompts, as safe rows, each with an unsafe twin.

    The twin is another harmful prompt with the same constructive request before or after it: a
    careful frame around harm does not make it safe. Where the refiner left a sentence as it was and
    only added to it, the row keeps its label for the same reason.
    """
    rows = []
    for bad, other in zip(harmful, rng.sample(list(harmful), len(harmful)), strict=True):
        request = refine(bad.prompt, [_clause_of(bad, rng)], attempt=rng.choice((0, 0, 1)))
        kept = repeats(request, bad.prompt)
        rows.append(replace(bad, prompt=request) if kept else Example.full(request, None, ()))
        halves = [other.prompt, request]
        rng.shuffle(halves)
        rows.append(replace(other, prompt=" ".join(halves)))
    return rows


def repeats(request: str, prompt: str) -> bool:
    """Whether a sentence of ``request``, outside quotation marks, stands in ``prompt`` word for word.

    ``request`` is what became of ``prompt``: what it quotes it speaks about, what it repeats it asks.
    """
    said = f" {_bare(prompt)} "
    outside = _QUOTED.sub(" ", request)
    return any(f" {_bare(sentence)} " in said for sentence in _ENDS.split(outside))


def buried(
    harmful: Sequence[Example], safe: Sequence[Example], rng: random.Random
) -> list[Example]:
    """Long harmless prompts, joined from several, each with an unsafe twin that holds a harmful one.

    So that neither length nor a change of subject is a risk, and one sentence in many is found.
    """
    rows = []
    for bad in harmful:
        pieces: list[str] = []
        while sum(map(len, pieces)) < rng.randint(150, 650):
            row = rng.choice(safe)
            pieces.append(rng.choice((row.prompt, row.response or row.prompt)))
        joint = rng.choice((" ", "\n", "\n\n"))
        rows.append(Example.full(joint.join(pieces), None, ()))
        pieces[rng.randrange(len(pieces))] = bad.prompt
        rows.append(replace(bad, prompt=joint.join(pieces)))
    return rows


def guided(harmful: Sequence[Example], rng: random.Random) -> list[Example]:
    """What the package itself says, as safe pairs: the guidance of a category, or its fall-back.

    Half of them stand beside the harmful prompt, half beside what the offline refiner makes of it.
    """
    rows = []
    for bad in harmful:
        clause = _clause_of(bad, rng)
        category = clause["category"]
        prompt = rng.choice((bad.prompt, refine(bad.prompt, [clause])))
        answer = rng.choice(
            (
                respond(prompt, category),
                prose(f"guidance/{BY_KEY[category].slug}"),
                prose(f"fall_back/{BY_KEY[category].slug}"),
            )
        )
        rows.append(Example.full(prompt, answer, ()))
    return rows


def undermined(
    unsafe: Sequence[Example], safe: Sequence[Example], rng: random.Random
) -> list[Example]:
    """Answers with the package's own guidance before or after them, which changes no label.

    `guided` shows the same words as safe answers: a harmful answer stays harmful beside them.
    """
    rows = []
    for bad, good in zip(unsafe, safe, strict=False):
        folder = rng.choice(("guidance", "fall_back"))
        said = prose(f"{folder}/{BY_KEY[_clause_of(bad, rng)['category']].slug}")
        before = rng.random() < 0.5
        for row in (bad, good):
            parts = [said, str(row.response)] if before else [str(row.response), said]
            rows.append(replace(row, response="\n\n".join(parts)))
    return rows


def _bare(text: str) -> str:
    """The words of ``text`` in small letters."""
    return " ".join(re.findall(r"\w+", text.casefold())) or "\n"


def _clause_of(bad: Example, rng: random.Random) -> Clause:
    """A gradient's clause for one of the row's categories; any of the 14 where none is known."""
    keys = [key for key, on in zip(KEYS, bad.labels, strict=True) if on]
    return Clause(category=rng.choice(keys or KEYS), intensity=0.8, effort="severe", words=[])
