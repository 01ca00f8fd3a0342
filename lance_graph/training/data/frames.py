"""What may stand around a request: one phrase on harmful and harmless prompts alike, so that it says nothing.

The phrases are those of ``frames/around.toml`` in the folder of twins, and every frame of the offline
refiner, read from its own files: a detector that takes one of them for innocence can be pleased with it.
"""

import random
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from string import whitespace
from typing import Any
from zlib import crc32

from lance_graph.categories import CATEGORIES
from lance_graph.offline.frames import default_topic
from lance_graph.offline.lexicon import slug_of_topic, table, words
from lance_graph.training.data.example import Example, unsafe_and_safe
from lance_graph.training.data.twins import folder_of

REFINER = "refiner"
"""The kind of the frames that are the offline refiner's own."""

_REFINER_SHARE = 0.3
_TWICE = 0.15
_END = f"{whitespace}.?!"
_SLOT = re.compile(r"\{([\w.]+)\}")
_ASKS = re.compile(
    r"(?:how|what|why|who|whom|which|where|when|is|are|can|could|do|does|did|should)\b", re.I
)
_SOUNDS = (*"bcdfghklmnpqrtvwxz", "bl", "fr", "gn", "kr", "pl", "sk", "zz")
_VOWELS = (*"aeiouy", "oo", "", "")
_ORDERS = "explain describe create list provide teach suggest outline draft"
_SMALL = (words("text_common") - {"i"}) | {*_ORDERS.split()}
_FILLINGS: Mapping[str, Sequence[str]] = {
    "g": ("stealing from people", "lying to friends", "hurting others", "forging documents",
          "selling drugs", "spreading rumours", "breaking into houses", "stalking a neighbour"),
    "g.animal_abuse": ("beating a dog", "starving horses", "poisoning pigeons"),
    "g.child_abuse": ("beating a child", "neglecting children"),
    "g.hate_speech": ("insulting people", "mocking someone's accent"),
    "p.self_harm": ("I feel low", "I cannot sleep"),
    "P.self_harm": ("I feel low", "I cannot sleep"),
    "v.animal_abuse": ("a dog", "a cat", "a horse"),
    "v": ("a child",),
    "text": ("a short article", "a story", "a blog post"),
    "grp": ("women", "migrants", "people of other faiths", "older people"),
    "s": ("That is just how things are.", "They are all the same.", "Nobody will mind."),
    "d": ("a home address", "a password", "a phone number"),
    "p": ("a public figure", "a neighbour"),
    "m": ("the pills", "sharp things"),
    "whom": ("a friend", "my brother"),
    "about": ("", " when it comes to money"),
}  # fmt: skip
"""What stands in a slot of the refiner's frames (of one file alone, where that is named)."""


@dataclass(frozen=True)
class Frame:
    """One frame: its ``text`` has slots; ``held_out`` ones are kept from training.

    ``style`` changes the whole text, ``without`` is a category that the frame does not suit.
    """

    kind: str
    text: str
    held_out: bool = False
    style: str = ""
    without: str = ""


def framed(
    rows: Sequence[Example],
    count: int,
    rng: random.Random,
    *,
    held_out: bool = False,
    folder: str | Path | None = None,
) -> list[Example]:
    """``count`` prompts of ``rows``, each frame on an unsafe and then on a safe one; some have two frames.

    Only rows without a response, and with a known binary label, are taken; labels stay. ``held_out``
    takes the frames that training never sees. ``folder`` as in `twins.folder_of`. ValueError if
    ``rows`` lack a class.
    """
    alone = [row for row in rows if row.response is None and row.unsafe in (0.0, 1.0)]
    unsafe, safe = unsafe_and_safe(alone)
    if count and not (unsafe and safe):
        raise ValueError(
            f"a frame stands on prompts of both classes, and there are {len(unsafe)} unsafe and "
            f"{len(safe)} safe ones without a response: give rows of the other class too"
        )
    written, refiners = (
        [frame for frame in pool if frame.held_out is held_out]
        for pool in (around(folder), refiner_frames())
    )
    made: list[Example] = []
    while len(made) < count:
        chosen = [
            rng.choice(refiners if rng.random() < _REFINER_SHARE else written)
            for _ in range(2 if rng.random() < _TWICE else 1)
        ]
        fill = rng.random()  # the same words in the frames' slots for both
        for pool in (unsafe, safe):
            row = rng.choice(pool)
            text, same = row.prompt, random.Random(fill)
            for frame in chosen:
                text = put(frame, text, same)
            made.append(replace(row, prompt=text))
    return made[:count]


