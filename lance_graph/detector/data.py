"""Labelled rows for the detector: what each source knows of them, and how they are mixed."""

import json
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from lance_graph.categories import BY_KEY, KEYS
from lance_graph.detector import taxonomies
from lance_graph.detector.contrasts import generate_contrasts
from lance_graph.gradients import Clause
from lance_graph.offline.refiner import refine
from lance_graph.offline.responder import respond
from lance_graph.prompts import prose

UNKNOWN = float("nan")


@dataclass(frozen=True)
class Example:
    """One training row.

    ``labels`` and ``mask`` have K entries: l_j in {0, 1}, and whether l_j is known. ``unsafe`` is
    the binary label for rows that know nothing finer, NaN elsewhere (see `lance_graph.detector.losses`).
    ``noisy`` marks rows of sources that call every prompt harmful, whatever it says.
    """

    prompt: str
    response: str | None
    labels: tuple[float, ...]
    mask: tuple[float, ...]
    unsafe: float = UNKNOWN
    noisy: bool = False

    @classmethod
    def full(cls, prompt: str, response: str | None, categories: Iterable[str]) -> "Example":
        """All 14 labels known; no category means safe."""
        chosen = set(categories)
        labels = tuple(float(key in chosen) for key in KEYS)
        return cls(prompt, response, labels, (1.0,) * len(KEYS))

    @classmethod
    def one(cls, prompt: str, response: str | None, category: str) -> "Example":
        """One category known to apply, nothing known of the others."""
        known = tuple(float(key == category) for key in KEYS)
        return cls(prompt, response, known, known)

    @classmethod
    def binary(cls, prompt: str, response: str | None) -> "Example":
        """Known to be unsafe, in a category that nobody wrote down."""
        zeros = (0.0,) * len(KEYS)
        return cls(prompt, response, zeros, zeros, unsafe=1.0)

    @property
    def is_safe(self) -> bool:
        """No category is known to apply and the row is not unsafe as a whole."""
        return not any(self.labels) and self.unsafe != 1.0


def read_jsonl(path: Path) -> Iterator[dict[str, Any]]:
    """Rows of a JSON Lines file; a broken line raises ValueError that names file and line."""
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                try:
                    yield json.loads(line)
                except json.JSONDecodeError as error:
                    raise ValueError(f"{path}:{number} is not JSON: {error}") from error


def split_by_prompt(
    examples: Sequence[Example], share: float, seed: int
) -> tuple[list[Example], list[Example]]:
    """(rest, held out): a prompt and all its rows go to one side. ``share`` of prompts is held out."""
    prompts = sorted({example.prompt for example in examples})
    random.Random(seed).shuffle(prompts)
    held = set(prompts[: round(share * len(prompts))])
    rest = [example for example in examples if example.prompt not in held]
    return rest, [example for example in examples if example.prompt in held]


def pairs(data: Path) -> list[Example]:
    """BeaverTails prompt-response pairs: all 14 labels of each pair are known."""
    rows = read_jsonl(data / "train" / "beavertails_pairs.jsonl")
    return [Example.full(row["prompt"], row["response"], row["categories"]) for row in rows]


def without_response(examples: Iterable[Example]) -> list[Example]:
    """Response dropout: the prompt alone, labelled with the union over its answers.

    A prompt that only has safe answers is left out: a safe answer says nothing about the prompt.
    """
    union: dict[str, set[str]] = defaultdict(set)
    for example in examples:
        union[example.prompt] |= {k for k, on in zip(KEYS, example.labels, strict=True) if on}
    return [Example.full(prompt, None, keys) for prompt, keys in union.items() if keys]


def prompts(data: Path) -> list[Example]:
    """Prompts with a binary label, or harmful with one known category of another taxonomy."""
    examples = []
    for row in read_jsonl(data / "train" / "prompts_binary.jsonl"):
        make = Example.full(row["prompt"], None, ()) if row["is_safe"] else None
        examples.append(make or Example.binary(row["prompt"], None))
    for row in read_jsonl(data / "train" / "prompts_harmful_categorised.jsonl"):
        if row["category"] in taxonomies.DROPPED:
            continue
        known = taxonomies.KNOWN.get(row["category"])
        harmful = (
            Example.one(row["prompt"], None, known)
            if known
            else Example.binary(row["prompt"], None)
        )
        examples.append(replace(harmful, noisy=row["source"] != "catqa"))
    return examples


def benign(data: Path) -> list[Example]:
    """Harmless instructions, each alone and, where there is an answer, also with it."""
    examples = []
    for row in read_jsonl(data / "train" / "benign.jsonl"):
        examples.append(Example.full(row["prompt"], None, ()))
        if row["response"]:
            examples.append(Example.full(row["prompt"], row["response"], ()))
    return examples


def answers(data: Path) -> list[Example]:
    """Do-Not-Answer: real answers to risky questions, most of them safe."""
    rows = read_jsonl(data / "train" / "donotanswer_pairs.jsonl")
    return [
        Example.binary(row["prompt"], row["response"])
        if row["response_harmful"]
        else Example.full(row["prompt"], row["response"], ())
        for row in rows
    ]


