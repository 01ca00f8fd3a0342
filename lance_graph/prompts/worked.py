"""The worked rewrites that a refiner is shown: from the prompt file `EXAMPLES` to what they are of."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from lance_graph.categories import CATEGORIES

EXAMPLES = "examples/rewrites"
_KEYS = {category.slug: category.key for category in CATEGORIES}
_HEADING = re.compile(r"^##", re.MULTILINE)
_EXAMPLE = re.compile(
    r"^## (\w+), (mild|severe)\n+carried by: (.+)\nrequest: (.+)\n((?:\d\. .+(?:\n|\Z))+)",
    re.MULTILINE,
)
_FORM = (
    "each is '## SLUG, severe' (or mild), an empty line, 'carried by: WORDS', 'request: TEXT', then "
    "'1. TEXT' and so on up to 9, a line each"
)


@dataclass(frozen=True)
class Example:
    """A worked answer: of which category and effort, the words that carried the hazard, before and after."""

    category: str
    effort: Literal["mild", "severe"]
    words: str
    request: str
    rewrites: str


@lru_cache(maxsize=16)
def examples(text: str) -> tuple[Example, ...]:
    """The worked rewrites in a file, none in one without headings; ValueError for a broken one."""
    found, headings = _EXAMPLE.findall(text), len(_HEADING.findall(text))
    if len(found) != headings:
        raise ValueError(f"of {headings} examples {len(found)} can be read; {_FORM}")
    _, *after = _HEADING.split(text, maxsplit=1)
    unread = [line for rest in after for line in _EXAMPLE.sub("", f"##{rest}").splitlines()]
    if lines := sum(bool(line.strip()) for line in unread):
        raise ValueError(f"lines that are part of no example: {lines}; {_FORM}")
    for slug, *_ in found:
        if slug not in _KEYS:
            raise ValueError(f"an example is of {slug!r}; categories are {', '.join(_KEYS)}")
    return tuple(
        Example(
            _KEYS[slug], "severe" if effort == "severe" else "mild", words, request, said.strip()
        )
        for slug, effort, words, request, said in found
    )