def put(frame: Frame, prompt: str, rng: random.Random) -> str:
    """``prompt`` in ``frame``; ``rng`` chooses what stands in the slots of a refiner's frame.

    The slots ``p`` and ``c`` are the prompt with and without its end mark, ``l`` and ``lc`` the same
    with a small first letter, unless that is a name's; ``noise`` is some made-up words.
    """
    text = prompt.strip()
    clause = text.rstrip(_END) or text
    whole = text if re.search(r"[^\w\s,]$", text) else text + ("?" if _ASKS.match(text) else ".")
    first = re.match(r"[A-Z][a-z]*\b(?!')", text)
    small = first is not None and first[0].lower() in _SMALL
    values = {"p": whole, "c": clause, "l": whole, "lc": clause}
    if small:
        values |= {slot: values[slot][0].lower() + values[slot][1:] for slot in ("l", "lc")}
    values["noise"] = _noise(rng)
    for slot in sorted({*_SLOT.findall(frame.text)}):
        if (name := slot.removeprefix(f"{REFINER}.")) != slot:
            values[slot] = rng.choice(_fillings(name))
    return fill_in(frame.text, values)


def _noise(rng: random.Random) -> str:
    """Two to five words that are none: "blorp zuq qfgh"."""
    return " ".join(
        "".join(rng.choice(_SOUNDS) + rng.choice(_VOWELS) for _ in range(rng.randint(1, 3)))
        + rng.choice(_SOUNDS)
        for _ in range(rng.randint(2, 5))
    )


def fill_in(text: str, values: Mapping[str, str]) -> str:
    """``text`` with its slots filled, once: braces in a value stay, and so do other braces."""
    return _SLOT.sub(lambda slot: values.get(slot[1], slot[0]), text)


def around(folder: str | Path | None = None) -> list[Frame]:
    """The written frames; ``folder`` as in `twins.folder_of`."""
    return read_frames("around", folder)


@cache
def refiner_frames() -> tuple[Frame, ...]:
    """Every sentence of the offline refiner's frame files, before or after a prompt; half held out."""
    found = {
        sentence.strip(): file.name.removesuffix(".toml")
        for file in files("lance_graph.offline").joinpath("frames").iterdir()
        if file.name.endswith(".toml")
        for sentences in tomllib.loads(file.read_text(encoding="utf-8")).values()
        if isinstance(sentences, list)
        for sentence in sentences
    }
    return tuple(_refiners(text, slug) for text, slug in sorted(found.items()))


def _refiners(text: str, slug: str) -> Frame:
    """A slot ``x`` of the refiner becomes ``refiner.x.SLUG``: what is put there fits its category."""
    number = crc32(text.encode())
    own = _SLOT.sub(rf"{{{REFINER}.\1.{slug}}}", text)
    joint = "\n\n" if number % 7 == 0 else " "
    parts = ["{p}", own] if number % 3 else [own, "{p}"]
    return Frame(REFINER, joint.join(parts), held_out=number // 21 % 2 == 0)


@cache
def _fillings(slot: str) -> Sequence[str]:
    """What stands in a slot of a refiner's frame, "x.SLUG": its subjects, or like words."""
    name, _, slug = slot.partition(".")
    if words_for := _FILLINGS.get(slot, _FILLINGS.get(name)):
        return words_for
    own = [category.slug for category in CATEGORIES if slug in ("common", category.slug)]
    listed = [label for label, _ in table("topics") if slug in ("common", slug_of_topic(label))]
    return sorted({*listed, *(default_topic(each) for each in own)})


def read_frames(name: str, folder: str | Path | None = None) -> list[Frame]:
    """The frames of ``frames/NAME.toml``; ValueError names a kind that breaks the format."""
    return [Frame(*entry) for entry in frame_entries(name, folder)]


def frame_entries(
    name: str, folder: str | Path | None = None
) -> list[tuple[str, Any, bool, str, str]]:
    """(kind, frame, held_out, style, without) of every frame of ``frames/NAME.toml``, as written.

    FileNotFoundError says which file a folder of twins lacks.
    """
    path = needed(f"frames/{name}.toml", folder)
    entries = []
    for kind, given in tomllib.loads(path.read_text(encoding="utf-8")).items():
        unknown = {*given} - {"train", "held_out", "style", "without"}
        if unknown or not any(given.get(side) for side in ("train", "held_out")):
            raise ValueError(
                f"{path.name}: [{kind}] needs a list 'train' or 'held_out' and may have 'style' and "
                f"'without', nothing else; it has {', '.join(sorted(given)) or 'nothing'}"
            )
        about = given.get("style", ""), given.get("without", "")
        for side in ("train", "held_out"):
            entries += [(kind, text, side == "held_out", *about) for text in given.get(side, [])]
    return entries


def needed(name: str, folder: str | Path | None = None) -> Path:
    """The file ``name`` of a folder of twins; FileNotFoundError says what to do without it."""
    path = folder_of(folder) / name
    if not path.is_file():
        raise FileNotFoundError(
            f"'{folder_of(folder)}' has no {name}: take it from the repository's folder 'contrasts'; "
            "mix: {framed: 0, phrased: 0, said_about: 0} does without it"
        )
    return path
