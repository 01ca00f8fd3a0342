"""The multi-way textual gradient (METHOD eq. 2). Pure functions.

Each hazardous category is one direction; its degree is the step size. A gradient is a list of
clauses, strongest first; rendered, it is the part g_t of the refiner's prompt.
"""

from collections.abc import Iterable, Mapping, Sequence

from typing_extensions import TypedDict

from lance_graph.categories import BY_KEY, KNOWN, Category
from lance_graph.prompts import render
from lance_graph.routing import Effort, Risk

MAX_WORDS = 8
MAX_QUOTE = 60
MAX_CHARACTERS = 2_000


class Clause(TypedDict):
    """One direction: what is hazardous, how much, how far to go, and the words that carry it."""

    category: str
    intensity: float
    effort: Effort
    words: list[str]


def build_gradient(
    risk: Risk, efforts: Mapping[str, Effort], words: Mapping[str, Sequence[str]]
) -> list[Clause]:
    """One clause for each category in J, in the order of ``efforts`` (strongest first)."""
    return [
        Clause(
            category=key,
            intensity=round(risk[key], 4),
            effort=chosen,
            words=[_short(word) for word in list(words.get(key, ()))[:MAX_WORDS]],
        )
        for key, chosen in efforts.items()
    ]


def render_gradient(
    clauses: Iterable[Clause],
    overrides: Mapping[str, str] | None = None,
    limit: int = MAX_CHARACTERS,
    categories: Mapping[str, Category] = KNOWN,
) -> str:
    """g_t as text of at most ``limit`` characters; clauses that do not fit are counted, not cut.

    ``categories`` says by key what the categories mean.
    """
    every = [_render_clause(clause, overrides, categories) for clause in clauses]
    lines = _within(limit, every)
    if left_out := len(every) - len(lines):
        lines.append(f"- ({left_out} weaker categories left out)")
    return "\n".join(lines)


def render_found(
    clauses: Iterable[Clause],
    categories: Mapping[str, Category] = KNOWN,
    limit: int = MAX_CHARACTERS,
) -> str:
    """What was found, as a line for each category: its name, its degree, what it covers.

    At most ``limit`` characters; of clauses that do not fit there is none, but for the first.
    """
    named = (
        (categories.get(clause["category"]) or Category(clause["category"]), clause["intensity"])
        for clause in clauses
    )
    lines = [f"- {one.title} ({intensity:.2f}): {one.meaning}" for one, intensity in named]
    return "\n".join(_within(limit, lines))


def keep_words_of(text: str, clauses: Iterable[Clause]) -> list[Clause]:
    """The clauses with only those words that stand in ``text``: nothing else gets into a trace."""
    known = " ".join(text.split()).casefold()
    return [
        Clause(
            category=clause["category"],
            intensity=clause["intensity"],
            effort=clause["effort"],
            words=[word for word in clause["words"] if word.casefold() in known],
        )
        for clause in clauses
    ]


def _within(limit: int, lines: Iterable[str]) -> list[str]:
    """Those of ``lines`` that fit into ``limit`` characters together; the first whatever its length."""
    kept: list[str] = []
    for line in lines:
        if not kept or sum(map(len, kept)) + len(kept) + len(line) <= limit:
            kept.append(line)
    return kept


def _short(words: str) -> str:
    """One line of at most 60 characters: a gradient quotes the prompt, it does not carry it."""
    return " ".join(words.split())[:MAX_QUOTE]


def _render_clause(
    clause: Clause, overrides: Mapping[str, str] | None, categories: Mapping[str, Category]
) -> str:
    key = clause["category"]
    told = {
        "intensity": f"{clause['intensity']:.2f}",
        "effort": clause["effort"],
        "words": ", ".join(f"“{word}”" for word in clause["words"]) or "the request as a whole",
    }
    if key in BY_KEY:
        return render("gradient_clause", overrides, category=BY_KEY[key].title, **told)
    own = categories.get(key) or Category(key)
    repair = own.repair or render("gradient_repair", overrides)
    meaning = own.meaning
    return render(
        "gradient_clause_own", overrides, category=own.title, meaning=meaning, repair=repair, **told
    )
