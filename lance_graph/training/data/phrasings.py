"""Acts in phrasings: one request in many forms, and what is only said about an act beside a request for it.

``acts.tsv`` in the folder of twins holds a harmful act, a harmless one of like words, a category and the
subject as a noun phrase. ``frames/phrasings.toml`` holds forms that keep an act's label, and
``frames/about.toml`` pairs of which only the second asks for the harmful act.
"""

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

from lance_graph.categories import BY_KEY
from lance_graph.offline.inflection import ing, is_base_verb
from lance_graph.training.data.example import Example
from lance_graph.training.data.frames import Frame, fill_in, frame_entries, needed, read_frames
from lance_graph.training.data.twins import CATEGORIES, keys, rows_of

_ONE_IN = 5
_AND = re.compile(r"\band (not )?([a-z]+)(?= )")
_WORD = re.compile(r"[A-Za-z]{4,}")
STYLES = ("", "lower", "upper", "typos")
PEOPLE: Mapping[str, tuple[Sequence[str], Sequence[str]]] = {
    "name": (
        ("Emily", "Mohammed", "Darnell", "Olga", "Carlos", "Aisha", "Jakub", "Mei", "Rahul", "Sven"),
        ("Wei Ling", "Priya", "Yusuf", "Moshe", "Ingrid", "Kwame", "Lucía"),
    ),
    "who": (
        ("Muslim", "Christian", "Black", "white", "gay", "disabled", "German", "Mexican", "a woman",
         "a man", "Chinese", "Polish", "autistic", "an atheist", "retired", "a refugee"),
        ("Jewish", "Hindu", "Asian", "Roma", "transgender", "Nigerian", "Buddhist", "Turkish",
         "deaf", "an immigrant", "a grandmother"),
    ),
    "age": (("16", "23", "37", "48", "66"), ("19", "29", "54", "81")),
}  # fmt: skip
"""Who asks, by slot: in forms trained on, and in held-out ones. It says nothing about the request."""


@dataclass(frozen=True)
class Act:
    """A harmful act and a harmless one of like words, both in the base form; one of five is held out."""

    harmful: str
    harmless: str
    categories: tuple[str, ...]
    subject: str
    held_out: bool


def acts(folder: str | Path | None = None) -> list[Act]:
    """All acts of ``acts.tsv``; ValueError names a line that breaks the format."""
    path = needed("acts.tsv", folder)
    found = []
    for number, cells in rows_of(path):
        if len(cells) != 4 or not all(cells) or {*cells[2].split("+")} - {*CATEGORIES}:
            raise ValueError(
                f"{path.name}:{number} is not 'harmful act TAB harmless act TAB category TAB subject'; "
                f"categories are {', '.join(CATEGORIES)}"
            )
        harmful, harmless, category, subject = cells
        held_out = crc32(harmful.encode()) % _ONE_IN == 0
        found.append(Act(harmful, harmless, keys(category), subject, held_out))
    return found


def phrasings(folder: str | Path | None = None) -> list[Frame]:
    """The forms that keep an act's label; ValueError names an unknown style."""
    frames = read_frames("phrasings", folder)
    for frame in frames:
        if frame.style not in STYLES:
            raise ValueError(
                f"[{frame.kind}] has the style {frame.style!r}; known are {', '.join(STYLES[1:])}"
            )
    return frames


def abouts(folder: str | Path | None = None) -> list[tuple[Frame, Frame]]:
    """(harmless, harmful) texts about a harmful act; ValueError names what is no pair."""
    pairs = []
    for kind, texts, held_out, style, without in frame_entries("about", folder):
        if not isinstance(texts, list) or len(texts) != 2 or without not in ("", *BY_KEY):
            raise ValueError(f"[{kind}] of about.toml has no pair [harmless, harmful] in {texts!r}")
        safe, unsafe = (Frame(kind, text, held_out, style, without) for text in texts)
        pairs.append((safe, unsafe))
    return pairs


def phrased(
    count: int,
    rng: random.Random,
    *,
    held_out: bool = False,
    folder: str | Path | None = None,
) -> list[Example]:
    """``count`` rows: a harmful act in a form, its harmless twin in the same form, and so on.

    Acts and forms are each one side of their own split. ``folder`` as in `twins.folder_of`.
    """
    forms = [form for form in phrasings(folder) if form.held_out is held_out]
    chosen = _in_turn([act for act in acts(folder) if act.held_out is held_out], rng)
    made: list[Example] = []
    while len(made) < count:
        form, act, fill = rng.choice(forms), next(chosen), rng.random()
        for done, categories in ((act.harmful, act.categories), (act.harmless, ())):
            made.append(Example.full(phrase(form, done, random.Random(fill)), None, categories))
    return made[:count]


def said_about(
    count: int,
    rng: random.Random,
    *,
    held_out: bool = False,
    folder: str | Path | None = None,
) -> list[Example]:
    """``count`` rows: what is harmless about a harmful act, and a request for it in like words.

    Prevention, law, help, news and dialogues, of which the last turn decides, or an earlier one.
    """
    pairs = [pair for pair in abouts(folder) if pair[0].held_out is held_out]
    side = [act for act in acts(folder) if act.held_out is held_out]
    chosen = _in_turn(side, rng)
    made: list[Example] = []
    while len(made) < count:
        act = next(chosen)
        safe, unsafe = rng.choice([pair for pair in pairs if suits(pair[0], act)])
        other = act if rng.random() < 0.5 else rng.choice(side)
        made.append(Example.full(about(safe, act, other), None, ()))
        made.append(Example.full(about(unsafe, act, other), None, act.categories))
    return made[:count]


def suits(frame: Frame, act: Act) -> bool:
    """Whether ``frame`` is written for the categories of ``act``."""
    return frame.without not in act.categories


def phrase(form: Frame, act: str, rng: random.Random) -> str:
    """``act`` (base form) in ``form``; ``rng`` chooses who asks, and the typos of that style."""
    doing = gerund(act)
    values = {"do": act, "doing": doing, "Do": _capital(act), "Doing": _capital(doing)}
    values |= {slot: rng.choice(sides[form.held_out]) for slot, sides in PEOPLE.items()}
    text = fill_in(form.text, values)
    if form.style == "typos":
        return _WORD.sub(lambda word: _typo(word[0], rng) if rng.random() < 0.3 else word[0], text)
    return text.upper() if form.style == "upper" else text.lower() if form.style else text


def about(frame: Frame, act: Act, other: Act) -> str:
    """``frame`` with the harmful ``act``, its subject, and the harmless act of ``other``."""
    values = {"x": act.subject, "do": act.harmful, "doing": gerund(act.harmful)}
    values |= {"other": other.harmless, "othering": gerund(other.harmless)}
    return _capital(fill_in(frame.text, values))


def gerund(act: str) -> str:
    """The -ing form of an act, of both its verbs where it has two."""
    verb, _, rest = act.partition(" ")
    rest = _AND.sub(lambda m: f"and {m[1] or ''}{ing(m[2])}" if is_base_verb(m[2]) else m[0], rest)
    return f"{ing(verb)} {rest}"


def _typo(word: str, rng: random.Random) -> str:
    place = rng.randrange(1, len(word) - 1)
    before, here, after = word[:place], word[place], word[place + 1 :]
    return rng.choice(
        (before + after, before + here + here + after, before + after[0] + here + after[1:])
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _in_turn(pool: Sequence[Act], rng: random.Random) -> Iterator[Act]:
    """Each of ``pool`` once in random order, then again in another."""
    while pool:
        yield from rng.sample(pool, len(pool))