def contrasts(count: int, seed: int) -> list[Example]:
    """Twins that differ in what makes the difference (`lance_graph.detector.contrasts`)."""
    return [
        Example.full(str(row["prompt"]), None, row["categories"])  # type: ignore[arg-type]
        for row in generate_contrasts(count, seed)
    ]


def crossed(
    unsafe: Sequence[Example], safe: Sequence[Example], rng: random.Random
) -> list[Example]:
    """Pairs whose halves come from two rows, so that neither half alone decides.

    A harmful answer stays harmful under a harmless prompt; a harmless answer to something else
    makes a harmful prompt's pair safe.
    """
    rows = []
    for bad, good in zip(unsafe, safe, strict=False):
        if bad.response and good.response and rng.random() < 0.5:
            rows.append(replace(bad, prompt=good.prompt))
        elif good.response:
            rows.append(replace(good, prompt=bad.prompt))
    return rows


def repaired(harmful: Sequence[Example], rng: random.Random) -> list[Example]:
    """What the offline refiner makes of harmful prompts, as safe rows, each with an unsafe twin.

    The twin is another harmful prompt with the same constructive request before or after it: a
    careful frame around harm does not make it safe.
    """
    rows = []
    for bad, other in zip(harmful, rng.sample(list(harmful), len(harmful)), strict=True):
        request = refine(bad.prompt, [_clause_of(bad, rng)], attempt=rng.choice((0, 0, 1)))
        rows.append(Example.full(request, None, ()))
        halves = [other.prompt, request]
        rng.shuffle(halves)
        rows.append(replace(other, prompt=" ".join(halves)))
    return rows


def _clause_of(bad: Example, rng: random.Random) -> Clause:
    """A gradient's clause for one of the row's categories; any of the 14 where none is known."""
    keys = [key for key, on in zip(KEYS, bad.labels, strict=True) if on]
    return Clause(category=rng.choice(keys or KEYS), intensity=0.8, effort="severe", words=[])


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


def pair_examples(
    data: Path, *, train_pairs: Sequence[Example], contrast_count: int, seed: int
) -> list[Example]:
    """The mix of the second stage: pairs first, and enough prompts alone not to forget them."""
    rng = random.Random(seed)
    alone, harmless, replies = prompts(data), benign(data), answers(data)
    answered = [row for row in harmless if row.response]
    unsafe_pairs = [row for row in train_pairs if not row.is_safe]
    judged = [row for row in alone if not row.noisy]
    harmful = [row for row in judged if not row.is_safe and len(row.prompt) < 400]
    mix = [
        *train_pairs,
        *(row for row in train_pairs if row.is_safe),  # twice: three of four pairs are unsafe
        *answered,
        *rng.sample(replies, min(3500, len(replies))),
        *crossed(rng.sample(unsafe_pairs, min(len(answered), len(unsafe_pairs))), answered, rng),
        *guided(rng.sample(harmful, min(1500, len(harmful))), rng),
        *repaired(rng.sample(harmful, min(750, len(harmful))), rng),
        *rng.sample(judged, min(3000, len(judged))),
        *rng.sample(harmless, min(2000, len(harmless))),
        *contrasts(contrast_count, seed + 1),
    ]
    rng.shuffle(mix)
    return mix


def training_examples(
    data: Path,
    *,
    train_pairs: Sequence[Example],
    contrast_count: int,
    seed: int,
) -> list[Example]:
    """The whole mix, shuffled; ``train_pairs`` is the training side of a split by prompt."""
    rng = random.Random(seed)

    def sample(rows: Iterable[Example], count: int) -> list[Example]:
        kept = list(rows)
        return rng.sample(kept, min(count, len(kept)))

    alone, harmless, replies = prompts(data), benign(data), answers(data)
    answered = [row for row in harmless if row.response]
    judged = [row for row in alone if not row.noisy]
    noisy = [row for row in alone if row.noisy]
    unsafe_pairs = [row for row in train_pairs if not row.is_safe]
    harmful = [row for row in [*judged, *without_response(train_pairs)] if not row.is_safe]
    mix = [
        *train_pairs,
        *sample(without_response(train_pairs), 2000),
        *judged,
        *(row for row in judged if row.is_safe),  # twice: real, hard, and rare
        *sample(noisy, 6000),
        *sample((row for row in harmless if not row.response), 8000),
        *answered,
        *(row for row in replies if not row.is_safe),
        *sample((row for row in replies if row.is_safe), 2000),
        *crossed(sample(unsafe_pairs, 1500), sample(answered, 1500), rng),
        *contrasts(contrast_count, seed),
        *repaired(sample((row for row in harmful if len(row.prompt) < 400), 2000), rng),
        *guided(sample(harmful, 1000), rng),
    ]
    rng.shuffle(mix)
    return mix
